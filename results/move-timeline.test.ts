import { expect, test } from 'vitest';
import { moveTimeline } from './move-timeline.ts';
import { movesOnDisk } from './report/run-on-disk.ts';
import { withComparison } from './report/try-comparison.fixture.ts';

test('a move is told from the files of its run alone, and the control has none', () => {
  withComparison(['none', 'stock-drop', 'com-rounds'], (directory) => {
    const runs = movesOnDisk(directory);
    const [control, stock, com] = runs.map((run) => moveTimeline(run, null));
    expect(control).toBeNull();
    const of = (move: typeof com) => (move?.resumeMs ?? NaN) - (move?.stopMs ?? NaN);
    expect(of(com)).toBeCloseTo(runs[2]?.summary.migrations[0]?.downtime_ms ?? NaN, 6);
    expect(stock?.tasks).toEqual([]);
    expect(com?.tasks.length).toBeGreaterThan(0);
    expect(com?.rounds.at(-1)?.stopped).toBe(true);
    // Nothing comes before the VM runs again, and the VM answers after it was asked.
    expect(com?.firstInMs).toBeGreaterThanOrEqual(com?.resumeMs ?? Infinity);
    expect(com?.firstOutMs).toBeGreaterThanOrEqual(com?.resumeMs ?? Infinity);
    expect(moveTimeline(runs[2]!, 'another')).toBeNull();
  });
});
