import { problemsMax } from './source-problem.ts';
import type { FieldPath } from './source-problem.ts';
import { fileProblems } from './file/file-problems.ts';
import type { FileProblem } from './file/file-problems.ts';
import { scenarioFile } from './file/scenario-file.ts';
import { isMapping } from './is-mapping.ts';
import type { ScenarioFile } from './file/scenario-file.ts';

/** What could be understood of a file, so that mistakes across fields are found beside those in fields. */
export interface ParsedFile {
  /** Without the parts that `problems` are about. */
  readonly file: ScenarioFile;
  readonly problems: readonly FileProblem[];
  /** The path in the file of an item of a list of `file`, which has lost its bad items. */
  readonly pathOf: (section: ListSection, index: number) => FieldPath;
  /** The plain value of a list as the file has it, bad items included. */
  readonly written: (section: ListSection) => readonly unknown[];
}

/** The sections of a scenario file that are lists. */
export type ListSection = {
  [Key in keyof ScenarioFile]-?: ScenarioFile[Key] extends readonly object[] ? Key : never;
}[keyof ScenarioFile];

/** Holds plain values to the schema; what is wrong is left out, and the rest read all the same. */
export function parseFile(value: unknown): ParsedFile {
  const first = scenarioFile.safeParse(value);
  if (first.success) return parsed(first.data, [], value, new Map());
  const problems = fileProblems(first.error.issues, value);
  if (problems.length > problemsMax)
    return parsed(scenarioFile.parse(placeholders), problems, value, new Map());
  const { pruned, kept } = prune(withoutKeys(value, problems), problems);
  const second = scenarioFile.safeParse({ ...placeholders, ...pruned });
  // Whatever cannot be mended by leaving it out: an empty scenario finds no further mistakes.
  const file = second.success ? second.data : scenarioFile.parse(placeholders);
  return parsed(file, problems, value, second.success ? kept : new Map());
}

/** Stand in for required parts that are missing or wrong. */
const placeholders = { format: 1, until: '100 d', hosts: [], vms: [], migrations: [] };

type KeptIndices = ReadonlyMap<string, readonly number[]>;

function parsed(
  file: ScenarioFile,
  problems: readonly FileProblem[],
  value: unknown,
  kept: KeptIndices,
): ParsedFile {
  return {
    file,
    problems,
    pathOf: (section, index) => [section, kept.get(section)?.[index] ?? index],
    written: (section) => {
      const list: unknown = isMapping(value) ? value[section] : undefined;
      return Array.isArray(list) ? [...(list as readonly unknown[])] : [];
    },
  };
}

/** The values without list items, sections and keys that problems are about. */
function prune(
  value: unknown,
  problems: readonly FileProblem[],
): { pruned: Record<string, unknown>; kept: KeptIndices } {
  const pruned: Record<string, unknown> = isMapping(value) ? { ...value } : {};
  const kept = new Map<string, readonly number[]>();
  const bad = new Map<string, Set<number>>();
  const dropped = new Set<string>();
  for (const { path, atKey } of problems) {
    const [section, index] = path;
    if (section === undefined || atKey) continue;
    const list = pruned[section];
    if (Array.isArray(list) && typeof index === 'number') {
      bad.set(String(section), (bad.get(String(section)) ?? new Set()).add(index));
    } else dropped.add(String(section));
  }
  for (const [section, indices] of bad) {
    const list = pruned[section];
    if (!Array.isArray(list)) continue;
    const good = [...list.keys()].filter((index) => !indices.has(index));
    kept.set(section, good);
    pruned[section] = good.map((index): unknown => list[index]);
  }
  return { pruned: Object.fromEntries(Object.entries(pruned).filter(([key]) => !dropped.has(key))), kept };
}

/** The values without the keys that nobody knows: they change nothing about the rest. */
function withoutKeys(value: unknown, problems: readonly FileProblem[]): unknown {
  let mended = value;
  for (const { path, atKey } of problems) if (atKey) mended = withoutKey(mended, path);
  return mended;
}

function withoutKey(value: unknown, path: FieldPath): unknown {
  const [part, ...rest] = path;
  if (Array.isArray(value) && typeof part === 'number') {
    return value.with(part, withoutKey(value[part], rest));
  }
  if (!isMapping(value) || part === undefined) return value;
  const entries = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([key]) => key !== part));
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === part ? withoutKey(inner, rest) : inner]),
  );
}
