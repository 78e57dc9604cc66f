import { inward, outward } from '../models/compute/guest-port.ts';
import type { Address } from '../models/network/address.ts';
import { benchmarkAddress } from '../models/network/benchmark-address.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Packet } from '../models/network/packet.ts';
import { copiedConnections, type Client } from '../models/security/copied-connections.ts';
import { inOrder } from '../models/security/engine-chain.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import type { Passage } from '../models/security/nse.ts';
import { fields, Slot } from '../models/security/rule-field.ts';
import type { Rule } from '../models/security/ruleset.ts';
import type { LoadRequest, SecurityEngine, Subject } from '../models/security/security-engine.ts';
import type { InitialContextSpec } from './scenario.ts';

/**
 * Opens connections from outside through the engines, as traffic before the start would have done. Where nothing asks
 * who a client is, all but the first are copies, so that not each has to be followed packet by packet.
 */
export function openConnections(
  engines: readonly SecurityEngine[],
  vm: Subject,
  { entries, port }: InitialContextSpec,
): void {
  const handshakes = vm.addresses.map((address) => handshake(address, port));
  const open = (index: number): void =>
    openConnection(engines, vm, handshakes[index % handshakes.length]!, index);
  const copied = openCopies(engines, vm, entries, open);
  for (let index = copied; index < entries; index++) open(index);
}

/** Returns how many connections are open after it: all, the first, or none. */
function openCopies(
  engines: readonly SecurityEngine[],
  vm: Subject,
  entries: number,
  open: (index: number) => void,
): number {
  const [engine] = engines;
  const [own, alias] = vm.addresses;
  if (engines.length !== 1 || !(engine instanceof FirewallEngine)) return 0;
  if (own === undefined || alias !== undefined || entries < 2 || !engine.surelyHolds(entries)) return 0;
  const particular: Rule[] = [];
  engine.watchRules(vm, (rule, packet) => {
    if (!isIndifferent(rule, packet.source === own)) particular.push(rule);
  });
  open(0);
  engine.watchRules(vm, null);
  const [first, other] = engine.peek(vm, 0);
  if (particular.length > 0 || first === undefined || other !== undefined) return 1;
  const clients = Array.from({ length: entries - 1 }, (_, index) => clientOf(index + 1, own.family));
  const batch = { complete: false, entries: copiedConnections(first, clients), removed: [] };
  engine.load(vm, { batch, ...asTheyAre }, 0);
  return entries;
}

const asTheyAre: Omit<LoadRequest, 'batch'> = {
  mode: 'full',
  existing: 'keep',
  key: 'interface',
  timeouts: 'remaining',
  evict: false,
  mustOpen: false,
};

/** Whether a rule does the same with the packets of all clients, and leaves no trace of how many there were. */
function isIndifferent({ expressions }: Rule, outgoing: boolean): boolean {
  const [address, port] = outgoing
    ? [Slot.destination, Slot.destinationPort]
    : [Slot.source, Slot.sourcePort];
  return expressions.every((expression) => {
    if (expression.kind !== 'match') return expression.kind === 'verdict';
    return expression.selectors.every(({ field }) => {
      const { slot } = fields[field];
      return slot !== address && slot !== port;
    });
  });
}

function clientOf(index: number, family: 4 | 6): Client {
  const address = benchmarkAddress(family, 1 + Math.floor(index / portsOfClient));
  return { address, port: 10_000 + (index % portsOfClient) };
}

const portsOfClient = 50_000;

function openConnection(
  engines: readonly SecurityEngine[],
  vm: Subject,
  [syn, synAck, ack]: readonly [Packet, Packet, Packet],
  index: number,
): void {
  const { address, port } = clientOf(index, synAck.source.family);
  const from = { source: address, sourcePort: port };
  const to = { destination: address, destinationPort: port };
  send(engines, vm, changedPacket(syn, from), inward);
  // A SYN proxy shifts the server's numbers: the client acknowledges what it saw.
  const { sequence } = send(engines, vm, changedPacket(synAck, to), outward);
  send(engines, vm, changedPacket(ack, { ...from, acknowledgement: sequence + 1 }), inward);
}

function send(engines: readonly SecurityEngine[], vm: Subject, packet: Packet, passage: Passage): Packet {
  let current = packet;
  for (const engine of inOrder(engines, passage)) current = engine.inspect(vm, current, passage, 0).packet;
  return current;
}

/** The packets of a handshake that the VM answers; the client's address and port are left open. */
function handshake(own: Address, port: number): [Packet, Packet, Packet] {
  const options = { window: 64_240, windowScale: 7, sackPermitted: true, maximumSegmentBytes: 1460 };
  const there = { protocol: Protocol.tcp, destination: own, destinationPort: port };
  const back = { protocol: Protocol.tcp, source: own, sourcePort: port };
  return [
    makePacket({ ...there, ...options, tcpFlags: TcpFlag.syn }),
    makePacket({ ...back, ...options, tcpFlags: TcpFlag.syn | TcpFlag.ack, acknowledgement: 1 }),
    makePacket({ ...there, window: 502, tcpFlags: TcpFlag.ack, sequence: 1 }),
  ];
}
