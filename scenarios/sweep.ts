import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { fileProblems } from './file/file-problems.ts';
import type { FileProblem } from './file/file-problems.ts';
import { readYamlAs } from './file-kind.ts';
import { nameOfFile } from './name-of-file.ts';
import { readScenarioText } from './read-text-file.ts';
import type { FieldPath } from './source-problem.ts';
import { parseCondition } from './sweep-condition.ts';
import type { Condition } from './sweep-condition.ts';
import { countPoints, lengthOf } from './sweep-design.ts';
import type { SweepAxis, SweepDesign } from './sweep-design.ts';
import { readFactor } from './sweep-factor.ts';
import type { SweepFactor } from './sweep-factor.ts';
import { sweepFile } from './sweep-file.ts';
import type { SweepFile } from './sweep-file.ts';
import type { YamlText } from './yaml-text.ts';

/** An experiment as it is meant: which scenario, what varies, how often each combination is repeated. */
export interface Sweep {
  readonly name: string;
  readonly description: string;
  readonly scenarioPath: string;
  /** `path=value` texts that hold for all runs. */
  readonly set: readonly string[];
  readonly axes: readonly SweepAxis[];
  readonly design: SweepDesign;
  /** Combinations for which this does not hold are left out. */
  readonly where: Condition;
  readonly repetitions: number;
  /** Null for the scenario's own. */
  readonly seed: number | null;
  readonly asserts: readonly SweepAssert[];
  readonly until: SweepUntil | null;
  /** A problem with something that this file says, in its place. */
  readonly problemAt: (path: FieldPath, message: string, allowed: string) => Problem;
}

/** A threshold such as `downtime_ms.p99 < 100 ms`; what it names is known to those who measure. */
export interface SweepAssert {
  readonly that: string;
  readonly where: Condition;
  readonly path: FieldPath;
}

/** Repeat in batches until the interval of a mean is narrow enough. */
export interface SweepUntil {
  readonly measure: string;
  readonly relative: number;
  readonly confidence: number;
  readonly batch: number;
  readonly repetitionsMax: number;
}

/** More combinations, or more runs, are a mistake or want a random design. */
const pointsMax = 1_000_000;
const runsMax = 10_000_000;

/** Reads a sweep file; all problems at once as a {@link ScenarioError}. */
export function loadSweep(path: string): Sweep {
  const sweep = parseSweep(path, readScenarioText(path));
  const { scenarioPath, problemAt } = sweep;
  if (!existsSync(scenarioPath)) {
    const message = `"${scenarioPath}": there is no such file`;
    throw new ScenarioError([problemAt(['scenario'], message, 'a path from the folder of this file')]);
  }
  return sweep;
}

/** The same for text that is at hand; `path` names it and says where its scenario lies. */
export function parseSweep(path: string, text: string): Sweep {
  const yaml = readYamlAs('sweep', path, text);
  const parsed = sweepFile.safeParse(yaml.value);
  if (!parsed.success) refuse(yaml, fileProblems(parsed.error.issues, yaml.value));
  const file = parsed.data;
  const problems: FileProblem[] = [];
  const axes = readAxes(file, problems);
  const factors = axes.flatMap((axis) => axis.factors);
  const design = readDesign(file, axes, problems);
  const sweep: Sweep = {
    name: file.name ?? nameOfFile(path),
    description: file.description,
    scenarioPath: isAbsolute(file.scenario) ? file.scenario : join(dirname(path), file.scenario),
    set: Object.entries(file.set).map(([key, value]) => `${key}=${JSON.stringify(value)}`),
    axes,
    design,
    where: readWhere(file.where, ['where'], factors, problems),
    repetitions: file.reps,
    seed: file.seed ?? null,
    asserts: file.assert.map(({ that, where }, index) => ({
      that,
      where: readWhere(where === undefined ? [] : [where], ['assert', index, 'where'], factors, problems),
      path: ['assert', index, 'that'],
    })),
    until: readUntil(file, problems),
    problemAt: (place, message, allowed) => yaml.place(at(place, message, allowed)),
  };
  if (problems.length === 0) problems.push(...tooMany(sweep));
  if (problems.length > 0) refuse(yaml, problems);
  return sweep;
}

function readAxes(file: SweepFile, problems: FileProblem[]): SweepAxis[] {
  const axes: SweepAxis[] = [];
  const read = (path: string, written: unknown, place: FieldPath): SweepFactor[] => {
    const { factor, problems: found } = readFactor(path, written, place);
    problems.push(...found);
    return factor === null ? [] : [factor];
  };
  for (const [path, written] of Object.entries(file.vary)) {
    axes.push({ factors: read(path, written, ['vary', path]) });
  }
  file.zip.forEach((coupled, index) => {
    const factors = Object.entries(coupled).flatMap(([path, written]) =>
      read(path, written, ['zip', index, path]),
    );
    const lengths = new Set(factors.map(({ levels }) => levels.length));
    if (lengths.size > 1) {
      const shown = factors.map(({ path, levels }) => `${path} has ${levels.length}`).join(', ');
      problems.push(at(['zip', index], `values that change together: ${shown}`, 'as many of each'));
    }
    axes.push({ factors });
  });
  if (axes.length === 0) problems.push(at(['vary'], 'nothing is varied', 'paths and their values'));
  return withColumns(axes, problems);
}

/** Two factors whose paths end alike are told apart by their whole paths. */
function withColumns(axes: readonly SweepAxis[], problems: FileProblem[]): SweepAxis[] {
  const factors = axes.flatMap((axis) => axis.factors);
  const count = (column: string): number => factors.filter((other) => other.column === column).length;
  for (const [index, { path }] of factors.entries()) {
    if (factors.findIndex((other) => other.path === path) < index) {
      problems.push(at(['vary'], `${path} is varied twice`, 'every path once'));
    }
  }
  return axes.map((axis) => ({
    factors: axis.factors.map((factor) =>
      count(factor.column) === 1 ? factor : { ...factor, column: factor.path },
    ),
  }));
}

function readDesign(file: SweepFile, axes: readonly SweepAxis[], problems: FileProblem[]): SweepDesign {
  const { kind, points } = file.design;
  if (kind === 'grid') {
    if (points !== undefined)
      problems.push(at(['design', 'points'], 'a grid has as many points as it has', ''));
    for (const { path, levels } of axes.flatMap((axis) => axis.factors)) {
      if (levels.length === 0) problems.push(at(['vary', path], 'a range in a grid needs steps', 'steps: 5'));
    }
    return { kind };
  }
  if (points === undefined) problems.push(at(['design'], `${kind} needs points`, 'points: 100'));
  return { kind, points: points ?? 1, seed: file.seed ?? 1 };
}

function readWhere(
  texts: readonly string[],
  place: FieldPath,
  factors: readonly SweepFactor[],
  problems: FileProblem[],
): Condition {
  const conditions: Condition[] = [];
  for (const text of texts) {
    const parsed = parseCondition(text, factors);
    if (parsed.ok) conditions.push(parsed.condition);
    else problems.push(at(place, parsed.message, conditionForm));
  }
  return (point) => conditions.every((condition) => condition(point));
}

function readUntil({ until, reps }: SweepFile, problems: FileProblem[]): SweepUntil | null {
  if (until === undefined) return null;
  if (until.reps_max < reps) problems.push(at(['until', 'reps_max'], `is less than reps, ${reps}`, ''));
  if (until.relative <= 0) problems.push(at(['until', 'relative'], 'is never reached', 'more than 0 %'));
  return {
    measure: until.measure,
    relative: until.relative,
    confidence: until.confidence,
    batch: until.batch,
    repetitionsMax: until.reps_max,
  };
}

function tooMany({ axes, design, repetitions, until }: Sweep): FileProblem[] {
  const points = countPoints(axes, design);
  const runs = points * (until?.repetitionsMax ?? repetitions);
  if (points <= pointsMax && runs <= runsMax) return [];
  const product = design.kind === 'grid' ? `${axes.map((axis) => lengthOf(axis)).join(' × ')} = ` : '';
  const message = `${product}${points} combinations, ${runs} runs: more than anyone waits for`;
  const allowed = `up to ${pointsMax} combinations and ${runsMax} runs; design: { kind: latin-hypercube, points: 1000 }`;
  return [at(['vary'], message, allowed)];
}

function refuse(yaml: YamlText, problems: readonly FileProblem[]): never {
  throw new ScenarioError(problems.map((problem) => yaml.place(problem)));
}

function at(path: FieldPath, message: string, allowed: string): FileProblem {
  return { path, atKey: false, message, allowed };
}

const conditionForm = 'such as scheme != stock-drop or entries <= 1000';
