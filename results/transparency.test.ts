import { describe, expect, it } from 'vitest';
import { runShipped } from './run-shipped.fixture.ts';
import type { RunSummary } from './summary.ts';

// CoM is transparent (after Ghorbani et al., SoCC 2014) if the source's engines freeze before the last snapshot,
// entries travel with full fidelity, rules do not change meanwhile, and tables are per VM. Each condition that is
// broken alone must show a loss: otherwise the first finding would say nothing.

/** The scheme's summary on a scenario of a folder of `scenarios/`. */
function summaryOf(file: string, name: string, folder = 'research'): RunSummary {
  return runShipped(`${folder}/${file}`, name).summary;
}

describe('CoM under its four conditions', () => {
  it.each(['com-stop', 'com-early', 'com-rounds'])('is transparent: %s', (scheme) => {
    const summary = summaryOf('transparency', scheme);
    expect(summary.not_transparent_because).toEqual([]);
    expect(summary.transparent).toBe(true);
    const [engine] = summary.context.engines;
    expect(engine).toMatchObject({ missing: 0, downgraded: 0, stale: 0, resurrected: 0, left_behind: 0 });
    expect(engine!.items_at_freeze).toBeGreaterThan(100);
    expect(summary.exposure).toMatchObject({
      legitimate_dropped: 0,
      wrongly_accepted: 0,
      wrongly_dropped: 0,
    });
  });
});

describe('a move of announced, silent, rebinding and short flows', () => {
  const files = ['ftp', 'ssh', 'quic', 'dns'];

  it.each(files)('is transparent under CoM, and shows what is lost without context: %s', (file) => {
    const moved = summaryOf(file, 'com-rounds', 'workloads');
    expect(moved.not_transparent_because).toEqual([]);
    expect(moved.connections.total).toBeGreaterThan(5);
    // Without rules and entries at the destination nothing gets through.
    const stock = summaryOf(file, 'stock-drop', 'workloads');
    expect(stock.transparent).toBe(false);
    expect(stock.drops).toContainEqual(expect.objectContaining({ place: 'b/firewall', cause: 'rule' }));
  });
});

describe('a negative control', () => {
  it('loses entries when the last snapshot comes before the freeze', () => {
    const summary = summaryOf('transparency', 'com-without-last-delta');
    expect(summary.transparent).toBe(false);
    expect(summary.context.engines[0]!.missing).toBeGreaterThan(0);
    expect(summary.exposure.legitimate_dropped).toBeGreaterThan(0);
  });

  it('lets blind packets through and kills flows when entries travel without their windows', () => {
    const summary = summaryOf('transparency', 'com-without-windows');
    expect(summary.transparent).toBe(false);
    const [engine] = summary.context.engines;
    expect(engine!.downgraded).toBe(engine!.items_at_freeze);
    expect(summary.exposure.wrongly_accepted).toBeGreaterThan(0);
  });

  it('drops legitimate packets when the rules change and only the source is told', () => {
    const summary = summaryOf('transparency-rules-change', 'com-rounds');
    expect(summary.transparent).toBe(false);
    expect(summary.exposure.wrongly_dropped).toBeGreaterThan(0);
  });

  it('kills the neighbour’s half of shared entries when the source flushes by address', () => {
    expect(summaryOf('transparency-shared-table', 'com-rounds').transparent).toBe(true);
    const summary = summaryOf('transparency-shared-table', 'com-flushing-by-address');
    expect(summary.transparent).toBe(false);
    expect(summary.exposure.legitimate_dropped).toBeGreaterThan(0);
  });
});
