import { formatAddress, sameAddress, type Address } from '../network/address.ts';
import { changedPacket } from '../network/packet.ts';
import { isInward, vmEnds } from './engine-chain.ts';
import { pass, type ItemBehaviour } from './item-engine.ts';
import { afterPacket } from './replay-window.ts';

export interface IpsecSettings {
  /** The other ends; everything between them and the VM is protected. */
  readonly peers: readonly Address[];
  /** How many numbers below the highest are remembered. */
  readonly windowPackets: number;
  /** Keys that were negotiated are lost with the SA; manual ones are rules, and counting begins anew. */
  readonly keys: 'negotiated' | 'manual';
}

/** The last number sent, and the replay window of what was received. */
type Association = { readonly sent: number; readonly highest: number; readonly received: bigint };

const fresh: Association = { sent: 0, highest: 0, received: 0n };

/**
 * An IPsec endpoint on the host, in front of the VM: ESP with sequence numbers and anti-replay windows (RFC 4303,
 * 3.3.3 and 3.4.3). A counter that is behind makes the other end take new packets for replays; a window that is
 * behind accepts replays (the problem of RFC 6311). Keys and algorithms are not modelled.
 */
export function ipsec(settings: IpsecSettings): ItemBehaviour<Association> {
  const { peers, windowPackets, keys } = settings;
  return {
    kind: 'ipsec',
    losses: { accepted: 'stale-counter', dropped: 'stale-counter' },
    decide(table, vm, packet, passage, nowNs) {
      const { remote } = vmEnds(packet, passage);
      if (!peers.some((peer) => sameAddress(peer, remote))) return pass(packet, 'untracked');
      const key = formatAddress(remote);
      const known = table.find(vm.name, key, nowNs)?.fields ?? null;
      const state = known === null ? 'new' : 'established';
      const association = known ?? fresh;
      if (known === null && keys === 'negotiated') return { ...pass(packet, state), drop: 'no-entry' };
      const keep = (
        fields: Association,
      ): readonly [{ key: string; fields: Association; lifetimeNs: number }] => [
        { key, fields, lifetimeNs: Infinity },
      ];
      if (!isInward(passage)) {
        const sent = association.sent + 1;
        const carried = changedPacket(packet, { espSequence: sent });
        return { ...pass(carried, state), changes: keep({ ...association, sent }) };
      }
      if (packet.espSequence < 0) return { ...pass(packet, 'invalid'), drop: 'rule' };
      const window = afterPacket(association, packet.espSequence, windowPackets);
      if (window === null) return { ...pass(packet, 'invalid'), drop: 'replay' };
      const plain = changedPacket(packet, { espSequence: -1 });
      return { ...pass(plain, state), changes: keep({ ...association, ...window }) };
    },
    initial: () => peers.map((peer) => ({ key: formatAddress(peer), fields: fresh, lifetimeNs: Infinity })),
    keysFor: (packet, passage) => [formatAddress(vmEnds(packet, passage).remote)],
    scope: (key) => key,
    // What a key exchange hands over: the counter of what was sent, not the window (RFC 6311, 5.1).
    partial: ({ sent }) => ({ ...fresh, sent }),
    grade: ({ highest }) => (highest > 0 ? 1 : 0),
    extraBytes: () => windowPackets / 8,
    secondName: () => null,
  };
}
