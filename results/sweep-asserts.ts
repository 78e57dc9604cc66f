import { mean } from 'd3-array';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { comparisons } from '../scenarios/comparisons.ts';
import { suggestion } from '../scenarios/did-you-mean.ts';
import type { Sweep, SweepAssert } from '../scenarios/sweep.ts';
import { parseQuantity } from '../scenarios/units.ts';
import type { Dimension } from '../scenarios/units.ts';
import { wantedRuns } from './merge-sweep.ts';
import type { SweepState } from './merge-sweep.ts';
import { runColumns } from './run-columns.ts';
import { quantile } from './statistics.ts';
import type { SweepPlan } from './sweep-plan.ts';
import { threeDigits } from './three-digits.ts';

/** A threshold that a combination has missed. */
export interface MissedAssert {
  readonly that: string;
  readonly cell: number;
  /** Null where no run had a value. */
  readonly found: number | null;
  readonly message: string;
}

/** A threshold, understood: of which column, which statistic, what is compared. */
interface Threshold {
  readonly assert: SweepAssert;
  readonly column: number;
  readonly of: (values: readonly number[]) => number | null;
  readonly holds: (found: number) => boolean;
}

/** Refuses measures and statistics that do not exist, before anything runs. */
export function checkMeasures(sweep: Sweep): void {
  const problems: Problem[] = [];
  const names = runColumns.filter(({ kind }) => kind !== 'text').map(({ column }) => column);
  const unknown = (name: string): string => `there is no measure "${name}"${suggestion(name, names)}`;
  if (sweep.until !== null && !names.includes(sweep.until.measure)) {
    problems.push(sweep.problemAt(['until', 'measure'], unknown(sweep.until.measure), names.join(', ')));
  }
  for (const assert of sweep.asserts) {
    const threshold = readThreshold(assert);
    if (typeof threshold !== 'string') continue;
    problems.push(
      sweep.problemAt(assert.path, threshold, 'such as downtime_ms.p99 < 100 ms, or reset.mean = 0'),
    );
  }
  if (problems.length > 0) throw new ScenarioError(problems);
}

/** Holds every combination to the thresholds of the sweep. */
export function missedAsserts({ sweep, cells, factors }: SweepPlan, state: SweepState): MissedAssert[] {
  return sweep.asserts.flatMap((assert) => {
    const threshold = readThreshold(assert);
    if (typeof threshold === 'string') return [];
    return cells
      .filter(({ point }) => assert.where(point))
      .flatMap(({ index, point, choice }): MissedAssert[] => {
        const runs = wantedRuns(state.cells[index]!);
        const values = runs
          .map((run) => run.values?.[threshold.column])
          .filter((value) => typeof value === 'number');
        const found = threshold.of(values);
        if (found !== null && threshold.holds(found)) return [];
        const named = factors.map(({ column }, at) => `${column} ${String(point[at]!.cell)}`);
        const shown = found === null ? 'no run has a value' : `it is ${threeDigits(found)}`;
        const where = named.length > 0 ? named.join(', ') : choice.name;
        return [{ that: assert.that, cell: index, found, message: `${assert.that}: ${shown} at ${where}` }];
      });
  });
}

function readThreshold(assert: SweepAssert): Threshold | string {
  const match = /^\s*([\w-]+)\.([\w.]+)\s*(<=|>=|==|!=|<|>|=)\s*(.+?)\s*$/.exec(assert.that);
  const [, name = '', statistic = '', sign = '', limitText = ''] = match ?? [];
  if (match === null) return `"${assert.that}" is not MEASURE.STATISTIC, a comparison and a value`;
  const column = runColumns.findIndex((candidate) => candidate.column === name);
  const measure = runColumns[column];
  if (measure === undefined) {
    return `there is no measure "${name}"${suggestion(
      name,
      runColumns.map((known) => known.column),
    )}`;
  }
  const of = statisticNamed(statistic);
  if (of === null) return `there is no statistic "${statistic}": mean, min, max, median, p1 to p99.9`;
  const limit = limitIn(measure.unit, limitText);
  if (typeof limit === 'string') return limit;
  const compare = comparisons.get(sign)!;
  return { assert, column, of, holds: (found) => compare(found, limit) };
}

/** A statistic by the name that users write: mean, min, max, median, p99, p99.9. */
function statisticNamed(name: string): ((values: readonly number[]) => number | null) | null {
  if (name === 'mean') return (values) => mean(values) ?? null;
  const at = new Map([
    ['min', 0],
    ['median', 0.5],
    ['max', 1],
  ]).get(name);
  const percent = /^p(\d{1,2}(?:\.\d+)?)$/.exec(name)?.[1];
  const p = at ?? (percent === undefined ? null : Number(percent) / 100);
  return p === null ? null : (values) => quantile(values, p);
}

/** The limit in the unit of the measure, or what is wrong with it. */
function limitIn(unit: string, text: string): number | string {
  const quantity = quantities.get(unit);
  const number = Number(text);
  if (quantity === undefined) return Number.isFinite(number) ? number : `"${text}" is not a number`;
  if (unit === 'ratio' && Number.isFinite(number)) return number;
  const parsed = parseQuantity(text, quantity.dimension);
  return parsed.ok ? parsed.value / quantity.size : parsed.message;
}

const quantities: ReadonlyMap<string, { readonly dimension: Dimension; readonly size: number }> = new Map([
  ['ms', { dimension: 'time', size: 1e6 }],
  ['bytes', { dimension: 'size', size: 1 }],
  ['ratio', { dimension: 'share', size: 1 }],
]);
