import { ipv4, type Address } from '../network/address.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { makeRuleset } from './ruleset.ts';
import type { ItemEngineSettings } from './item-engine.ts';
import type { Passage } from './nse.ts';
import type { LoadRequest, LoadResult, Policy, SecurityEngine, Subject } from './security-engine.ts';

/** A VM, a peer and packets between them, for tests of engines. */
export const vm: Subject = { name: 'web', number: 1, addresses: [ipv4(0x0a00_000a)] };
export const neighbour: Subject = { name: 'other', number: 2, addresses: [ipv4(0x0a00_000b)] };
export const peer: Address = ipv4(0x0a00_0101);

export const inwards: Passage = { inInterface: 'ext0', outInterface: 'int0' };
export const outwards: Passage = { inInterface: 'int0', outInterface: 'ext0' };

/** The engine is in force for the VM; which rules the firewall beside it has does not matter to it. */
export const active: Policy = { kind: 'rules', ruleset: makeRuleset([]), version: 0 };

export const settings: ItemEngineSettings = {
  name: 'tried',
  version: 1,
  exports: 'full',
  packetNs: 100,
  exportNs: 1200,
  importNs: 1460,
  itemBytes: 48,
  itemsMax: Infinity,
};

/** A TCP packet from the peer's port 40000 to the VM's port 80. */
export function fromPeer(fields: Partial<Packet>): Packet {
  const [destination] = vm.addresses;
  const ends = { source: peer, sourcePort: 40_000, destination: destination!, destinationPort: 80 };
  return makePacket({ ...ends, protocol: Protocol.tcp, tcpFlags: TcpFlag.ack, ...fields });
}

/** A TCP packet from the VM's port 80 to the peer's port 40000. */
export function fromVm(fields: Partial<Packet>): Packet {
  const [source] = vm.addresses;
  const ends = { source: source!, sourcePort: 80, destination: peer, destinationPort: 40_000 };
  return makePacket({ ...ends, protocol: Protocol.tcp, tcpFlags: TcpFlag.ack, ...fields });
}

/** Puts the engine in force for the VM, which boots behind it. */
export function booted(engine: SecurityEngine): SecurityEngine {
  engine.setPolicy(vm, active);
  engine.begin(vm, 0);
  return engine;
}

/** What travels with everything: all items, which replace what is there. */
export function moveAll(from: SecurityEngine, to: SecurityEngine, nowNs: number): LoadResult {
  to.setPolicy(vm, active);
  return to.load(vm, { ...whole, batch: from.snapshot(vm, 'interface', nowNs) }, nowNs);
}

export const whole: Omit<LoadRequest, 'batch'> = {
  mode: 'full',
  existing: 'replace',
  key: 'interface',
  timeouts: 'absolute',
  evict: false,
  mustOpen: false,
};
