import { describe, expect, it } from 'vitest';
import type { PreCopyPlan } from './memory-plan.ts';
import { mayNeverEnd, memoryPlanProblems } from './memory-plan-problems.ts';

const plan: PreCopyPlan = {
  kind: 'pre-copy',
  costs: { setUpNs: 0, liveRateBps: 1e9, stoppedRateBps: 1e9, endNs: 0, deviceBytes: 0 },
  wire: { dataPageBytes: 4104, zeroPageBytes: 9, compression: { kind: 'none' } },
  rounds: { kind: 'simgrid', capBps: Infinity, downtimeMaxNs: 30_000_000 },
  limits: { roundsMax: Infinity, bytesMax: Infinity, liveNsMax: Infinity, then: 'stop' },
};

describe('a memory plan', () => {
  it('has no problems when everything has a size and a rate', () => {
    expect(memoryPlanProblems(plan, 'memory')).toEqual([]);
  });

  it('names all rates and sizes with which nothing can be sent, each with its place', () => {
    const bad: PreCopyPlan = {
      ...plan,
      costs: { ...plan.costs, liveRateBps: 0, endNs: -1 },
      wire: { dataPageBytes: 0, zeroPageBytes: 9, compression: { kind: 'none' } },
      rounds: { kind: 'simgrid', capBps: 0, downtimeMaxNs: 0 },
    };
    expect(memoryPlanProblems(bad, 'memory').map(({ place }) => place)).toEqual([
      'memory.costs.liveRateBps',
      'memory.costs.endNs',
      'memory.wire.dataPageBytes',
      'memory.rounds.capBps',
    ]);
  });

  it('may never end under a rule without a last round, unless it states a limit', () => {
    expect(mayNeverEnd(plan)).toBe(true);
    expect(mayNeverEnd({ ...plan, limits: { ...plan.limits, liveNsMax: 1e9 } })).toBe(false);
    const rounds = { kind: 'vmotion', capBps: 1e9, restBytesMax: 16e6, gainBytesMin: 1e6 } as const;
    expect(mayNeverEnd({ ...plan, rounds })).toBe(false);
    // A guest that dirties the same amount in every round gains nothing, which is not less than nothing.
    expect(mayNeverEnd({ ...plan, rounds: { ...rounds, gainBytesMin: 0 } })).toBe(true);
  });

  it('may never end as a hybrid that never switches', () => {
    const faults = { pushBps: 1e9, requestNs: 0, resumeNs: 0, preempt: false, prePagingPages: 0 };
    const hybrid = { ...plan, kind: 'hybrid', faults, switchAfterNs: Infinity } as const;
    expect(mayNeverEnd({ ...hybrid, switchAfterRounds: Infinity })).toBe(true);
    expect(mayNeverEnd({ ...hybrid, switchAfterRounds: 3 })).toBe(false);
  });
});
