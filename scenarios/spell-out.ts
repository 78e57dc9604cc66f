import { z } from 'zod';
import type { Scheme } from '../models/migration/scheme.ts';
import { suggestion } from './did-you-mean.ts';
import type { FileProblem } from './file/file-problems.ts';
import { memoryPlanFile } from './file/memory-plan-file.ts';
import { show } from './file/scalar.ts';
import { schemeFile } from './file/scheme-file.ts';
import { isMapping } from './is-mapping.ts';
import { memoryPreset, memoryPresets } from './presets/memory-presets.ts';
import { findSchemePreset, schemePresets } from './presets/scheme-presets.ts';
import type { FieldPath } from './source-problem.ts';

/** The plain values of a file with every short form of a scheme or memory plan written out. */
export interface SpelledOut {
  readonly value: unknown;
  readonly problems: readonly FileProblem[];
}

/**
 * Writes out what a file may abbreviate: `memory: xen-legacy`, `{ based_on: qemu, … }`, and schemes that are
 * `based_on` a preset or an earlier scheme of the file. The result is held to the whole schema; what was
 * written out is put where the short form stood, so that places stay right.
 */
export function spellOut(root: unknown): SpelledOut {
  if (!isMapping(root)) return { value: root, problems: [] };
  const problems: FileProblem[] = [];
  const value = { ...root };
  let defaultMemory: unknown;
  if (isMapping(root['migration_defaults'])) {
    const spelled = spellOutMapping(root['migration_defaults'], ['migration_defaults'], problems);
    value['migration_defaults'] = spelled;
    defaultMemory = spelled['memory'];
  }
  if (Array.isArray(root['schemes'])) {
    value['schemes'] = spellOutSchemes(root['schemes'], defaultMemory, problems);
  }
  return { value, problems };
}

/** A scheme as a file would write it, in full. */
export function writeScheme(scheme: Scheme): Readonly<Record<string, unknown>> {
  return z.encode(schemeFile, scheme);
}

function spellOutSchemes(
  items: readonly unknown[],
  defaultMemory: unknown,
  problems: FileProblem[],
): unknown[] {
  const earlier = new Map<string, Mapping>();
  return items.map((item, index) => {
    if (!isMapping(item)) return item;
    const path = ['schemes', index];
    const own = spellOutMapping(item, path, problems);
    const based = 'based_on' in own ? basedOnScheme(own, { path, earlier, defaultMemory, problems }) : own;
    const spelled = withEnginePlans(based);
    if (typeof spelled['name'] === 'string') earlier.set(spelled['name'], spelled);
    return spelled;
  });
}

/** What a plan of one engine leaves out is as the scheme has it for all. */
function withEnginePlans(scheme: Mapping): Mapping {
  const { context } = scheme;
  if (!isMapping(context) || !Array.isArray(context['per_engine'])) return scheme;
  const { rules, entries, fidelity, cap } = context;
  const plans = context['per_engine'].map((own: unknown) =>
    isMapping(own) ? merge({ rules, entries, fidelity, cap, gated: true }, own) : own,
  );
  return { ...scheme, context: { ...context, per_engine: plans } };
}

interface Basis {
  readonly path: FieldPath;
  readonly earlier: ReadonlyMap<string, Mapping>;
  readonly defaultMemory: unknown;
  readonly problems: FileProblem[];
}

function basedOnScheme({ based_on: name, ...own }: Mapping, basis: Basis): Mapping {
  const base =
    typeof name === 'string' ? (basis.earlier.get(name) ?? presetAsWritten(name, basis)) : undefined;
  if (base !== undefined) return merge(base, own);
  const known = [...basis.earlier.keys(), ...schemePresets.map(({ scheme }) => scheme.name)];
  basis.problems.push(unknownName([...basis.path, 'based_on'], 'scheme', name, known));
  // Goes on with any base, so that mistakes in the other fields are still found.
  return merge(writeScheme(schemePresets[0]!.scheme), own);
}

function presetAsWritten(name: string, { defaultMemory }: Basis): Mapping | undefined {
  const preset = findSchemePreset(name);
  if (preset === undefined) return undefined;
  const written = writeScheme(preset.scheme);
  const takesDefault = preset.scheme.memory === memoryPresets[0]!.plan;
  return defaultMemory === undefined || !takesDefault ? written : { ...written, memory: defaultMemory };
}

/** The mapping with its `memory` written out. */
function spellOutMapping(mapping: Mapping, path: FieldPath, problems: FileProblem[]): Mapping {
  if (!('memory' in mapping)) return mapping;
  return { ...mapping, memory: spellOutMemory(mapping['memory'], [...path, 'memory'], problems) };
}

function spellOutMemory(memory: unknown, path: FieldPath, problems: FileProblem[]): unknown {
  const short = typeof memory === 'string';
  if (!short && !(isMapping(memory) && 'based_on' in memory)) return memory;
  const { based_on: name, ...own }: Mapping = short ? { based_on: memory } : memory;
  const preset = typeof name === 'string' ? memoryPreset(name) : undefined;
  if (preset === undefined) {
    const names = memoryPresets.map((known) => known.name);
    problems.push(unknownName(short ? path : [...path, 'based_on'], 'memory plan', name, names));
  }
  const base = (preset ?? memoryPresets[0]!).plan;
  return merge(z.encode(memoryPlanFile, base), own);
}

function unknownName(path: FieldPath, what: string, name: unknown, known: readonly string[]): FileProblem {
  const meant = typeof name === 'string' ? suggestion(name, known) : '';
  return { path, atKey: false, message: `unknown ${what} ${show(name)}${meant}`, allowed: known.join(', ') };
}

type Mapping = Readonly<Record<string, unknown>>;

/** `over` on top of `base`: mappings key by key, unless their kinds differ; everything else replaces. */
function merge(base: Mapping, over: Mapping): Mapping {
  if ('kind' in over && over['kind'] !== base['kind']) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMapping(below) && isMapping(value) ? merge(below, value) : value;
  }
  return merged;
}
