import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { loaded, openScenario } from '../scenarios/load-scenario.ts';
import type { LoadAttempt } from '../scenarios/load-scenario.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { sha256 } from '../scenarios/sha256.ts';
import type { Sweep } from '../scenarios/sweep.ts';
import type { SweepPoint } from '../scenarios/sweep-condition.ts';
import { countPoints, designPoints } from '../scenarios/sweep-design.ts';
import type { SweepFactor } from '../scenarios/sweep-factor.ts';
import { asWritten, chooseSchemes, unknownSchemes } from './choose-schemes.ts';
import { buildHash, scenarioHash } from './manifest.ts';
import { runColumns } from './run-columns.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import { stableJson } from './stable-json.ts';

/** All that a sweep will run, before anything has run. */
export interface SweepPlan {
  readonly sweep: Sweep;
  readonly factors: readonly SweepFactor[];
  readonly seed: number;
  /** Combinations that the design has; those for which `where` does not hold are no cells. */
  readonly combinations: number;
  readonly cells: readonly SweepCell[];
  readonly groups: readonly CellGroup[];
  /** The scenario with what holds for all runs. */
  readonly base: Scenario;
  readonly warnings: readonly Problem[];
  /** Gives a group's scenario again: thousands of them are not kept. */
  readonly scenarioOf: (group: CellGroup) => Scenario;
}

/** One combination, which is repeated. */
export interface SweepCell {
  readonly index: number;
  readonly point: SweepPoint;
  readonly choice: SchemeChoice;
  /** SHA-256 of the resolved scenario, the scheme, the seed and the build: what its runs are kept under. */
  readonly sha256: string;
}

/** Combinations that differ in the scheme alone: they share the run without migration, and belong to one shard. */
export interface CellGroup {
  readonly index: number;
  readonly overrides: readonly string[];
  readonly cells: readonly SweepCell[];
}

/** Resolves every combination of a sweep; all problems at once as a {@link ScenarioError}. */
export function planSweep(sweep: Sweep): SweepPlan {
  const load = openScenario(sweep.scenarioPath);
  const { scenario: base, warnings } = loaded(load(sweep.set));
  const factors = distinctColumns(sweep.axes.flatMap((axis) => axis.factors));
  const seed = sweep.seed ?? base.seed;
  const problems = new PlanProblems(sweep, factors);
  const planned: CellGroup[] = [];
  let index = 0;
  for (const { overrides, points } of groupsOf(sweep, factors)) {
    const scenario = problems.sift(load(overrides));
    if (scenario === null) continue;
    const names = schemeNames(points, factors);
    if (names !== null && !problems.none(unknownSchemes(scenario, names))) continue;
    const choices = names === null ? points.map(() => asWritten(scenario)) : chooseSchemes(scenario, names);
    const scenarioSha256 = scenarioHash(scenario);
    const cells = points.map((point, at) => {
      const choice = choices[at]!;
      return { index: index++, point, choice, sha256: cellHash(scenarioSha256, choice, seed) };
    });
    planned.push({ index: planned.length, overrides, cells });
  }
  problems.throwAny();
  if (planned.length === 0) {
    throw new ScenarioError([
      sweep.problemAt(['where'], 'leaves no combination', 'a condition that some meet'),
    ]);
  }
  return {
    ...{ sweep, factors, seed, base, warnings, groups: planned },
    combinations: countPoints(sweep.axes, sweep.design),
    cells: planned.flatMap(({ cells }) => cells),
    scenarioOf: ({ overrides }) => loaded(load(overrides)).scenario,
  };
}

/** A factor whose column is also that of a measure is called by its whole path. */
function distinctColumns(factors: readonly SweepFactor[]): SweepFactor[] {
  const taken = new Set(['cell', 'seed', 'rep', ...runColumns.map(({ column }) => column)]);
  return factors.map((factor) => (taken.has(factor.column) ? { ...factor, column: factor.path } : factor));
}

interface PointGroup {
  readonly overrides: readonly string[];
  readonly points: SweepPoint[];
}

function groupsOf(sweep: Sweep, factors: readonly SweepFactor[]): PointGroup[] {
  const groups = new Map<string, PointGroup>();
  const seen = new Set<string>();
  for (const point of designPoints(sweep.axes, sweep.design)) {
    // A random design may come to the same combination twice.
    const whole = JSON.stringify(point);
    if (!sweep.where(point) || seen.has(whole)) continue;
    seen.add(whole);
    const overrides = factors.flatMap(({ path }, index) =>
      path === 'scheme' ? [] : [`${path}=${JSON.stringify(point[index]!.value)}`],
    );
    const key = overrides.join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { overrides: [...sweep.set, ...overrides], points: [point] });
    else group.points.push(point);
  }
  return [...groups.values()];
}

/** The scheme of each point; null when schemes are not varied. */
function schemeNames(points: readonly SweepPoint[], factors: readonly SweepFactor[]): string[] | null {
  const index = factors.findIndex(({ path }) => path === 'scheme');
  return index < 0 ? null : points.map((point) => String(point[index]!.value));
}

function cellHash(scenarioSha256: string, { scheme }: SchemeChoice, seed: number): string {
  return sha256(stableJson({ scenarioSha256, scheme, seed, build: buildHash() }));
}

/** Collects what is wrong with combinations, each mistake once, at the value in the sweep file that it comes from. */
class PlanProblems {
  private readonly sweep: Sweep;
  private readonly factors: readonly SweepFactor[];
  private readonly problems = new Map<string, Problem>();

  constructor(sweep: Sweep, factors: readonly SweepFactor[]) {
    this.sweep = sweep;
    this.factors = factors;
  }

  /** The scenario of an attempt; null, with its problems noted, when it failed. */
  sift(attempt: LoadAttempt): Scenario | null {
    if (attempt.ok) return attempt.loaded.scenario;
    this.none(attempt.problems);
    return null;
  }

  /** Notes problems; whether there were none. */
  none(problems: readonly Problem[]): boolean {
    for (const problem of problems) {
      if (this.problems.size < problemsShown)
        this.problems.set(`${problem.place} ${problem.message}`, problem);
    }
    return problems.length === 0;
  }

  throwAny(): void {
    const problems = [...this.problems.values()];
    if (problems.length > 0) throw new ScenarioError(problems.map((problem) => this.inSweep(problem)));
  }

  private inSweep(problem: Problem): Problem {
    const { message, allowed, place } = problem;
    if (place.startsWith('scheme ')) {
      return this.sweep.problemAt(['vary', 'scheme'], `${place} ${message}`, allowed);
    }
    const set = /^--set ([^=]+)=([^]*)$/.exec(place);
    const factor = this.factors.find(({ path }) => path === set?.[1]);
    if (set === null) return problem;
    if (factor === undefined) return this.sweep.problemAt(['set', set[1] ?? ''], message, allowed);
    const level = factor.levels.findIndex(({ value }) => JSON.stringify(value) === set[2]);
    const zip = this.sweep.axes.filter(({ factors }) => factors.length > 1);
    const zipped = zip.findIndex(({ factors }) => factors.some(({ path }) => path === factor.path));
    const where = zipped < 0 ? ['vary', factor.path] : ['zip', zipped, factor.path];
    return this.sweep.problemAt([...where, level], `${String(set[2])}: ${message}`, allowed);
  }
}

const problemsShown = 50;
