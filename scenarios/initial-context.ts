import { inward, outward } from '../models/compute/guest-port.ts';
import { ipv4, type Address } from '../models/network/address.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Packet } from '../models/network/packet.ts';
import { continuedSeries, type Client } from '../models/security/continued-series.ts';
import { inOrder } from '../models/security/engine-chain.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import type { Passage } from '../models/security/nse.ts';
import { fields, Slot } from '../models/security/rule-field.ts';
import type { Rule } from '../models/security/ruleset.ts';
import type { LoadRequest, SecurityEngine, Subject } from '../models/security/security-engine.ts';
import type { InitialContextSpec } from './scenario.ts';

/**
 * Opens connections from outside through the engines, as traffic before the start would have done. Where nothing asks
 * who a client is, all but the first two are copies, so that not each has to be followed packet by packet.
 */
export function openConnections(
  engines: readonly SecurityEngine[],
  vm: Subject,
  { entries, port }: InitialContextSpec,
): void {
  const handshakes = vm.addresses.map((address) => handshake(address, port));
  const open = (index: number): void =>
    openConnection(engines, vm, handshakes[index % handshakes.length]!, index);
  const copied = handshakes.length === 1 ? openCopies(engines, vm, entries, open) : 0;
  for (let index = copied; index < entries; index++) open(index);
}

/** Returns how many connections are open after it: all, or the first few. */
function openCopies(
  engines: readonly SecurityEngine[],
  vm: Subject,
  entries: number,
  open: (index: number) => void,
): number {
  const [engine] = engines;
  if (engines.length !== 1 || !(engine instanceof FirewallEngine)) return 0;
  if (entries <= 2 || !engine.surelyHolds(entries)) return 0;
  const [own] = vm.addresses;
  const particular: Rule[] = [];
  engine.watchRules(vm, (rule, packet) => {
    if (!isIndifferent(rule, packet.source === own)) particular.push(rule);
  });
  open(0);
  open(1);
  engine.watchRules(vm, null);
  const [first, second, third] = engine.peek(vm, 0);
  if (particular.length > 0 || first === undefined || second === undefined || third !== undefined) return 2;
  const others = continuedSeries([first, second], entries, clientOf);
  if (others === null) return 2;
  const batch = { complete: false, entries: others, removed: [] };
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

/** Clients of 198.18.0.0/15, the network for benchmarks (RFC 2544), 50,000 ports each. */
function clientOf(index: number): Client {
  return { address: ipv4(0xc612_0001 + Math.floor(index / 50_000)), port: 10_000 + (index % 50_000) };
}

function openConnection(
  engines: readonly SecurityEngine[],
  vm: Subject,
  [syn, synAck, ack]: readonly [Packet, Packet, Packet],
  index: number,
): void {
  const { address, port } = clientOf(index);
  const from = { source: address, sourcePort: port };
  const to = { destination: address, destinationPort: port };
  const opening = changedPacket(syn, { ...from, sequence: index });
  const answer = changedPacket(synAck, { ...to, acknowledgement: index + 1 });
  const third = changedPacket(ack, { ...from, sequence: index + 1 });
  send(engines, vm, opening, inward);
  // A SYN proxy shifts the server's numbers: the client acknowledges what it saw.
  const { sequence } = send(engines, vm, answer, outward);
  send(engines, vm, sequence === 0 ? third : changedPacket(third, { acknowledgement: sequence + 1 }), inward);
}

function send(engines: readonly SecurityEngine[], vm: Subject, packet: Packet, passage: Passage): Packet {
  let current = packet;
  for (const engine of inOrder(engines, passage)) current = engine.inspect(vm, current, passage, 0).packet;
  return current;
}

/** The packets of a handshake that the VM answers; the client's address, port and sequence numbers are left open. */
function handshake(own: Address, port: number): [Packet, Packet, Packet] {
  const options = { window: 64_240, windowScale: 7, sackPermitted: true, maximumSegmentBytes: 1460 };
  const there = { protocol: Protocol.tcp, destination: own, destinationPort: port };
  const back = { protocol: Protocol.tcp, source: own, sourcePort: port };
  return [
    makePacket({ ...there, ...options, tcpFlags: TcpFlag.syn }),
    makePacket({ ...back, ...options, tcpFlags: TcpFlag.syn | TcpFlag.ack }),
    makePacket({ ...there, window: 502, tcpFlags: TcpFlag.ack, acknowledgement: 1 }),
  ];
}
