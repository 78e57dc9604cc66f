import { describe, expect, it } from 'vitest';
import { TcpFlag } from '../network/packet.ts';
import {
  booted,
  fromPeer,
  fromVm,
  inwards,
  moveAll,
  outwards,
  settings,
  vm,
} from './hand-made-traffic.fixture.ts';
import { ItemEngine } from './item-engine.ts';
import type { SecurityEngine } from './security-engine.ts';
import { synProxy, type SynProxySettings } from './syn-proxy.ts';

const { syn, ack, rst } = TcpFlag;

function proxy(unknown: SynProxySettings['unknown'], secret = 7): SecurityEngine {
  return booted(new ItemEngine(settings, synProxy({ secret, unknown, lifetimeNs: 1e12 }), 1));
}

/** Opens a connection to the VM, which numbers from 1000; returns what was added to its numbers. */
function open(engine: SecurityEngine): number {
  engine.inspect(vm, fromPeer({ tcpFlags: syn, sequence: 5 }), inwards, 0);
  const answer = fromVm({ tcpFlags: syn | ack, sequence: 1000, acknowledgement: 6 });
  return (engine.inspect(vm, answer, outwards, 0).packet.sequence - 1000) >>> 0;
}

describe('a SYN proxy', () => {
  it('shifts what the VM sends, and back what it is told of it, as long as the connection lives', () => {
    const engine = proxy('drop');
    const offset = open(engine);
    expect(offset).not.toBe(0);
    const data = engine.inspect(vm, fromVm({ sequence: 1001, acknowledgement: 6 }), outwards, 1).packet;
    expect(data).toMatchObject({ sequence: (1001 + offset) >>> 0, acknowledgement: 6 });
    const blocks = [(1500 + offset) >>> 0, (1600 + offset) >>> 0];
    const told = fromPeer({ sequence: 6, acknowledgement: (1101 + offset) >>> 0, sackBlocks: blocks });
    expect(engine.inspect(vm, told, inwards, 2).packet).toMatchObject({
      sequence: 6,
      acknowledgement: 1101,
      sackBlocks: [1500, 1600],
    });
  });

  it('leaves alone what the VM opens', () => {
    const engine = proxy('drop');
    const opening = fromVm({ tcpFlags: syn, sequence: 9 });
    expect(engine.inspect(vm, opening, outwards, 0).packet.sequence).toBe(9);
    expect(engine.inspect(vm, fromPeer({ acknowledgement: 10 }), inwards, 1).packet.acknowledgement).toBe(10);
  });

  it('passes, drops or resets a connection whose offset is lost', () => {
    const segment = fromPeer({ sequence: 6, acknowledgement: 77, payloadBytes: 10 });
    expect(proxy('pass').inspect(vm, segment, inwards, 1)).toMatchObject({
      verdict: 'accept',
      packet: segment,
    });
    expect(proxy('drop').inspect(vm, segment, inwards, 1)).toMatchObject({
      verdict: 'drop',
      cause: 'invalid',
    });
    const { packet } = proxy('reset').inspect(vm, segment, inwards, 1);
    expect([packet.tcpFlags, packet.sequence]).toEqual([rst, 6]);
    // What the VM says is not turned round: its numbers are not those that the peer knows.
    expect(proxy('reset').inspect(vm, fromVm({ sequence: 5 }), outwards, 1).packet.tcpFlags).toBe(ack);
  });

  it('shifts by the source’s offset where that has arrived, whatever the destination would have chosen', () => {
    const source = proxy('drop', 7);
    const destination = proxy('drop', 8);
    const offset = open(source);
    expect(open(proxy('drop', 8))).not.toBe(offset);
    moveAll(source, destination, 1);
    const data = destination.inspect(vm, fromVm({ sequence: 1001 }), outwards, 2).packet;
    expect(data.sequence).toBe((1001 + offset) >>> 0);
  });
});
