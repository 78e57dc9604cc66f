import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainHeads } from './chain-heads.ts';

const hashes = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 });

describe('ChainHeads', () => {
  it.each([512, 1536, 1 << 18])('never denies a hash that stands in its chain (%d buckets)', (buckets) => {
    fc.assert(
      fc.property(hashes, fc.nat(3), (list, shift) => {
        const heads = new ChainHeads(buckets, shift, list.length);
        list.forEach((hash, ref) => heads.push(hash, ref));
        for (const hash of list) expect(heads.mayHold(hash)).toBe(true);
      }),
    );
  });

  it('gives back the tuple that was first, and the one behind it once that is gone', () => {
    const heads = new ChainHeads(512, 3, 100);
    expect(heads.push(77, 5)).toBe(-1);
    expect(heads.push(78, 9)).toBe(5);
    expect(heads.firstOf(77)).toBe(9);
    heads.dropFirst(78, 5);
    expect([heads.firstOf(78), heads.mayHold(77)]).toEqual([5, true]);
    heads.dropFirst(77, -1);
    expect([heads.firstOf(77), heads.mayHold(77)]).toEqual([-1, false]);
  });

  // 2^16 heads leave 15 of 32 bits for the filter. One tuple in every head sets one of them: 1 in 15 of other hashes.
  it('denies most hashes that do not stand in their chain', () => {
    const heads = new ChainHeads(1 << 16, 0, 1 << 16);
    for (let bucket = 0; bucket < 1 << 16; bucket++)
      heads.push((bucket << 16) | ((bucket * 40_503) & 0xffff), bucket);
    let held = 0;
    for (let i = 0; i < 100_000; i++) if (heads.mayHold(Math.imul(i, 0x85ebca6b) ^ 0x5bd1e995)) held++;
    expect(held / 100_000).toBeGreaterThan(0.05);
    expect(held / 100_000).toBeLessThan(0.085);
  });
});
