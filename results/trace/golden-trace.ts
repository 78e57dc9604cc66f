import type { Packet } from '../../models/network/packet.ts';
import type { ReplayPacket } from '../replay.ts';
import { goldenAddress, goldenPacket } from '../validation/golden-packet.ts';
import type { GoldenSequence, GoldenStep } from '../validation/golden-sequence.ts';

export interface GoldenTrace {
  readonly packets: readonly ReplayPacket[];
  /** Steps that are no packets of their own: commands, fragments, and answers to what a translation made. */
  readonly skipped: number;
}

/**
 * The packets of a recorded sequence, as its client (interface c0) and server (s0) sent them. A step that
 * depends on what the recorded firewall did with another one is left out: `nseh validate` plays those.
 */
export function goldenTrace(sequence: GoldenSequence): GoldenTrace {
  const sent = new Map<number, Packet>();
  const packets: ReplayPacket[] = [];
  sequence.packets.forEach((step, index) => {
    const packet = packetOf(step, sent);
    if (packet === null) return;
    sent.set(index, packet);
    const fromClient = step.dir === 'c2s';
    const passage = { inInterface: fromClient ? 'c0' : 's0', outInterface: fromClient ? 's0' : 'c0' };
    packets.push({ timeNs: step.t_ms * 1e6, record: index + 1, passage, packet });
  });
  return { packets, skipped: sequence.packets.length - packets.length };
}

function packetOf(step: GoldenStep, sent: ReadonlyMap<number, Packet>): Packet | null {
  const { src, dst } = step;
  if (step.op !== undefined || step.frag !== undefined || step.reply !== undefined) return null;
  const quoted = step.inner === undefined ? null : (sent.get(step.inner) ?? null);
  if (typeof src !== 'string' || (step.inner !== undefined && quoted === null)) return null;
  const source = goldenAddress(src);
  const destination = typeof dst === 'string' ? goldenAddress(dst) : quoted?.source;
  if (destination === undefined) return null;
  const tuple = {
    ...{ source, destination },
    sourcePort: step.sport ?? 0,
    destinationPort: step.dport ?? 0,
    icmpId: step.id ?? 0,
  };
  return goldenPacket(step, tuple, quoted);
}
