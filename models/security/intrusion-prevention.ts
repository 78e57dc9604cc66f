import { formatAddress } from '../network/address.ts';
import { Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { connectionScope } from './context-item.ts';
import { isInward, vmEnds } from './engine-chain.ts';
import { pass, type Decision, type ItemBehaviour, type ItemChange } from './item-engine.ts';
import type { KeyedTable } from './keyed-table.ts';
import type { Passage } from './nse.ts';
import type { Subject } from './security-engine.ts';

export interface IntrusionPreventionSettings {
  /** So many attempts to open a connection by one other end within the window are let through; then it is blocked. */
  readonly attemptsMax: number;
  readonly windowNs: number;
  readonly blockNs: number;
  /** A connection that was not seen from its start: its segments are dropped, or pass without inspection. */
  readonly midstream: 'drop' | 'pass';
  readonly flowNs: number;
}

/**
 * Of a flow: whether its handshake was seen, up to where its stream was put together towards the VM, and how much
 * lies there still to be looked at. Of another end: attempts since `fromNs`, and until when it is blocked.
 */
type Inspected = {
  readonly seen: number;
  readonly next: number;
  readonly buffered: number;
  readonly attempts: number;
  readonly fromNs: number;
  readonly blockedToNs: number;
};

const nothing: Inspected = { seen: 0, next: 0, buffered: 0, attempts: 0, fromNs: 0, blockedToNs: 0 };

/** A segment may be so far from where the stream is: what is put together at most (Suricata, `reassembly.depth`, 1 MiB). */
const streamWindowBytes = 2 ** 20;
/** An engine looks at chunks of so many bytes of a stream at once (Suricata's `toserver-chunk-size`, 2560). */
const chunkBytes = 2_560;

/**
 * Inline intrusion prevention, after Suricata: flows with a reassembled stream towards the VM, into which a segment
 * must fit, and a count of attempts for each other end. A flow whose start it has not seen cannot be put together
 * (`stream.midstream` is off by default): it is dropped (the exception policy of 7.0), or passes without inspection.
 */
export function intrusionPrevention(settings: IntrusionPreventionSettings): ItemBehaviour<Inspected> {
  const { flowNs, windowNs, blockNs, attemptsMax } = settings;

  /** An attempt to open a connection: one more of this end's, the last of which begins its block. */
  function attempt(host: Inspected, packet: Packet, flow: string, nowNs: number): Decision<Inspected> {
    const again = nowNs - host.fromNs >= windowNs;
    const attempts = again ? 1 : host.attempts + 1;
    const blockedToNs = attempts >= attemptsMax ? nowNs + blockNs : 0;
    const count = { ...nothing, attempts, fromNs: again ? nowNs : host.fromNs, blockedToNs };
    const lifetimeNs = Math.max(windowNs, blockNs);
    const opened = { ...nothing, seen: 1, next: (packet.sequence + 1) >>> 0 };
    const changes: ItemChange<Inspected>[] = [
      { key: formatAddress(packet.source), fields: count, lifetimeNs },
      { key: flow, fields: opened, lifetimeNs: flowNs },
    ];
    return { ...pass(packet, 'new'), changes };
  }

  function decide(
    table: KeyedTable<Inspected>,
    vm: Subject,
    packet: Packet,
    passage: Passage,
    nowNs: number,
  ): Decision<Inspected> {
    const inward = isInward(passage);
    const host = table.find(vm.name, formatAddress(vmEnds(packet, passage).remote), nowNs)?.fields ?? nothing;
    if (inward && host.blockedToNs > nowNs) return { ...pass(packet, 'invalid'), drop: 'intrusion' };
    if (packet.protocol !== Protocol.tcp) return pass(packet, 'untracked');
    const key = connectionScope(packet.protocol, vmEnds(packet, passage));
    const flow = table.find(vm.name, key, nowNs)?.fields ?? null;
    const opens = (packet.tcpFlags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    if (inward && opens) return attempt(host, packet, key, nowNs);
    if (flow !== null && flow.seen === 1) return segment(flow, packet, key, inward, flowNs);
    if (!inward && opens) {
      return {
        ...pass(packet, 'new'),
        changes: [{ key, fields: { ...nothing, seen: 2 }, lifetimeNs: flowNs }],
      };
    }
    if (flow?.seen === 2) return answered(flow, packet, key, inward, flowNs);
    return settings.midstream === 'drop'
      ? { ...pass(packet, 'new'), drop: 'intrusion' }
      : pass(packet, 'untracked');
  }

  return {
    kind: 'intrusion-prevention',
    losses: { accepted: 'count-lost', dropped: 'missing-entry' },
    decide,
    initial: () => [],
    keysFor: (packet, passage) => [
      connectionScope(packet.protocol, vmEnds(packet, passage)),
      formatAddress(vmEnds(packet, passage).remote),
    ],
    scope: (key) => key,
    // Flows without their streams, which the engine then takes for seen in the middle; no counts.
    partial: (fields) => (fields.seen === 0 ? null : { ...nothing, seen: 3 }),
    grade: ({ seen }) => (seen === 3 ? 0 : 1),
    extraBytes: ({ buffered }) => buffered,
    secondName: () => null,
  };
}

function segment(
  flow: Inspected,
  packet: Packet,
  key: string,
  inward: boolean,
  flowNs: number,
): Decision<Inspected> {
  const ahead = (packet.sequence - flow.next) | 0;
  if (inward && Math.abs(ahead) > streamWindowBytes) return { ...pass(packet, 'invalid'), drop: 'intrusion' };
  const gained = inward ? Math.max(0, ahead + packet.payloadBytes) : 0;
  const fields = {
    ...flow,
    next: (flow.next + gained) >>> 0,
    buffered: (flow.buffered + gained) % chunkBytes,
  };
  return { ...pass(packet, 'established'), changes: [{ key, fields, lifetimeNs: flowNs }] };
}

/** The VM has opened the connection; the answer says where the stream towards it begins. */
function answered(
  flow: Inspected,
  packet: Packet,
  key: string,
  inward: boolean,
  flowNs: number,
): Decision<Inspected> {
  const begins = inward && (packet.tcpFlags & TcpFlag.syn) !== 0;
  const fields = begins ? { ...flow, seen: 1, next: (packet.sequence + 1) >>> 0 } : flow;
  return { ...pass(packet, 'established'), changes: [{ key, fields, lifetimeNs: flowNs }] };
}
