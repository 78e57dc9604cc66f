import { expect, test } from 'vitest';
import { handMadeRows, publishPhases } from '../hand-made-rows.ts';
import { copiedVolume } from './copy-rounds.ts';
import { migrationTimes } from './migration-times.ts';

const rows = handMadeRows(1000, (observations) => {
  publishPhases(observations, [
    ['request', 0],
    ['stop', 300],
    ['activate', 400],
  ]);
  const round = { migration: 'm1', stopped: false };
  observations.memoryRound.publish({ ...round, round: 1, startNs: 10, endNs: 200, pages: 100, bytes: 4000 });
  observations.memoryRound.publish({ ...round, round: 2, startNs: 300, endNs: 350, pages: 7, bytes: 280 });
  const task = { migration: 'm1', engine: 'fw', moment: 'x', refused: 0 };
  const rules = { ...task, part: 'rules' } as const;
  const entries = { ...task, part: 'entries' } as const;
  observations.contextTask.publish({
    ...rules,
    round: 0,
    startNs: 1,
    endNs: 2,
    items: 30,
    removals: 0,
    bytes: 3,
  });
  observations.contextTask.publish({
    ...entries,
    round: 1,
    startNs: 20,
    endNs: 9,
    items: 50,
    removals: 0,
    bytes: 5,
  });
  observations.contextTask.publish({
    ...entries,
    round: 2,
    startNs: 310,
    endNs: 9,
    items: 4,
    removals: 2,
    bytes: 1,
  });
  observations.contextTask.publish({
    ...entries,
    round: 3,
    startNs: 360,
    endNs: 9,
    items: 1,
    removals: 0,
    bytes: 9,
  });
  observations.contextTask.publish({
    ...entries,
    round: 3,
    startNs: 400,
    endNs: 9,
    items: 8,
    removals: 0,
    bytes: 7,
  });
});
const volume = copiedVolume(rows, migrationTimes(rows.phases)[0]!);

test('each round has its pages and the context that travelled with it', () => {
  expect(volume.rounds).toEqual([
    { durationNs: 190, pages: 100, memoryBytes: 4000, contextItems: 50, contextBytes: 5 },
    // The delta of the stop phase, 4 entries and 2 removals, and one entry after the last round but before the resume.
    { durationNs: 50, pages: 7, memoryBytes: 280, contextItems: 7, contextBytes: 10 },
  ]);
});

test('rules sent at reservation and entries sent after the resume are kept apart from the rounds', () => {
  expect(volume.reserved).toEqual({ items: 30, bytes: 3 });
  expect(volume.late).toEqual({ items: 8, bytes: 7 });
});

test('all parts add up', () => {
  expect(volume.memoryBytes).toBe(4280);
  expect(volume.contextItems).toBe(30 + 50 + 7 + 8);
  expect(volume.contextBytes).toBe(3 + 5 + 10 + 7);
});
