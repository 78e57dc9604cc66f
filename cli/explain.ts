import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import { catalogue } from '../scenarios/catalogue.ts';
import type { CatalogueEntry } from '../scenarios/catalogue.ts';
import { assumedText, describeScheme } from '../scenarios/describe-scheme.ts';
import { describeWorkload } from '../scenarios/describe-workload.ts';
import { suggestion } from '../scenarios/did-you-mean.ts';
import { fieldList, kindsOf } from '../scenarios/field-list.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import type { FieldEntry } from '../scenarios/field-list.ts';
import { markOfDefault } from '../scenarios/presets/engine-defaults.ts';
import { memoryPreset } from '../scenarios/presets/memory-presets.ts';
import { workloadPreset } from '../scenarios/presets/workload-presets.ts';
import { faultFile } from '../scenarios/file/fault-file.ts';
import { findSchemePreset } from '../scenarios/presets/scheme-presets.ts';
import type { SchemePreset } from '../scenarios/presets/scheme-preset.ts';
import { marksOfScheme } from '../scenarios/scheme-marks.ts';
import { columnNotes } from './column-notes.ts';
import type { Screen } from './screen.ts';
import { wordGroups, wordNotes } from './word-notes.ts';

/** `nseh explain NAME`: what a scheme, parameter or column means, its unit, default and source. */
export function register(program: Command, screen: Screen): void {
  program
    .command('explain')
    .description('say what a scheme, a parameter of scenario files or a column of results means')
    .argument('<name>', 'such as com-rounds, link.rate or downtime_ms')
    .option('--scenario <file>', 'a scenario file, one of whose schemes the name may be')
    .option('--json', 'print one JSON object')
    .action((name, { json, scenario }) => {
      const own = scenario === undefined ? null : ownScheme(name, scenario);
      const explained = [...(own === null ? [] : [own]), ...explain(name)];
      if (explained.length === 0) throw unknown(name);
      screen.print(
        json === true ? JSON.stringify({ name, explained }) : explained.map(({ text }) => text).join('\n\n'),
      );
    });
}

/** One meaning of a name; a name may have several. */
interface Explained {
  readonly kind: 'scheme' | 'memory plan' | 'kind' | 'parameter' | 'column' | 'word';
  readonly text: string;
}

/** The scheme as the file has it; null where it has none of that name. */
function ownScheme(name: string, path: string): Explained | null {
  const { scenario } = loadScenario(path, []);
  const derived = scenario.derivedSchemes.find((candidate) => candidate.name === name);
  const scheme = scenario.schemes.find((candidate) => candidate.name === name);
  const marks = marksOfScheme(name, scenario);
  if (derived === undefined || scheme === undefined || marks === null) return null;
  const summary =
    derived.basedOn === null ? `spelled out in ${path}` : `of ${path}, based on ${derived.basedOn}`;
  return { kind: 'scheme', text: schemeText({ scheme, summary, marks }) };
}

function explain(name: string): Explained[] {
  const preset = findSchemePreset(name);
  const memory = memoryPreset(name);
  const kind = memory === undefined ? allKinds().find((entry) => entry.name === name) : undefined;
  // Outcomes of connections are columns and, with hyphens, words.
  const column = columnNotes.find((note) => note.name === name || note.name === name.replaceAll('-', '_'));
  const columnText = column === undefined ? [] : [`${column.name}, in ${column.unit}: ${column.means}`];
  return [
    ...(preset === undefined ? [] : [{ kind: 'scheme' as const, text: schemeText(preset) }]),
    ...(memory === undefined
      ? []
      : [
          {
            kind: 'memory plan' as const,
            text: `${name}: ${memory.summary}\n${memory.mark.provenance}: ${memory.mark.source}`,
          },
        ]),
    ...(kind === undefined
      ? []
      : [{ kind: 'kind' as const, text: [kindText(kind), ...fieldsOf(name)].join('\n') }]),
    ...columnText.map((text) => ({ kind: 'column' as const, text })),
    ...fieldsNamed(name).map((field) => ({ kind: 'parameter' as const, text: fieldText(field) })),
    ...wordNotes
      .filter((word) => word.name === name)
      .map(({ of, means }) => ({ kind: 'word' as const, text: `${name} (${wordGroups[of]}): ${means}` })),
  ];
}

function allKinds(): CatalogueEntry[] {
  const faults = kindsOf(faultFile).map(({ name, summary }) => ({ name, summary: `fault: ${summary}` }));
  return [...catalogue('engines'), ...catalogue('workloads'), ...catalogue('memory'), ...faults];
}

/** The fields that one kind alone has: an engine’s with where their defaults come from; of a preset nothing, it has said them. */
function fieldsOf(kind: string): string[] {
  if (workloadPreset(kind) !== undefined) return [];
  return fieldList().flatMap(({ path, key, means, allowed, byDefault }) => {
    if (!path.endsWith(` (${kind})`)) return [];
    const mark = path.startsWith('hosts[].nse[].') ? markOfDefault(kind, key) : null;
    if (mark !== null)
      return [`  ${`${key}: ${byDefault}`.padEnd(24)} ${means}`, `    ${mark.provenance}: ${mark.source}`];
    const value = byDefault === 'required' ? 'required' : byDefault === '' ? '' : `default ${byDefault}`;
    const may = [value, allowed].filter((part) => part !== '');
    return [`  ${key.padEnd(24)} ${means}`, ...(may.length === 0 ? [] : [`    ${may.join('; ')}`])];
  });
}

/** Fields whose path ends in the name: `rate`, `link.rate` and `hosts[].link.rate` all find one. */
function fieldsNamed(name: string): FieldEntry[] {
  const wanted = name.replace(/\[\w*\]/g, '');
  return fieldList().filter(({ path }) => {
    const plain = path.replace(/ \(.*\)$/, '').replaceAll('[]', '');
    return plain === wanted || plain.endsWith(`.${wanted}`);
  });
}

function fieldText({ path, means, allowed, byDefault }: FieldEntry): string {
  const lines = [`${path}: ${means}`];
  if (allowed !== '') lines.push(`  may be   ${allowed}`);
  if (byDefault !== '')
    lines.push(`  default  ${byDefault === 'required' ? 'none, it is required' : byDefault}`);
  return lines.join('\n');
}

function kindText({ name, summary }: CatalogueEntry): string {
  const workload = workloadPreset(name);
  const lines = [`${name}: ${summary}`];
  if (workload === undefined) return lines[0]!;
  const defaults = describeWorkload(workload);
  const assumed = defaults.filter(({ mark }) => mark.provenance === 'assumed').length;
  lines.push(`${assumed} of ${defaults.length} defaults assumed`, '');
  for (const { key, value, means, mark } of defaults)
    lines.push(`  ${`${key}: ${value}`.padEnd(44)} ${means}`, `    ${mark.provenance}: ${mark.source}`);
  return lines.join('\n');
}

function schemeText(preset: SchemePreset): string {
  const fields = describeScheme(preset);
  const lines = [`${preset.scheme.name}: ${preset.summary}`, assumedText(preset)];
  let part = '';
  for (const { part: of, field, value, means, mark } of fields) {
    if (of !== part) lines.push('', of);
    part = of;
    if (mark === null) continue;
    lines.push(`  ${`${field}: ${value}`.padEnd(44)} ${means}`, `    ${mark.provenance}: ${mark.source}`);
  }
  return lines.join('\n');
}

/** Names that begin with what was asked for: `downtime` lacks a unit. */
function longer(name: string, known: readonly string[]): string {
  const found = name === '' ? [] : known.filter((each) => each.startsWith(name)).slice(0, 5);
  return found.length === 0 ? '' : `; did you mean ${found.map((each) => `"${each}"`).join(' or ')}?`;
}

function unknown(name: string): ScenarioError {
  const known = [
    ...catalogue('schemes'),
    ...catalogue('memory'),
    ...catalogue('engines'),
    ...catalogue('workloads'),
    ...columnNotes,
    ...wordNotes,
    ...kindsOf(faultFile),
  ].map((entry) => entry.name);
  const keys = fieldList().map(({ key }) => key);
  const message = `is no scheme, parameter or column${suggestion(name, [...known, ...keys]) || longer(name, known)}`;
  const allowed = 'nseh list; docs/scenario-format.md; docs/reference/columns.md';
  return new ScenarioError([{ place: name === '' ? 'the name' : name, message, allowed }]);
}
