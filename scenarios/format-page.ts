import { fieldList } from './field-list.ts';
import type { FieldEntry } from './field-list.ts';
import { catalogue, memoryRegions } from './catalogue.ts';
import { memoryPresets } from './presets/memory-presets.ts';
import { workloadPreset } from './presets/workload-presets.ts';
import { schemePresets } from './presets/scheme-presets.ts';
import { nameOf, unitsOf } from './units.ts';
import type { Dimension } from './units.ts';

const dimensions: readonly Dimension[] = ['time', 'size', 'rate', 'pages', 'page-rate', 'share'];

/** `docs/scenario-format.md`: what may be written in a scenario file, made from the schema that reads it. */
export function formatPage(): string {
  const parts = [
    ...[introduction, unitTable(), ...sections()],
    ...[schemeTable(), memoryTable(), regionTable(), workloadTable()],
  ];
  return `${parts.join('\n\n')}\n`;
}

const introduction = `# Scenario files

<!-- Made from the schema by \`npm run docs:format\`; do not edit. -->

A scenario is one YAML 1.2 file: machines, what they do, and which VMs move. \`nseh check FILE\` says all that is
wrong with one, \`nseh check --resolved FILE\` prints every value with its unit and origin, and
\`nseh check --schema\` prints a JSON Schema for editors (\`--schema sweep\` that of [sweep files](sweeps.md)). \`scenarios/quickstart.yaml\` is an example with comments.

- Keys are written in \`snake_case\`, kinds and other words in \`kebab-case\`. Unknown keys are errors.
- Every quantity carries its unit. Counts, ports, factors and exponents are plain numbers.
- A thing with \`count: 3\` is a template for three: in its texts \`{i}\` is 0, 1, 2, \`{i + 1}\` is 1, 2, 3 and
  \`{(i + 1) % 3}\` is 1, 2, 0 (whole numbers with \`+\`, \`-\`, \`*\`, \`%\` and parentheses); its address counts up. Files
  over 1 MiB are refused.
- Paths of other files are relative to the scenario's folder.
- \`--set path=value\` overrides a value before anything is checked: \`--set "hosts[0].link.rate=10 Gbit/s"\`,
  \`--set "vms[web].memory=2 GiB"\`.
- A scheme may be spelled out whole, or be \`based_on\` a preset or an earlier scheme of the file and say only what
  differs:
  \`{ name: late, based_on: com-rounds, context: { entries: [after-resume] }, reconcile: { table_full: skip }, cleanup: { when: after-resume, delay: 5 s } }\`.
- A \`memory\` plan may be a name (\`xen-legacy\`), a named one with changes
  (\`{ based_on: qemu, rounds: { downtime_max: 50 ms } }\`), or spelled out.
- A migration that can only fail is an error before the run: its scheme needs an engine that the destination lacks
  (\`missing_engine: fail\`), moves what an engine at the source does not give away (\`exports\`), or no VM with so many
  addresses (\`address_limit\`); the VM is larger than the host; or it waits for a phase that never comes. Context that
  is moved and lost all the same, to an engine of another \`version\` or after the source forgot it, is a warning, as is a fault that never strikes. What
  depends on the run, such as room for one more VM or entry, is an outcome of it.`;

function unitTable(): string {
  const rows = dimensions.map((dimension) => [nameOf(dimension), code(unitsOf(dimension))]);
  return `## Units

Units are case-sensitive; the space before them may be left out. \`MB\` is 10⁶, \`MiB\` 2²⁰ bytes; a page has 4 KiB.
A time is read exactly and must be a whole number of nanoseconds.

${table(['quantity', 'units'], rows)}`;
}

/** One table for the keys of the file itself, and one for each of its sections. */
function sections(): string[] {
  const fields = fieldList();
  const top = fields.filter(({ path }) => !/[.[]/.test(path));
  const nested = top.filter(({ path }) => fields.some((field) => isBelow(field.path, path)));
  return [
    `## The file\n\n${fieldTable(top)}`,
    ...nested.map(({ path }) => {
      const below = fields.filter((field) => isBelow(field.path, path));
      return `## \`${path}\`\n\n${fieldTable(below)}`;
    }),
  ];
}

function isBelow(path: string, section: string): boolean {
  return path.startsWith(`${section}.`) || path.startsWith(`${section}[`);
}

function fieldTable(fields: readonly FieldEntry[]): string {
  const rows = sameFields(fields).map(([first, ...others]) => {
    const { path, means, allowed, byDefault } = first;
    const [name = '', kind] = path.split(' (');
    const kindsOfAll = [first, ...others].map((field) => field.path.split(' (')[1]?.replace(')', ''));
    const shown = kind === undefined ? `\`${name}\`` : `\`${name}\` (${kindsOfAll.join(', ')})`;
    const differs = others.some((other) => other.byDefault !== byDefault);
    const inCode = byDefault === 'required' || byDefault === '' ? byDefault : `\`${byDefault}\``;
    return [shown, means, shortened(allowed), differs ? 'by kind: `nseh explain KIND`' : inCode];
  });
  return table(['field', 'meaning', 'may be', 'default'], rows);
}

/** Fields of several kinds that mean the same, together, in the order of the first of each. */
function sameFields(fields: readonly FieldEntry[]): [FieldEntry, ...FieldEntry[]][] {
  const groups = new Map<string, [FieldEntry, ...FieldEntry[]]>();
  for (const field of fields) {
    const key = [field.path.split(' (')[0], field.path.includes(' ('), field.means, field.allowed].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [field]);
    else group.push(field);
  }
  return [...groups.values()];
}

/** Long lists of units stand in the table of units. */
function shortened(allowed: string): string {
  for (const dimension of dimensions) {
    const units = `a number and one of ${unitsOf(dimension).join(', ')}`;
    if (allowed.startsWith(units)) return `[${nameOf(dimension)}](#units)${allowed.slice(units.length)}`;
  }
  return allowed;
}

function schemeTable(): string {
  const rows = schemePresets.map(({ scheme, summary }) => [`\`${scheme.name}\``, summary]);
  return `## Presets of schemes\n\n${table(['scheme', 'what it does'], rows)}`;
}

function memoryTable(): string {
  const rows = memoryPresets.map(({ name, summary, mark }) => [
    `\`${name}\``,
    summary,
    `${mark.provenance}: ${mark.source}`,
  ]);
  return `## Presets of memory plans\n\n${table(['plan', 'what it does', 'source'], rows)}`;
}

function regionTable(): string {
  const rows = memoryRegions().map(({ name, summary }) => [
    `\`${name}\``,
    summary.replace('region of memory: ', ''),
  ]);
  return `## Kinds of memory regions\n\n${table(['kind', 'how it is written'], rows)}`;
}

function workloadTable(): string {
  const rows = catalogue('workloads').map(({ name, summary }) => {
    const preset = workloadPreset(name);
    const memory = preset?.memory?.mark;
    const shown = memory === undefined ? '' : `${memory.provenance}: ${memory.source}`;
    return [`\`${name}\``, summary, shown];
  });
  return `## Kinds of workloads

\`nseh explain KIND\` prints every default of a kind with its origin. A VM that says nothing of its memory writes it as
its workload does, where a source says how.

${table(['kind', 'what it does', 'memory of the VM'], rows)}`;
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(' ');
}

/** A table with its columns aligned, as the formatter of this repository wants it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
}
