import { describe, expect, it } from 'vitest';
import { ipv4, sameAddress, type Address } from '../network/address.ts';
import { TcpFlag, type Packet } from '../network/packet.ts';
import {
  active,
  booted,
  fromPeer,
  fromVm,
  inwards,
  moveAll,
  neighbour,
  outwards,
  peer,
  settings,
  vm,
} from './hand-made-traffic.fixture.ts';
import { ItemEngine } from './item-engine.ts';
import { mappingsAt, nat } from './nat.ts';
import type { SecurityEngine, Subject } from './security-engine.ts';

const outerOfA = ipv4(0x0a00_0201);
const outerOfB = ipv4(0x0a00_0202);

function natAt(outer: Address): SecurityEngine {
  const isOutside = (address: Address): boolean => sameAddress(address, peer);
  const engine = new ItemEngine(settings, nat({ isOutside, allocate: mappingsAt(() => outer) }), 1);
  engine.setPolicy(neighbour, active);
  return booted(engine);
}

const opening = { sourcePort: 50_000, destinationPort: 443, tcpFlags: TcpFlag.syn };

/** What becomes of a packet of the connection that the VM opens. */
function leaves(engine: SecurityEngine, of: Subject = vm, nowNs = 0): Packet {
  const [source] = of.addresses;
  return engine.inspect(of, fromVm({ ...opening, source: source! }), outwards, nowNs).packet;
}

function answer(to: Packet): Packet {
  return fromPeer({
    sourcePort: to.destinationPort,
    destination: to.source,
    destinationPort: to.sourcePort,
  });
}

describe('NAT', () => {
  it('translates what the VM opens, keeping its port, and the answers back', () => {
    const engine = natAt(outerOfA);
    const out = leaves(engine);
    expect(out).toMatchObject({ source: outerOfA, sourcePort: 50_000 });
    expect(engine.inspect(vm, answer(out), inwards, 1)).toMatchObject({
      verdict: 'accept',
      connectionState: 'established',
      packet: { destination: vm.addresses[0], destinationPort: 50_000 },
    });
  });

  it('gives a second VM another port where the first one has it', () => {
    const engine = natAt(outerOfA);
    const [first, second] = [leaves(engine), leaves(engine, neighbour)];
    expect(second.sourcePort).not.toBe(first.sourcePort);
    expect(engine.inspect(vm, answer(second), inwards, 1)).toMatchObject({
      verdict: 'drop',
      cause: 'no-entry',
    });
    expect(engine.inspect(neighbour, answer(second), inwards, 1).packet.destinationPort).toBe(50_000);
  });

  it('leaves alone what came from outside to the VM’s own address, and what stays inside', () => {
    const engine = natAt(outerOfA);
    engine.inspect(vm, fromPeer({ tcpFlags: TcpFlag.syn }), inwards, 0);
    expect(engine.inspect(vm, fromVm({}), outwards, 1).packet.source).toEqual(vm.addresses[0]);
    const inside = fromVm({ destination: neighbour.addresses[0]! });
    expect(engine.inspect(vm, inside, outwards, 1).packet).toBe(inside);
  });

  it('after a move without mappings sends from another address, and knows no answers to the old one', () => {
    const out = leaves(natAt(outerOfA));
    const destination = natAt(outerOfB);
    expect(destination.inspect(vm, answer(out), inwards, 1).cause).toBe('no-entry');
    expect(leaves(destination)).toMatchObject({ source: outerOfB, sourcePort: 50_000 });
  });

  it('keeps address and port of mappings that have travelled; where the address moves along they are enough', () => {
    const source = natAt(outerOfA);
    leaves(source, neighbour);
    const out = leaves(source);
    const destination = natAt(outerOfB);
    moveAll(source, destination, 1);
    expect(leaves(destination, vm, 2)).toMatchObject({ source: outerOfA, sourcePort: out.sourcePort });
    expect(destination.inspect(vm, answer(out), inwards, 3).packet.destinationPort).toBe(50_000);
  });
});
