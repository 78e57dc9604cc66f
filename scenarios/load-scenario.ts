import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import type { FileProblem } from './file/file-problems.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { readYamlAs } from './file-kind.ts';
import { parseFile } from './parse-file.ts';
import { readScenarioText } from './read-text-file.ts';
import { resolveScenario } from './resolve-scenario.ts';
import type { Scenario } from './scenario.ts';
import { setValue } from './set-value.ts';
import type { Override } from './set-value.ts';
import { problemsMax, showPath } from './source-problem.ts';
import type { FieldPath } from './source-problem.ts';
import { spellOut } from './spell-out.ts';
import type { YamlText } from './yaml-text.ts';

/** A scenario ready to be built, and what is worth saying about its file. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly warnings: readonly Problem[];
  /** The file with all defaults, in base units, and what it said itself. */
  readonly file: ScenarioFile;
  readonly written: unknown;
}

/**
 * Reads a scenario file. `overrides` are `path=value` texts, applied before anything is checked.
 * All problems at once as a {@link ScenarioError}.
 */
export function loadScenario(path: string, overrides: readonly string[]): LoadedScenario {
  return parseScenario(path, readScenarioText(path), overrides);
}

/** The same for text that is at hand; `path` names it in messages and says where files beside it lie. */
export function parseScenario(path: string, text: string, overrides: readonly string[]): LoadedScenario {
  return readScenario(readYamlAs('scenario', path, text), overrides);
}

/** The same for a file that has been read. */
export function readScenario(yaml: YamlText, overrides: readonly string[]): LoadedScenario {
  return loaded(attemptLoad(yaml, overrides));
}

/** A scenario, or all that is wrong with it. */
export type LoadAttempt =
  | { readonly ok: true; readonly loaded: LoadedScenario }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the file once, to be loaded with many sets of overrides: what a sweep does. */
export function openScenario(path: string): (overrides: readonly string[]) => LoadAttempt {
  const yaml = readYamlAs('scenario', path, readScenarioText(path));
  return (overrides) => attemptLoad(yaml, overrides);
}

/** The scenario of an attempt; a {@link ScenarioError} when it failed. */
export function loaded(attempt: LoadAttempt): LoadedScenario {
  if (attempt.ok) return attempt.loaded;
  throw new ScenarioError(attempt.problems);
}

function attemptLoad(yaml: YamlText, overrides: readonly string[]): LoadAttempt {
  const { value: written, applied, problems: badOverrides } = applyOverrides(yaml.value, overrides);
  if (badOverrides.length > 0) return { ok: false, problems: badOverrides };
  const spelled = spellOut(written);
  const parsed = parseFile(spelled.value);
  const resolved = resolveScenario(parsed, yaml.file, written);
  const placed = (problem: FileProblem): Problem => inPlace(problem, yaml, applied);
  const found = [...spelled.problems, ...withoutInherited(parsed.problems), ...resolved.problems];
  const inFile = inOrder(found.slice(0, problemsMax).map(placed));
  const problems = [...inFile, ...resolved.otherProblems];
  if (problems.length > 0) return { ok: false, problems };
  const { scenario, warnings } = resolved;
  return { ok: true, loaded: { scenario, warnings: warnings.map(placed), file: parsed.file, written } };
}

interface Applied {
  readonly value: unknown;
  readonly applied: readonly Override[];
  readonly problems: readonly Problem[];
}

function applyOverrides(root: unknown, overrides: readonly string[]): Applied {
  const problems: Problem[] = [];
  const applied: Override[] = [];
  let value = root;
  for (const text of overrides) {
    const result = setValue(value, text);
    if (!result.ok) {
      problems.push(result.problem);
      continue;
    }
    value = result.value;
    applied.push(result.override);
  }
  return { value, applied, problems };
}

/** Where a problem stands: in the file, or in the override that set the value. */
function inPlace(problem: FileProblem, yaml: YamlText, applied: readonly Override[]): Problem {
  const { path, atKey, message, allowed } = problem;
  // An override may lead through a key that is wrong already.
  const override =
    applied.findLast((candidate) => startsWith(path, candidate.path)) ??
    (atKey ? applied.findLast((candidate) => startsWith(candidate.path, path)) : undefined);
  if (override !== undefined) {
    const within = path.slice(override.path.length);
    const told = within.length === 0 ? message : `${showPath(within)}: ${message}`;
    return { place: `--set ${override.text}`, message: told, allowed };
  }
  return yaml.place(problem);
}

/** A mistake in a scheme is told once, not again for each scheme that is based on it. */
function withoutInherited(problems: readonly FileProblem[]): FileProblem[] {
  const told = new Set<string>();
  return problems.filter(({ path, message }) => {
    if (path[0] !== 'schemes') return true;
    const key = JSON.stringify([path.slice(2), message]);
    const again = told.has(key);
    told.add(key);
    return !again;
  });
}

function startsWith(path: FieldPath, start: FieldPath): boolean {
  return start.every((part, index) => String(path[index]) === String(part));
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const offset = (problem: Problem): number =>
    'offset' in problem && typeof problem.offset === 'number' ? problem.offset : -1;
  return problems.toSorted((a, b) => offset(a) - offset(b));
}
