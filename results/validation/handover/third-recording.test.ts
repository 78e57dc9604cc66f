import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { handoverFile, handoverRun, type HandoverRun } from './handover-file.ts';
import { validateHandovers, type HandoverValidation } from './handover.ts';

/* recorder.py, set `third`, on Linux 6.18.44: cubic and bbr, 150, 450 and 1,100 ms, two replicates of 16 flows each. */
const file = new URL('../../reference/third-handover.json.gz', import.meta.url);
const recording = handoverFile.parse(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')));
const runs = recording.runs.map((run) => handoverRun.parse(run));

function validate(wanted: (run: HandoverRun) => boolean): HandoverValidation {
  return validateHandovers({ ...recording, runs: runs.filter(wanted) });
}

function losesScale({ params }: HandoverRun): boolean {
  return params['copy'] === 'naive' || params['copy'] === 'noflags';
}

describe('Handovers recorded after the models were made', () => {
  test('end as the models say, and when, under copies with the window scale and under rules alone', () => {
    const found = validate((run) => !losesScale(run));
    expect([found.runs, found.not_scored]).toEqual([30, []]);
    // All but one: a block had reached a socket whose reader had not had its turn, so that it seems lost.
    expect(found.flows - found.flows_agreeing).toBe(1);
    expect(found.first_payload.within_40_ms_or_3_percent).toBeGreaterThan(0.9);
    expect(found.first_payload.within_one_step).toBe(1);
  });

  test('differ under copies that lose the window scale in bulk flows alone, whose fate is chance: 20 of 48 died', () => {
    const bulk = runs
      .filter(losesScale)
      .flatMap(({ flows }) => flows.filter(({ kind }) => kind.startsWith('bulk')));
    expect([bulk.length, bulk.filter(({ survives }) => !survives).length]).toEqual([48, 20]);
    const found = validate(losesScale).strict_copy;
    // 12 runs of 16 flows.
    expect([found.flows, found.dead]).toEqual([192, 20]);
    expect(found.disagreements.every(({ flow }) => flow.includes('bulk'))).toBe(true);
  });
});
