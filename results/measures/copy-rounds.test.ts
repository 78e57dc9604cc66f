import { expect, test } from 'vitest';
import type { ContextTask } from '../../models/observations.ts';
import { handMadeRows, publishPhases } from '../hand-made-rows.fixture.ts';
import { copiedVolume } from './copy-rounds.ts';
import { migrationTimes } from './migration-times.ts';

type Sent = Pick<ContextTask, 'part' | 'moment' | 'round' | 'startNs' | 'items' | 'removals' | 'bytes'>;

const sent: readonly Sent[] = [
  { part: 'rules', moment: 'at-reservation', round: 0, startNs: 1, items: 30, removals: 0, bytes: 3 },
  { part: 'entries', moment: 'each-round', round: 1, startNs: 20, items: 50, removals: 0, bytes: 5 },
  // Replication names no round: it belongs to the one under way when it starts.
  { part: 'entries', moment: 'continuously', round: 0, startNs: 30, items: 3, removals: 0, bytes: 2 },
  // Both in the pause, the second one after the last memory round.
  { part: 'entries', moment: 'stop-phase', round: 0, startNs: 299, items: 4, removals: 2, bytes: 1 },
  { part: 'entries', moment: 'stop-phase', round: 0, startNs: 360, items: 1, removals: 0, bytes: 9 },
  { part: 'entries', moment: 'after-resume', round: 0, startNs: 400, items: 8, removals: 0, bytes: 7 },
];

const rows = handMadeRows(1000, (observations) => {
  publishPhases(observations, [
    ['request', 0],
    ['stop', 299],
    ['activate', 400],
  ]);
  const round = { migration: 'm1', stopped: false };
  observations.memoryRound.publish({ ...round, round: 1, startNs: 10, endNs: 200, pages: 100, bytes: 4000 });
  observations.memoryRound.publish({ ...round, round: 2, startNs: 300, endNs: 350, pages: 7, bytes: 280 });
  for (const task of sent)
    observations.contextTask.publish({
      ...{ ...task, exportedNs: task.startNs, arrivedNs: 500, endNs: 500 },
      ...{ migration: 'm1', engine: 'fw', refused: 0 },
    });
});
const volume = copiedVolume(rows, migrationTimes(rows.phases)[0]!);

test('each round has its pages and the context that travelled with it', () => {
  expect(volume.rounds).toEqual([
    { durationNs: 190, pages: 100, memoryBytes: 4000, contextItems: 53, contextBytes: 7 },
    { durationNs: 50, pages: 7, memoryBytes: 280, contextItems: 7, contextBytes: 10 },
  ]);
});

test('rules sent at reservation and entries sent after the resume are kept apart from the rounds', () => {
  expect(volume.reserved).toEqual({ items: 30, bytes: 3 });
  expect(volume.late).toEqual({ items: 8, bytes: 7 });
});

test('all parts add up', () => {
  expect(volume.memoryBytes).toBe(4280);
  expect(volume.contextItems).toBe(30 + 53 + 7 + 8);
  expect(volume.contextBytes).toBe(3 + 7 + 10 + 7);
});
