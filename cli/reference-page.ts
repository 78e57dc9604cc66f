import type { Command, CommandUnknownOpts } from '@commander-js/extra-typings';
import { columnList } from '../results/sweep-files.ts';
import { markdownTable } from '../results/markdown-table.ts';
import { catalogue } from '../scenarios/catalogue.ts';
import { describeScheme } from '../scenarios/describe-scheme.ts';
import { describeWorkload } from '../scenarios/describe-workload.ts';
import { fieldList } from '../scenarios/field-list.ts';
import { engineDefaults, markOfDefault } from '../scenarios/presets/engine-defaults.ts';
import type { Mark } from '../scenarios/presets/mark.ts';
import { memoryPresets } from '../scenarios/presets/memory-presets.ts';
import { schemePresets } from '../scenarios/presets/scheme-presets.ts';
import { workloadPresets } from '../scenarios/presets/workload-presets.ts';
import { columnNotes } from './column-notes.ts';
import { optionText } from './option-text.ts';
import { createProgram } from './program.ts';
import { wordGroups, wordNotes } from './word-notes.ts';

/**
 * The reference by the paths of its files within docs/: every command, column, scheme, engine, workload and memory plan,
 * from what the program itself knows. `reference.md` says what stands on which page.
 */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const program = await createProgram({ ...silent, finishWith: () => undefined }, '');
  return new Map([
    ['reference.md', contentsPage()],
    ...pages.map(({ file, title, about, parts }): [string, string] => {
      const body = parts(program);
      const head = [`# ${title}`, notice, '[Reference](../reference.md)', about, ...linksTo(body)];
      return [`reference/${file}`, pageText([...head, ...body])];
    }),
  ]);
}

const silent = { print: () => undefined, note: () => undefined, paint: (_: string, text: string) => text };

interface ReferencePage {
  readonly file: string;
  readonly title: string;
  readonly about: string;
  readonly parts: (program: Command) => string[];
}

/** Links to the sections of a page, as the headings of code among its parts name them. */
function linksTo(parts: readonly string[]): string[] {
  const names = parts.flatMap((part) => /^##+ `(.+)`$/.exec(part)?.[1] ?? []);
  // An anchor keeps letters, digits, hyphens and underscores, and spaces as hyphens.
  const anchor = (name: string): string => name.replaceAll(' ', '-').replaceAll(/[^\w-]/g, '');
  return names.length === 0 ? [] : [names.map((name) => `[${name}](#${anchor(name)})`).join(' · ')];
}

const markNote =
  'Every default carries a mark: `published` (a paper or standard says it), `read in source` or `assumed`.';

const pages: readonly ReferencePage[] = [
  {
    file: 'commands.md',
    title: 'Commands',
    about: 'What can be typed, and what each option does.',
    parts: commandParts,
  },
  {
    file: 'columns.md',
    title: 'Columns',
    about: 'What the columns of runs and sweeps mean.',
    parts: columnParts,
  },
  {
    file: 'schemes.md',
    title: 'Schemes',
    about: `What each preset does, field by field. ${markNote}`,
    parts: schemeParts,
  },
  {
    file: 'engines.md',
    title: 'Engines',
    about: `Security engines of a host. ${markNote}`,
    parts: engineParts,
  },
  {
    file: 'workloads.md',
    title: 'Workloads',
    about: `What guests and peers do. ${markNote}`,
    parts: workloadParts,
  },
  {
    file: 'memory-plans.md',
    title: 'Memory plans',
    about: `How memory moves. ${markNote}`,
    parts: memoryParts,
  },
];

const notice = `<!-- Made from the program itself by \`npm run docs:reference\`; do not edit. -->
<!-- prettier-ignore-start -->`;

function contentsPage(): string {
  const rows = pages.map(({ file, title, about }) => [`[${title}](reference/${file})`, about]);
  return pageText([
    '# Reference',
    notice,
    'Made from the program itself. `nseh explain NAME` prints the same for one name, `nseh COMMAND --help` for one command.',
    markdownTable(
      ['page', 'holds'],
      [...rows, ['[Scenario files](scenario-format.md)', 'Every key of a scenario file.']],
    ),
  ]);
}

function pageText(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n\n<!-- prettier-ignore-end -->\n`;
}

function commandParts(program: Command): string[] {
  return program.commands.flatMap((command) => commandPart(command, 'nseh'));
}

function commandPart(command: CommandUnknownOpts, parent: string): string[] {
  const path = `${parent} ${command.name()}`;
  const rows = [
    ...command.registeredArguments.map((argument) => {
      const shown = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return [code(argument.required ? `<${shown}>` : `[${shown}]`), argumentText(argument)];
    }),
    ...command.options.map((option) => [code(option.flags), optionText(option)]),
  ];
  const table = rows.length === 0 ? [] : [markdownTable(['argument or option', 'means'], rows)];
  const own = [`## \`${path}\``, sentence(command.description()), ...table];
  return [...own, ...command.commands.flatMap((below) => commandPart(below, path))];
}

function argumentText({ description, argChoices }: { description: string; argChoices?: string[] }): string {
  return argChoices === undefined ? description : `${description}; one of ${argChoices.join(', ')}`;
}

function columnParts(): string[] {
  const rows = columnNotes.map(({ name, unit, means }) => [code(name), unit, means]);
  const sweep = columnList([]).map(({ column, role, unit, meaning }) => [code(column), role, unit, meaning]);
  return [
    '## Columns of a run',
    'In the CSV files of a run’s directory, and the names in `summary.json` and `--json`.',
    markdownTable(['column', 'unit', 'means'], rows),
    '## Columns of a sweep',
    'In `runs.csv` and `runs.parquet`, beside a column for each factor; `columns.json` says the same.',
    markdownTable(['column', 'role', 'unit', 'means'], sweep),
    '## Words in columns',
    ...(['drop', 'divergence', 'attack'] as const).flatMap((group) => {
      const words = wordNotes.filter(({ of }) => of === group);
      const heading = `${wordGroups[group][0]!.toUpperCase()}${wordGroups[group].slice(1)}:`;
      return [
        heading,
        markdownTable(
          ['word', 'means'],
          words.map(({ name, means }) => [code(name), means]),
        ),
      ];
    }),
  ];
}

function schemeParts(): string[] {
  return schemePresets.flatMap((preset) => {
    const rows = describeScheme(preset).flatMap(({ part, field, value, means, mark }) =>
      mark === null
        ? []
        : [[code(part === field ? field : `${part}.${field}`), code(value), means, ...marks(mark)]],
    );
    return [
      `## \`${preset.scheme.name}\``,
      sentence(preset.summary),
      markdownTable(['field', 'value', 'means', 'mark', 'from'], rows),
    ];
  });
}

function engineParts(): string[] {
  const all = fieldList();
  return catalogue('engines').flatMap(({ name, summary }) => {
    const own = all.filter(({ path }) => path.startsWith('hosts[].nse[].') && path.endsWith(`(${name})`));
    const rows = own.flatMap(({ key, byDefault, means }) => {
      const mark = markOfDefault(name, key);
      return mark === null ? [] : [[code(key), code(byDefault), means, ...marks(mark)]];
    });
    const table =
      name in engineDefaults && rows.length > 0
        ? [markdownTable(['key', 'default', 'means', 'mark', 'from'], rows)]
        : [];
    return [`## \`${name}\``, sentence(summary), ...table];
  });
}

function workloadParts(): string[] {
  return catalogue('workloads').flatMap(({ name, summary }) => {
    const preset = workloadPresets.find((workload) => workload.name === name);
    const defaults = preset === undefined ? [] : describeWorkload(preset);
    const rows = defaults.map(({ key, value, means, mark }) => [
      code(key),
      code(value),
      means,
      ...marks(mark),
    ]);
    const table = rows.length === 0 ? [] : [markdownTable(['key', 'default', 'means', 'mark', 'from'], rows)];
    return [`## \`${name}\``, sentence(summary), ...table];
  });
}

function memoryParts(): string[] {
  const rows = memoryPresets.map(({ name, summary, mark }) => [code(name), summary, ...marks(mark)]);
  return [markdownTable(['plan', 'does', 'mark', 'from'], rows)];
}

function marks({ provenance, source }: Mark): string[] {
  return [provenance, source];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
