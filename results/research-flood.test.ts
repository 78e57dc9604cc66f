import { describe, expect, it } from 'vitest';
import { outcomesOf, runShipped } from './run-shipped.fixture.ts';
import type { ShippedRun } from './run-shipped.fixture.ts';

// In a table of 1,024 buckets and as many entries, of which the neighbour's 20 connections are assured, early drop
// finds victims for imports in eight buckets alone: 1,004 · (1 − (1016 / 1024)²) = 16 half-open entries, plus or minus
// 4, and what falls there while the flood goes on.

function show(scheme: string, ...overrides: string[]): ShippedRun {
  return runShipped('research/syn-flood', scheme, overrides);
}

const manyBuckets = 'hosts[1].nse[0].tracking.buckets=262144';
const noFlood = 'workloads[3].stop=1500 ms';
const alive = ['stalled', 'untouched'];

function missing({ summary }: ShippedRun): number {
  return summary.context.engines[0]!.missing;
}

function dead({ pair }: ShippedRun): number {
  return pair.connections.filter(({ outcome }) => outcome.kind === 'hung').length;
}

describe('a SYN flood of the table to which a VM’s connections come', () => {
  it('makes CoM fail, whose VM goes on at the source with all of its connections', () => {
    const flooded = show('com-rounds');
    expect(flooded.summary.migrations[0]).toMatchObject({
      outcome: 'failed',
      reason: 'the destination’s table is full',
    });
    expect(outcomesOf(flooded.pair, 'browsing')).toEqual(['untouched']);
    expect(show('com-rounds', noFlood).summary.migrations[0]).toMatchObject({ outcome: 'completed' });
  });

  it('kills the connections whose entries were refused, where the move goes on without them', () => {
    const flooded = show('com-skipping');
    // 60 entries come in rounds that stretch over 0.2 s, in which the flood puts 100 more into the table: about two of
    // those fall into the eight buckets.
    expect(missing(flooded)).toBeGreaterThan(60 - 16 - 4 * 4 - 2 * 4);
    expect(missing(flooded)).toBeLessThan(60);
    expect(dead(flooded)).toBe(missing(flooded));
    // Without loose pick-up nobody opens a connection anew in its middle: all 60 are refused in a sparse table.
    const sparse = show('com-skipping', manyBuckets);
    expect([missing(sparse), dead(sparse)]).toEqual([60, 60]);
    expect(dead(show('com-skipping', noFlood))).toBe(0);
  });

  it.each([[[]], [[manyBuckets]]])('costs none where the flood’s entries give way: %j', (overrides) => {
    const flooded = show('com-evicting', ...overrides);
    expect(missing(flooded)).toBe(0);
    expect(outcomesOf(flooded.pair, 'browsing')).toEqual(alive);
  });

  it('leaves the neighbour’s connections alone; new ones find room unless the buckets are many', () => {
    const dense = show('com-evicting');
    const sparse = show('com-evicting', manyBuckets);
    for (const { pair } of [dense, sparse]) expect(outcomesOf(pair, 'shopping')).toEqual(['untouched']);
    const refused = ({ summary }: ShippedRun): number =>
      summary.exposure.legitimate_dropped_by_cause['table-full'] ?? 0;
    expect(refused(dense)).toBe(0);
    // Each visitor that is refused sends its SYN again: some in the first seconds, the rest later.
    expect(refused(sparse)).toBeGreaterThan(20);
  });
}, 240_000);
