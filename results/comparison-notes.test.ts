import { expect, it } from 'vitest';
import { comparisonNotes } from './comparison-notes.ts';
import { handMadeSummary } from './hand-made-summary.fixture.ts';
import type { RunSummary } from './summary.ts';

function notes(fields: Parameters<typeof handMadeSummary>[1]): string[] {
  const schemes: RunSummary[] = [handMadeSummary('tried', fields)];
  return comparisonNotes({ scenario: 's', seed: 1, repetition: 0, schemes });
}

it('says why migrations did not complete, each reason once', () => {
  const failed = { outcome: 'failed', reason: 'the destination refuses the VM' } as const;
  const lost = { outcome: 'lost', reason: 'b has died, and the VM with it' } as const;
  expect(notes({ migrations: [failed, { outcome: 'completed' }, failed, lost] })).toEqual([
    'tried: 2 of 4 migrations failed: the destination refuses the VM',
    'tried: 1 of 4 migrations lost: b has died, and the VM with it',
  ]);
});

it('counts attempts where a migration was tried again', () => {
  const failed = { move: 'web', outcome: 'failed', reason: 'the destination refuses the VM' } as const;
  expect(notes({ migrations: [failed, { move: 'web', attempt: 2 }] })).toEqual([
    'tried: 1 of 2 attempts failed: the destination refuses the VM',
  ]);
});

it('says where intent and the reference that never moved disagree, either way', () => {
  expect(
    notes({ explained_by_delay: ['1 attacks delivered: syn-flood'], exposure: { wrongly_accepted: 1 } }),
  ).toEqual([
    'tried: 1 attacks delivered: syn-flood, which the reference would have judged the same: delay explains it, or a shared mistake',
  ]);
  expect(notes({ exposure: { wrongly_accepted: 3, wrongly_dropped: 2 } })).toEqual([
    'tried: the reference finds 3 flows wrongly accepted, intent no more attacks delivered than without migration',
    'tried: the reference finds 2 flows wrongly dropped, intent no more legitimate packets dropped than without migration',
  ]);
});

it('says nothing where both see the same, or nothing', () => {
  const exposure = { wrongly_accepted: 3, wrongly_dropped: 2 };
  const reasons = ['4 attacks delivered: syn-flood', '2 legitimate packets dropped by an engine'];
  expect(notes({ exposure, not_transparent_because: reasons })).toEqual([]);
  expect(notes({ migrations: [{ outcome: 'completed' }] })).toEqual([]);
});
