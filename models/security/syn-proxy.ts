import { changedPacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { connectionScope } from './context-item.ts';
import { isInward, vmEnds } from './engine-chain.ts';
import { pass, type ItemBehaviour } from './item-engine.ts';
import type { Passage } from './nse.ts';

export interface SynProxySettings {
  /** Of this engine's host: makes its first numbers differ from those of others. */
  readonly secret: number;
  /** A segment of a connection without an offset goes on as it is, is dropped, or becomes a reset. */
  readonly unknown: 'pass' | 'drop' | 'reset';
  readonly lifetimeNs: number;
}

/** What is added to the sequence numbers that the VM sends. */
type Offset = { readonly offset: number };

/**
 * A SYN proxy, for connections that are opened to the VM: it has answered with a first sequence number of its own,
 * so that from then on every number is off by the same amount (Linux, nf_conntrack_seqadj.c). The handshake itself
 * is not held back: the engine shows what a lost offset does, not how a flood is survived.
 */
export function synProxy(settings: SynProxySettings): ItemBehaviour<Offset> {
  const keyOf = (packet: Packet, passage: Passage): string =>
    connectionScope(packet.protocol, vmEnds(packet, passage));
  return {
    kind: 'syn-proxy',
    losses: { accepted: 'missing-offset', dropped: 'missing-offset' },
    decide(table, vm, packet, passage, nowNs) {
      if (packet.protocol !== Protocol.tcp) return pass(packet, 'untracked');
      const inward = isInward(passage);
      const key = keyOf(packet, passage);
      const known = table.find(vm.name, key, nowNs)?.fields ?? null;
      const { lifetimeNs } = settings;
      if (inward && isSyn(packet)) {
        const fields = known ?? { offset: firstNumber(settings.secret, packet) };
        return { ...pass(packet, 'new'), changes: [{ key, fields, lifetimeNs }] };
      }
      if (known !== null) {
        const shifted = inward ? towardsVm(packet, known.offset) : fromVm(packet, known.offset);
        return { ...pass(shifted, 'established'), changes: [{ key, fields: known, lifetimeNs }] };
      }
      // What the VM opens goes around the proxy: an offset of 0 tells such connections from lost ones.
      if (!inward && isSyn(packet)) {
        return { ...pass(packet, 'new'), changes: [{ key, fields: { offset: 0 }, lifetimeNs }] };
      }
      const isReset = (packet.tcpFlags & TcpFlag.rst) !== 0;
      if (settings.unknown === 'drop') return { ...pass(packet, 'invalid'), drop: 'invalid' };
      return pass(settings.unknown === 'reset' && inward && !isReset ? resetOf(packet) : packet, 'invalid');
    },
    initial: () => [],
    keysFor: (packet, passage) => [keyOf(packet, passage)],
    scope: (key) => key,
    partial: () => null,
    grade: () => 1,
    extraBytes: () => 0,
    secondName: () => null,
  };
}

function isSyn({ tcpFlags }: Packet): boolean {
  return (tcpFlags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
}

/** Never 0, so that an offset always shifts (Knuth's multiplicative hash of the secret and the ends). */
function firstNumber(secret: number, packet: Packet): number {
  const ends = packet.source.w3 ^ Math.imul(packet.sourcePort + 1, 0x85ebca6b) ^ packet.destinationPort;
  return (Math.imul(ends ^ secret, 0x9e3779b1) | 1) >>> 0;
}

function fromVm(packet: Packet, offset: number): Packet {
  return changedPacket(packet, { sequence: (packet.sequence + offset) >>> 0 });
}

function towardsVm(packet: Packet, offset: number): Packet {
  const back = (edge: number): number => (edge - offset) >>> 0;
  const acknowledges = (packet.tcpFlags & TcpFlag.ack) !== 0;
  return changedPacket(packet, {
    acknowledgement: acknowledges ? back(packet.acknowledgement) : packet.acknowledgement,
    sackBlocks: packet.sackBlocks?.map(back) ?? null,
  });
}

/** To the VM, in its window, since the peer's numbers are not shifted. The books weigh it as the packet that it was. */
function resetOf(packet: Packet): Packet {
  return changedPacket(packet, { tcpFlags: TcpFlag.rst });
}
