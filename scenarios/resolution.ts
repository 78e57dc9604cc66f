import type { Ruleset } from '../models/security/ruleset.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import type { CaptureSource } from './captures.ts';
import { expandTemplate } from './expand-template.ts';
import type { ListSection, ParsedFile } from './parse-file.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import type { FieldPath } from './source-problem.ts';

/** What the parts of resolving a scenario share. */
export interface Resolution {
  readonly parsed: ParsedFile;
  readonly problems: ResolveProblems;
  readonly names: DeclaredNames;
  readonly schemes: readonly Scheme[];
  readonly policies: PolicySource;
  readonly captures: CaptureSource;
}

/** Gives the rules that a `policy:` names. */
export interface PolicySource {
  rulesOf(policy: PolicyFile, path: FieldPath): Ruleset;
}

export type PolicyFile = ScenarioFile['vms'][number]['policy'];

/** Names that the file gives to things, those of things with mistakes in other fields included. */
export interface DeclaredNames {
  readonly hosts: ReadonlySet<string>;
  readonly peers: ReadonlySet<string>;
  readonly vms: ReadonlySet<string>;
}

/** One thing of a list, templates expanded, and where in the file it stands. */
export interface Placed<T> {
  readonly item: T;
  /** Which one of its template, from 0. */
  readonly index: number;
  readonly path: FieldPath;
}

type Template = { readonly count: number };
type ItemOf<Section extends ListSection> = ScenarioFile[Section][number];

/** The things of a list, templates expanded. */
export function placedItems<Section extends ListSection>(
  { parsed }: Pick<Resolution, 'parsed'>,
  section: Section & (ItemOf<Section> extends Template ? Section : never),
): Placed<ItemOf<Section>>[] {
  const items: readonly (ItemOf<Section> & Template)[] = parsed.file[section] as never;
  return items.flatMap((template, at) => {
    const path = parsed.pathOf(section, at);
    return expandTemplate(template).map(({ item, index }) => ({ item, index, path }));
  });
}

/** All names that a list declares, as far as they can be read. */
export function declaredNames(parsed: ParsedFile, section: 'hosts' | 'peers' | 'vms'): Set<string> {
  const names = new Set<string>();
  for (const item of parsed.written(section)) {
    if (typeof item !== 'object' || item === null || !('name' in item)) continue;
    const { name } = item;
    const count = 'count' in item && Number.isInteger(item.count) ? Number(item.count) : 1;
    const template = { name: String(name), count: Math.min(Math.max(count, 1), 100_000) };
    for (const { item: one } of expandTemplate(template)) names.add(one.name);
  }
  return names;
}

/** Notes names that two things of a list share. */
export function refuseDuplicates(
  placed: readonly Placed<{ readonly name: string }>[],
  what: string,
  problems: ResolveProblems,
): void {
  const seen = new Set<string>();
  const told = new Set<string>();
  for (const { item, path } of placed) {
    const key = path.join('.');
    if (seen.has(item.name) && !told.has(key)) {
      told.add(key);
      const hint = 'a name of its own; with count: a name that holds {i}';
      problems.add([...path, 'name'], `there are two ${what} named "${item.name}"`, hint);
    }
    seen.add(item.name);
  }
}
