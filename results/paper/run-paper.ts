import { assert } from '../../sim/assert.ts';
import { s } from '../../sim/time.ts';
import { noAdditions } from '../../scenarios/additions.ts';
import { loadScenario } from '../../scenarios/load-scenario.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { loadSweep } from '../../scenarios/sweep.ts';
import { asWritten } from '../choose-schemes.ts';
import { downtimeNs } from '../measures/downtime.ts';
import { migrationTimes } from '../measures/migration-times.ts';
import type { MigrationTimes } from '../measures/migration-times.ts';
import { projectFile } from '../project-file.ts';
import { runScenario } from '../run-scenario.ts';
import type { RunRows } from '../run-rows.ts';
import { planSweep } from '../sweep-plan.ts';

/** One migration of a published case, as a run of its file gave it. Times in s; NaN for what was not reached. */
export interface PaperMove {
  readonly liveRounds: number;
  readonly pages: number;
  readonly lastPages: number;
  readonly liveS: number;
  readonly downtimeS: number;
  /** From the request to the last page. */
  readonly totalS: number;
  readonly rounds: readonly PaperRound[];
  /** Steps of vCPU throttling in %, in their order. */
  readonly throttle: readonly number[];
}

export interface PaperRound {
  readonly pages: number;
  readonly bytes: number;
  readonly durationS: number;
}

/** Gives the move of a migration by its name. */
export type PaperMoves = (migration: string) => PaperMove;

/** Where the file of a published case lies, in the repository and in a package alike. */
export function paperFile(name: string): string {
  return projectFile(`scenarios/paper/${name}.yaml`);
}

/** The scenario of a published case: what `nseh run` runs. */
export function paperScenario(name: string): Scenario {
  return loadScenario(paperFile(name), []).scenario;
}

/** Runs the file of a published case, one of its repetitions. */
export function runPaper(name: string, repetition: number): PaperMoves {
  return runMoves(paperScenario(name), repetition);
}

/** A combination of a published sweep: what was varied, as its columns show it, and the moves. */
export interface PaperPoint {
  readonly values: ReadonlyMap<string, string | number>;
  readonly moves: PaperMoves;
}

/** Runs every combination of a published sweep, once. */
export function runPaperSweep(name: string): PaperPoint[] {
  const plan = planSweep(loadSweep(paperFile(`sweeps/${name}`)));
  return plan.groups.flatMap((group) => {
    const moves = runMoves(plan.scenarioOf(group), 0);
    return group.cells.map(({ point }) => {
      const values = plan.factors.map(({ column }, i) => [column, point[i]?.cell ?? ''] as const);
      return { values: new Map(values), moves };
    });
  });
}

function runMoves(scenario: Scenario, repetition: number): PaperMoves {
  const throttle: { migration: string; percent: number }[] = [];
  const { rows } = runScenario({
    scenario,
    choice: asWritten(scenario),
    additions: noAdditions,
    seed: scenario.seed,
    repetition,
    replayCommand: `nseh run scenarios/paper/${scenario.name}.yaml`,
    listen: ({ vcpuThrottled }) => vcpuThrottled.subscribe((step) => throttle.push({ ...step })),
  });
  const times = migrationTimes(rows.phases);
  return (migration) => {
    const own = times.find((each) => each.migration === migration);
    assert(own !== undefined, 'a published case names its migrations');
    const steps = throttle.filter((step) => step.migration === migration).map(({ percent }) => percent);
    return paperMove(rows, own, steps);
  };
}

function paperMove(rows: RunRows, times: MigrationTimes, throttle: readonly number[]): PaperMove {
  const rounds = rows.memoryRounds.filter(({ migration }) => migration === times.migration);
  const { request, stop } = times.at;
  const since = (from: number | null, to: number | null): number =>
    from === null || to === null ? NaN : (to - from) / s;
  return {
    liveRounds: rounds.filter(({ stopped }) => !stopped).length,
    pages: rounds.reduce((sum, { pages }) => sum + pages, 0),
    lastPages: rounds.at(-1)?.pages ?? NaN,
    liveS: since(request, stop),
    downtimeS: (downtimeNs(times) ?? NaN) / s,
    totalS: since(request, times.at['source-freed']),
    rounds: rounds.map(({ pages, bytes, startNs, endNs }) => {
      return { pages, bytes, durationS: since(startNs, endNs) };
    }),
    throttle,
  };
}
