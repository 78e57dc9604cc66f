import { describe, expect, it } from 'vitest';
import { changedPacket } from '../network/packet.ts';
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
import { rateLimiter } from './rate-limiter.ts';
import type { SecurityEngine } from './security-engine.ts';

// 8 kbit/s are 1000 bytes a second; packets of 100 bytes: 40 of headers and 60 of payload.
const limits = { rateBps: 8000, burstBytes: 1000, per: 'vm' } as const;
const packet = fromPeer({ payloadBytes: 60 });

function limiter(fresh: 'full' | 'empty' = 'full'): SecurityEngine {
  return booted(new ItemEngine(settings, rateLimiter({ ...limits, fresh }, false), 1));
}

/** How many of so many packets at one time pass. */
function passing(engine: SecurityEngine, packets: number, atS: number): number {
  let passed = 0;
  for (let sent = 0; sent < packets; sent++) {
    if (engine.inspect(vm, packet, inwards, atS * 1e9).verdict === 'accept') passed += 1;
  }
  return passed;
}

describe('a rate limiter', () => {
  it('gives away a burst, and then as much as time has filled', () => {
    const engine = limiter();
    expect(passing(engine, 50, 0)).toBe(10);
    expect(passing(engine, 50, 0.5)).toBe(5);
    expect(passing(engine, 50, 60)).toBe(10);
    expect(engine.inspect(vm, packet, inwards, 60e9).cause).toBe('rate');
  });

  it('does not count what goes out', () => {
    const engine = limiter();
    for (let sent = 0; sent < 50; sent++) {
      expect(engine.inspect(vm, fromVm({ payloadBytes: 60 }), outwards, 0).verdict).toBe('accept');
    }
  });

  it('gives another burst away, or holds one back, where its bucket has not arrived', () => {
    const source = limiter();
    passing(source, 50, 0);
    expect(passing(limiter('full'), 50, 0.1)).toBe(10);
    const hesitant = limiter('empty');
    expect([passing(hesitant, 50, 0.1), passing(hesitant, 50, 0.3)]).toEqual([0, 2]);
    const destination = limiter();
    moveAll(source, destination, 0.1e9);
    // What a tenth of a second has filled: 100 bytes, one packet, at either place.
    expect([passing(destination, 50, 0.1), passing(source, 50, 0.1)]).toEqual([1, 1]);
  });

  it('has a bucket for each other end if it is set so', () => {
    const engine = booted(
      new ItemEngine(settings, rateLimiter({ ...limits, per: 'peer', fresh: 'full' }, false), 1),
    );
    expect(passing(engine, 50, 0)).toBe(10);
    const other = changedPacket(packet, { source: { ...packet.source, w3: packet.source.w3 + 1 } });
    expect(engine.inspect(vm, other, inwards, 0).verdict).toBe('accept');
    expect(engine.peek(vm, 0)).toHaveLength(2);
  });
});
