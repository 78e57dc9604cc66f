import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { handMadeRows, publishPhases } from '../hand-made-rows.fixture.ts';
import { downtimeNs } from './downtime.ts';
import { migrationTimes } from './migration-times.ts';
import type { MigrationTimes } from './migration-times.ts';
import { pauseParts } from './pause-parts.ts';
import { settledTimeNs } from './settled-time.ts';
import { totalTimeNs } from './total-time.ts';

const complete = [
  ['request', 10],
  ['reserve', 20],
  ['round', 30],
  ['stop', 1000],
  ['memory-complete', 1050],
  ['context-complete', 1075],
  ['commit', 1080],
  ['activate', 1100],
  ['source-freed', 1120],
  ['learnt', 1500],
  ['cleaned-up', 1300],
] as const;

function only(phases: Parameters<typeof publishPhases>[1]): MigrationTimes {
  const rows = handMadeRows(2000, (observations) => publishPhases(observations, phases));
  return migrationTimes(rows.phases)[0]!;
}

describe('the times of a migration', () => {
  test('downtime runs from the stop to the activation', () => {
    expect(downtimeNs(only(complete))).toBe(1100 - 1000);
  });

  test('total time runs from the request until the source has freed the memory', () => {
    expect(totalTimeNs(only(complete))).toBe(1120 - 10);
  });

  test('with pages still remote, the total time runs until the last page has left', () => {
    const postCopy = [
      ['request', 10],
      ['stop', 100],
      ['commit', 110],
      ['activate', 120],
      ['source-freed', 900],
    ] as const;
    expect(totalTimeNs(only(postCopy))).toBe(900 - 10);
    expect(totalTimeNs(only(postCopy.slice(0, 4)))).toBeNull();
  });

  test('settled waits for the later of learning and cleanup', () => {
    expect(settledTimeNs(only(complete))).toBe(1500 - 10);
    expect(settledTimeNs(only(complete.filter(([phase]) => phase !== 'cleaned-up')))).toBeNull();
  });

  test('a migration that fails before its commit has no downtime and no total time', () => {
    const rows = handMadeRows(2000, (observations) => {
      publishPhases(observations, complete.slice(0, 4));
      observations.migrationPhase.publish({
        timeNs: 1050,
        migration: 'm1',
        vm: 'vm1',
        phase: 'failed',
        reason: 'link down',
      });
    });
    const migration = migrationTimes(rows.phases)[0]!;
    expect(migration.outcome).toBe('failed');
    expect(migration.reason).toBe('link down');
    expect(downtimeNs(migration)).toBeNull();
    expect(totalTimeNs(migration)).toBeNull();
  });

  test('a run that ends during the copy, or before the last page has come, leaves the migration unfinished', () => {
    expect(only(complete.slice(0, 3)).outcome).toBe('unfinished');
    expect(only(complete.slice(0, 8)).outcome).toBe('unfinished');
    expect(only(complete).outcome).toBe('completed');
  });

  test('a VM that dies on the way is lost, whatever phase was reached', () => {
    expect(only([...complete.slice(0, 8), ['lost', 1110]]).outcome).toBe('lost');
    expect(only([...complete.slice(0, 4), ['failed', 1050], ['lost', 1050]]).outcome).toBe('lost');
  });
});

describe('the parts of a pause', () => {
  const task = { migration: 'm1', engine: 'firewall', part: 'entries', moment: 'stop-phase' } as const;
  const counts = { round: 2, items: 5, removals: 0, bytes: 100, refused: 0, exportedNs: 0, arrivedNs: 0 };
  const rows = handMadeRows(2000, (observations) => {
    publishPhases(observations, complete);
    observations.memoryRound.publish({
      ...{ migration: 'm1', round: 1, stopped: false, pages: 9, bytes: 9 },
      startNs: 30,
      endNs: 1000,
    });
    observations.memoryRound.publish({
      ...{ migration: 'm1', round: 2, stopped: true, pages: 1, bytes: 1 },
      startNs: 1000,
      endNs: 1040,
    });
    // A delta that began before the pause, one beside the memory, one after both; another migration's is no part.
    observations.contextTask.publish({ ...task, ...counts, startNs: 900, endNs: 1010 });
    observations.contextTask.publish({ ...task, ...counts, startNs: 1030, endNs: 1060 });
    observations.contextTask.publish({ ...task, ...counts, startNs: 1055, endNs: 1075 });
    observations.contextTask.publish({ ...task, ...counts, migration: 'm2', startNs: 1000, endNs: 1100 });
  });
  const parts = pauseParts(rows, migrationTimes(rows.phases)[0]!);

  test('context_stop is the context that nothing else hides', () => {
    // Memory 1000..1040, devices until 1050. Context: 1000..1010, 1030..1075, of which 1050..1075 stands alone.
    expect(parts?.memoryNs).toBe(50);
    expect(parts?.contextStopNs).toBe(25);
  });

  test('context_stop_busy is all of it within the pause', () => {
    expect(parts?.contextStopBusyNs).toBe(10 + 45);
  });

  test('memory, context and the rest add up to the downtime', () => {
    expect(parts?.otherNs).toBe(1100 - 1075);
  });

  const instant = fc.integer({ min: 0, max: 300 });
  const tasks = fc.array(fc.tuple(instant, instant));
  property.prop([tasks, tasks])(
    'add up, and the context alone is never more than the context',
    (memory, context) => {
      const any = handMadeRows(2000, (observations) => {
        publishPhases(observations, [
          ['request', 0],
          ['stop', 100],
          ['activate', 200],
        ]);
        for (const [startNs, endNs] of memory)
          observations.memoryRound.publish({
            ...{ migration: 'm1', round: 1, stopped: false, pages: 1, bytes: 1 },
            ...{ startNs, endNs },
          });
        for (const [startNs, endNs] of context)
          observations.contextTask.publish({ ...task, ...counts, startNs, endNs });
      });
      const cut = pauseParts(any, migrationTimes(any.phases)[0]!)!;
      expect(cut.memoryNs + cut.contextStopNs + cut.otherNs).toBe(100);
      expect(Math.min(cut.memoryNs, cut.contextStopNs, cut.otherNs)).toBeGreaterThanOrEqual(0);
      expect(cut.contextStopNs).toBeLessThanOrEqual(cut.contextStopBusyNs);
    },
  );
});
