import { describe, expect, it } from 'vitest';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { compareSchemes } from './compare.ts';
import type { PairedRun, RunSummary } from './summary.ts';

interface Shown {
  readonly summary: RunSummary;
  readonly pair: PairedRun;
}

function show(file: string, name: string, overrides: readonly string[] = []): Shown {
  const { scenario } = loadScenario(`scenarios/research/${file}.yaml`, overrides);
  const scheme = scenario.schemes.find((candidate) => candidate.name === name);
  if (scheme === undefined) throw new Error(`${file} has no scheme ${name}`);
  const pairs: PairedRun[] = [];
  const { schemes } = compareSchemes({
    scenario,
    seed: scenario.seed,
    repetition: 0,
    choices: [{ name, scheme, marks: { assumed: 0, fields: 0 } }],
    replayCommand: () => '',
    watch: { begin: () => undefined, listen: () => undefined, finish: (pair) => pairs.push(pair) },
  });
  return { summary: schemes[0]!, pair: pairs[0]! };
}

describe('a rule that is revoked while CoM moves the VM', () => {
  // CoM installs the rules at reservation, at 5 s; what comes after has to reach the destination by itself.
  const untilS = 30;

  function exposure(atS: number, delays: string): { windowS: number; stopS: number; resumeS: number } {
    const { summary, pair } = show('rule-revoked', 'com-rounds', [
      `controller[0].at=${atS * 1000} ms`,
      `controller[0].delays=${delays}`,
    ]);
    const phaseS = (wanted: string): number =>
      pair.run.rows.phases.find(({ phase }) => phase === wanted)!.timeNs / 1e9;
    const windowS = summary.exposure.window_ms['syn-closed-port']! / 1000;
    return { windowS, stopS: phaseS('stop'), resumeS: phaseS('activate') };
  }

  const both = '{ a: 0 s, b: 0 s }';
  const onlySource = '{ a: 0 s, b: never }';
  const onlyDestination = '{ a: never, b: 0 s }';

  it.each([4, 6, 12])('exposes nothing where both hosts hear of it, at %d s', (atS) => {
    expect(exposure(atS, both).windowS).toBe(0);
  });

  it('before the move: travels with the VM, unless only the destination was told, which did not expect it', () => {
    expect(exposure(4, onlySource).windowS).toBe(0);
    const { windowS, stopS, resumeS } = exposure(4, onlyDestination);
    // From the revocation to the end, but for the pause, in which nothing reaches the VM.
    expect(windowS).toBeCloseTo(untilS - 4 - (resumeS - stopS), 6);
  });

  it('during the rounds: is undone by the resume, or not yet in force until the pause', () => {
    const late = exposure(6, onlySource);
    expect(late.windowS).toBeCloseTo(untilS - late.resumeS, 6);
    const early = exposure(6, onlyDestination);
    expect(early.windowS).toBeCloseTo(early.stopS - 6, 6);
  });

  it('after the move: is in force if the destination heard of it', () => {
    expect(exposure(12, onlySource).windowS).toBeCloseTo(untilS - 12, 6);
    expect(exposure(12, onlyDestination).windowS).toBe(0);
  });
}, 120_000);

describe('a VM that comes back to what it left behind', () => {
  it('finds no trace of it where what comes back replaces it', () => {
    const { summary } = show('ping-pong', 'com-without-cleanup');
    expect(summary.context.engines[0]).toMatchObject({ missing: 0, stale: 0, resurrected: 0 });
    expect(summary.exposure.legitimate_dropped).toBe(0);
  }, 60_000);

  it('has its connections judged by windows of long ago where that is kept', () => {
    const { summary } = show('ping-pong', 'com-without-cleanup-keeping');
    // 20 connections move twice; they are stale after the second move. What they sent meanwhile is beyond the windows.
    expect(summary.context.engines[0]!.stale).toBeGreaterThanOrEqual(20);
    expect(summary.exposure.legitimate_dropped_by_cause['invalid']).toBeGreaterThan(0);
    expect(summary.exposure.wrongly_dropped_by_cause).toEqual({ window: 20 });
    expect(summary.transparent).toBe(false);
  }, 60_000);
});
