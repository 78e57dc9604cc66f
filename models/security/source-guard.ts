import { formatAddress, sameAddress } from '../network/address.ts';
import type { Packet } from '../network/packet.ts';
import { isInward } from './engine-chain.ts';
import { pass, type Decision, type ItemBehaviour, type ItemChange } from './item-engine.ts';
import type { KeyedTable } from './keyed-table.ts';
import type { Passage } from './nse.ts';
import type { Subject } from './security-engine.ts';

export interface SourceGuardSettings {
  /** Of an address, from DHCP. */
  readonly leaseNs: number;
  /** What a VM without any binding may send until its next renewal: nothing, or anything. */
  readonly unbound: 'drop' | 'pass';
}

/** The address is bound since then; -1 while the VM waits for its renewal to be seen, from `askedNs` on. */
type Binding = { readonly boundNs: number; readonly askedNs: number };

/**
 * IP source guard: a VM sends only from addresses that are bound to its interface, as learnt from DHCP. A binding
 * that is missing comes back with the renewal at half the lease (T1, RFC 2131, 4.4.5), at which VMs that boot at
 * time 0 are all in step. MAC and port are those of the interface, which packets cannot choose.
 */
export function sourceGuard(settings: SourceGuardSettings): ItemBehaviour<Binding> {
  const renewalNs = settings.leaseNs / 2;
  const bound = (key: string, boundNs: number): ItemChange<Binding> => ({
    key,
    fields: { boundNs, askedNs: boundNs },
    lifetimeNs: settings.leaseNs,
  });
  const lastRenewalNs = (nowNs: number): number => Math.floor(nowNs / renewalNs) * renewalNs;

  function decideUnknown(
    table: KeyedTable<Binding>,
    vm: Subject,
    packet: Packet,
    nowNs: number,
  ): Decision<Binding> {
    const key = formatAddress(packet.source);
    const known = table.ofOwner(vm.name, nowNs);
    if (known.some(({ fields }) => fields.boundNs >= 0))
      return { ...pass(packet, 'invalid'), drop: 'spoofed' };
    const asked = known.find((slot) => slot.key === key)?.fields.askedNs ?? nowNs;
    const own = vm.addresses.some((address) => sameAddress(address, packet.source));
    if (own && lastRenewalNs(nowNs) > asked) {
      return { ...pass(packet, 'new'), changes: [bound(key, lastRenewalNs(nowNs))] };
    }
    const waiting = { key, fields: { boundNs: -1, askedNs: asked }, lifetimeNs: settings.leaseNs };
    const drop = settings.unbound === 'drop' ? 'spoofed' : null;
    return { ...pass(packet, 'new'), drop, changes: own ? [waiting] : [] };
  }

  return {
    kind: 'source-guard',
    losses: { accepted: 'missing-binding', dropped: 'missing-binding' },
    decide(table, vm, packet, passage, nowNs) {
      if (isInward(passage)) return pass(packet, 'untracked');
      const key = formatAddress(packet.source);
      const slot = table.find(vm.name, key, nowNs);
      if (slot === null || slot.fields.boundNs < 0) return decideUnknown(table, vm, packet, nowNs);
      const renewedNs = lastRenewalNs(nowNs);
      const changes = renewedNs > slot.fields.boundNs ? [bound(key, renewedNs)] : [];
      return { ...pass(packet, 'established'), changes };
    },
    initial: (vm, nowNs) => vm.addresses.map((address) => bound(formatAddress(address), nowNs)),
    keysFor: (packet: Packet, passage: Passage) => (isInward(passage) ? [] : [formatAddress(packet.source)]),
    scope: () => '',
    partial: () => null,
    grade: ({ boundNs }) => (boundNs < 0 ? 0 : 1),
    extraBytes: () => 0,
    secondName: () => null,
  };
}
