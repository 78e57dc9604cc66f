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
import { intrusionPrevention } from './intrusion-prevention.ts';
import { ItemEngine } from './item-engine.ts';
import type { ExportLevel, SecurityEngine } from './security-engine.ts';

const { syn, ack } = TcpFlag;
const s = 1e9;

function engineWith(midstream: 'drop' | 'pass', exports: ExportLevel = 'full'): SecurityEngine {
  const limits = { attemptsMax: 3, windowNs: 60 * s, blockNs: 600 * s, flowNs: 300 * s, midstream };
  return booted(new ItemEngine({ ...settings, exports }, intrusionPrevention(limits), 1));
}

/** How many of so many attempts, each at a port of its own, pass. */
function attempts(engine: SecurityEngine, count: number, atNs: number): number {
  let passed = 0;
  for (let port = 1; port <= count; port++) {
    const attempt = fromPeer({ tcpFlags: syn, destinationPort: port });
    if (engine.inspect(vm, attempt, inwards, atNs).verdict === 'accept') passed += 1;
  }
  return passed;
}

function open(engine: SecurityEngine): void {
  engine.inspect(vm, fromPeer({ tcpFlags: syn, sequence: 1000 }), inwards, 0);
  engine.inspect(vm, fromVm({ tcpFlags: syn | ack, acknowledgement: 1001 }), outwards, 0);
}

function segmentPasses(engine: SecurityEngine, sequence: number, payloadBytes = 100): boolean {
  return engine.inspect(vm, fromPeer({ sequence, payloadBytes }), inwards, s).verdict === 'accept';
}

describe('intrusion prevention', () => {
  it('lets as many attempts through as its threshold, and then nothing of that end until the block is over', () => {
    const engine = engineWith('drop');
    expect(attempts(engine, 10, 0)).toBe(3);
    expect(attempts(engine, 10, 599 * s)).toBe(0);
    expect(attempts(engine, 10, 601 * s)).toBe(3);
  });

  it('begins to count anew when the window is over', () => {
    const engine = engineWith('drop');
    expect([attempts(engine, 2, 0), attempts(engine, 2, 61 * s)]).toEqual([2, 2]);
  });

  it('lets a stream through as it comes, again or with a hole, and nothing that lies far from it', () => {
    const engine = engineWith('drop');
    open(engine);
    expect([1001, 1101, 1001, 1301, 1201].map((sequence) => segmentPasses(engine, sequence))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    // The stream stands at 1401; more than 2^20 bytes away is another world.
    expect(segmentPasses(engine, 1401 + 2 ** 20 + 1)).toBe(false);
    expect(segmentPasses(engine, 2 ** 31)).toBe(false);
  });

  it('drops a flow that it has not seen from the start, or lets it pass without looking', () => {
    expect(segmentPasses(engineWith('drop'), 1001)).toBe(false);
    const lenient = engineWith('pass');
    expect(segmentPasses(lenient, 1001)).toBe(true);
    expect(segmentPasses(lenient, 2 ** 31)).toBe(true);
    expect(lenient.peek(vm, s)).toEqual([]);
  });

  it('goes on counting and putting together where its context has arrived, and forgets a block where it has not', () => {
    const source = engineWith('drop');
    open(source);
    expect(attempts(source, 10, 0)).toBe(2);
    const destination = engineWith('drop');
    moveAll(source, destination, s);
    expect(attempts(destination, 10, s)).toBe(0);
    expect(attempts(engineWith('drop'), 10, s)).toBe(3);
  });

  it('gives away flows without their streams where its interface knows no more: they count as not seen', () => {
    const source = engineWith('drop', 'partial');
    open(source);
    const destination = engineWith('pass');
    const { loaded } = moveAll(source, destination, s);
    // The flow, and not the count of the end that opened it.
    expect([loaded, destination.peek(vm, s)[0]?.identity]).toEqual([1, '6 80 10.0.1.1:40000']);
    expect(segmentPasses(destination, 2 ** 31)).toBe(true);
  });
});
