import { formatAddress, ipv4, sameAddress, type Address } from '../network/address.ts';
import { changedPacket, Protocol, type Packet } from '../network/packet.ts';
import { connectionScope } from './context-item.ts';
import { isInward, vmEnds } from './engine-chain.ts';
import { pass, type Decision, type ItemBehaviour } from './item-engine.ts';
import type { KeyedTable } from './keyed-table.ts';
import type { Passage } from './nse.ts';
import type { Subject } from './security-engine.ts';

/** Where a connection of the VM appears outside: an IPv4 address as a number, 0 where it is not translated. */
export type Mapping = { readonly outer: number; readonly outerPort: number };

export interface NatSettings {
  /** Whether what the VM sends there is translated. */
  readonly isOutside: (address: Address) => boolean;
  /** A mapping for a connection that has none; null when no port is free. */
  readonly allocate: (table: KeyedTable<Mapping>, vm: Subject, key: string, packet: Packet) => Mapping | null;
}

/** As connection tracking has it (Linux, nf_conntrack_tcp_timeout_established, nf_conntrack_udp_timeout_stream). */
const lifetimesNs = { tcp: 432_000e9, udp: 120e9 };

/**
 * Source NAT for connections that a VM opens to the outside: the port is kept if it is free, and a mapping lives as
 * long as its connection is used. What comes from outside to the VM's own address is remembered as not translated,
 * so that answers leave as they are. ICMP is not translated.
 */
export function nat(settings: NatSettings): ItemBehaviour<Mapping> {
  function decide(
    table: KeyedTable<Mapping>,
    vm: Subject,
    packet: Packet,
    passage: Passage,
    nowNs: number,
  ): Decision<Mapping> {
    const { protocol } = packet;
    if (protocol !== Protocol.tcp && protocol !== Protocol.udp) return pass(packet, 'untracked');
    if (!settings.isOutside(vmEnds(packet, passage).remote)) return pass(packet, 'untracked');
    const lifetimeNs = protocol === Protocol.tcp ? lifetimesNs.tcp : lifetimesNs.udp;
    const own =
      !isInward(passage) || vm.addresses.some((address) => sameAddress(address, packet.destination));
    if (!own) return arriving(table, vm, packet, lifetimeNs, nowNs);
    const key = connectionScope(protocol, vmEnds(packet, passage));
    const known = table.find(vm.name, key, nowNs)?.fields ?? null;
    const state = known === null ? 'new' : 'established';
    const direct: Mapping = { outer: 0, outerPort: 0 };
    const fields = known ?? (isInward(passage) ? direct : settings.allocate(table, vm, key, packet));
    if (fields === null) return { ...pass(packet, state), drop: 'table-full' };
    const leaving = isInward(passage) ? packet : fromOuter(packet, fields);
    return { ...pass(leaving, state), changes: [{ key, fields, lifetimeNs }] };
  }

  function arriving(
    table: KeyedTable<Mapping>,
    vm: Subject,
    packet: Packet,
    lifetimeNs: number,
    nowNs: number,
  ): Decision<Mapping> {
    const slot = table.findBySecondName(outerName(packet), nowNs);
    const [own] = vm.addresses;
    if (slot === null || slot.owner !== vm.name || own === undefined) {
      return { ...pass(packet, 'new'), drop: 'no-entry' };
    }
    const { key, fields } = slot;
    const inner = changedPacket(packet, { destination: own, destinationPort: localPort(key) });
    return { ...pass(inner, 'established'), changes: [{ key, fields, lifetimeNs }] };
  }

  return {
    kind: 'nat',
    losses: { accepted: 'translation', dropped: 'missing-mapping' },
    decide,
    initial: () => [],
    keysFor: (packet, passage) => [connectionScope(packet.protocol, vmEnds(packet, passage))],
    scope: (key) => key,
    partial: () => null,
    grade: () => 1,
    extraBytes: () => 0,
    secondName: ({ outer, outerPort }, key) => (outer === 0 ? null : nameOf(key, ipv4(outer), outerPort)),
  };
}

/** Mappings at an address: the packet's own port, or the next one that is free, from 1024 on as Linux does. */
export function mappingsAt(outerOf: (vm: Subject) => Address | null): NatSettings['allocate'] {
  return (table, vm, key, packet) => {
    const outer = outerOf(vm);
    if (outer === null) return { outer: 0, outerPort: 0 };
    const isFree = (port: number): boolean => table.findBySecondName(nameOf(key, outer, port), 0) === null;
    if (isFree(packet.sourcePort)) return { outer: outer.w3 >>> 0, outerPort: packet.sourcePort };
    for (let offset = 1; offset < portsCount; offset++) {
      const port = firstPort + ((packet.sourcePort + offset) % portsCount);
      if (isFree(port)) return { outer: outer.w3 >>> 0, outerPort: port };
    }
    return null;
  };
}

const firstPort = 1024;
const portsCount = 65_536 - firstPort;

/** The second name of the mapping that a packet from outside is for. */
export function outerName({ protocol, source, sourcePort, destination, destinationPort }: Packet): string {
  const key = connectionScope(protocol, {
    localPort: destinationPort,
    remote: source,
    remotePort: sourcePort,
  });
  return nameOf(key, destination, destinationPort);
}

function nameOf(key: string, outer: Address, outerPort: number): string {
  const [protocol, , remote] = key.split(' ');
  return `${protocol} ${formatAddress(outer)}:${outerPort} ${remote}`;
}

function localPort(key: string): number {
  return Number(key.split(' ')[1]);
}

function fromOuter(packet: Packet, { outer, outerPort }: Mapping): Packet {
  return outer === 0 ? packet : changedPacket(packet, { source: ipv4(outer), sourcePort: outerPort });
}
