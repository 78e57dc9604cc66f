import { describe, expect, it } from 'vitest';
import { runShipped } from './run-shipped.fixture.ts';
import type { ShippedRun } from './run-shipped.fixture.ts';

function show(file: string, name: string, overrides: readonly string[] = []): ShippedRun {
  return runShipped(`research/${file}`, name, overrides);
}

describe('a rule that is revoked while CoM moves the VM', () => {
  // CoM installs the rules at reservation, at 5 s; what comes after has to reach the destination by itself.
  const untilS = 30;

  function exposure(
    atS: number,
    delays: string,
    scheme = 'com-rounds',
  ): { windowS: number; stopS: number; resumeS: number } {
    const { summary, pair } = show('rule-revoked', scheme, [
      `controller[0].at=${Math.round(atS * 1000)} ms`,
      `controller[0].delays=${delays}`,
      'schemes=[{ name: checking, based_on: com-rounds, reconcile: { check_policy: true } }]',
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

  it('during the reservation: is overtaken by the rules on their way, unless the destination knows newer from older', () => {
    // Rules are read at 5 s and in force at the destination 3.4 ms later.
    const atS = 5.002;
    for (const delays of [both, onlySource]) {
      const { windowS, resumeS } = exposure(atS, delays);
      expect(windowS).toBeCloseTo(untilS - resumeS, 6);
    }
    const { windowS, stopS, resumeS } = exposure(atS, onlyDestination);
    expect(windowS).toBeCloseTo(untilS - atS - (resumeS - stopS), 6);
    expect(exposure(atS, both, 'checking').windowS).toBe(0);
    const checked = exposure(atS, onlyDestination, 'checking');
    expect(checked.windowS).toBeCloseTo(checked.stopS - atS, 6);
  });

  it('in the pause: counts from the resume on, where the destination heard of it', () => {
    const atS = exposure(12, both).stopS + 0.005;
    expect(exposure(atS, both).windowS).toBe(0);
    expect(exposure(atS, onlyDestination).windowS).toBe(0);
    const { windowS, resumeS } = exposure(atS, onlySource);
    expect(windowS).toBeCloseTo(untilS - resumeS, 6);
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

describe('a VM that comes back before its first host has cleaned up behind it', () => {
  // Away from 5 s on, back at some 22 s. The host cleans up 12 s after it has lost the VM, while it takes it in again, or
  // after 20 s, when the VM runs there again.
  function late(by: string, delay: string): ShippedRun {
    const cleanup = `{ when: after-resume, delay: ${delay}, by: ${by} }`;
    return show('ping-pong', 'late', [`schemes=[{ name: late, based_on: com-rounds, cleanup: ${cleanup} }]`]);
  }

  it.each(['12 s', '20 s'])('is spared by a cleanup of the interface that it left: %s', (delay) => {
    const { summary } = late('interface', delay);
    expect(summary.migrations.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    expect(summary.context.engines[0]).toMatchObject({ missing: 0 });
    expect(summary.transparent).toBe(true);
  });

  it('loses its entries to a cleanup of its addresses', () => {
    const { summary } = late('address', '20 s');
    expect(summary.exposure.wrongly_dropped_by_cause['missing-entry']).toBe(20);
    expect(summary.transparent).toBe(false);
  });
}, 120_000);

describe('the four schemes of Achelous (Yang et al., SIGCOMM 2023)', () => {
  /** Outcomes of a workload's connections and the longest delay, in s. */
  function outcomes({ pair }: ShippedRun, workload: string): { kinds: string[]; delayS: number } {
    const ofWorkload = pair.connections.filter(({ opened }) => opened.workload === workload);
    const kinds = new Set(ofWorkload.map(({ outcome }) => outcome.kind));
    const delayNs = Math.max(...ofWorkload.map(({ outcome }) => outcome.delayNs));
    return { kinds: [...kinds].sort(), delayS: delayNs / 1e9 };
  }
  const isAlive = (kinds: readonly string[]): boolean =>
    kinds.every((kind) => kind === 'untouched' || kind === 'stalled');

  // Table 1: low downtime, stateless flows, stateful flows, applications unaware.
  it.each([
    ['achelous-none', [false, true, false, false]],
    ['achelous-tr', [true, true, false, false]],
    ['achelous-tr-sr', [true, true, true, false]],
    ['achelous-tr-ss', [true, true, true, true]],
  ])('differ as Table 1 says: %s', (scheme, row) => {
    const shown = show('achelous', scheme);
    const gap = shown.summary.service_gap_ms;
    const unaware = isAlive(outcomes(shown, 'plain').kinds);
    const resettable = outcomes(shown, 'resettable');
    const stateful = isAlive(resettable.kinds) || resettable.kinds.every((kind) => kind === 'reconnected');
    // Stateless flows work again: no probe is lost but in one gap.
    expect([gap.probe_longest! < 1000, gap.probe_lost === gap.probe_longest, stateful, unaware]).toEqual(row);
  });

  it('let clients reconnect by their own timers: 1 s after a reset, 32 s after a request that nobody answers', () => {
    expect(outcomes(show('achelous', 'achelous-tr-sr'), 'resettable').delayS).toBeCloseTo(1, 0);
    const { kinds, delayS } = outcomes(show('achelous', 'achelous-tr'), 'patient');
    expect(kinds).toEqual(['reconnected']);
    // 32 s from the first request after the freeze, for which the slowest of ten clients waits some think times.
    expect(delayS).toBeGreaterThan(32);
    expect(delayS).toBeLessThan(34);
  });
}, 120_000);
