import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { columnList } from '../results/sweep-files.ts';
import { markdownTable } from '../results/validation/markdown-table.ts';
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

/** `docs/reference.md`: every command, column, scheme, engine, workload and memory plan, from what the program itself knows. */
export function referencePage(): string {
  const parts = [introduction, ...commandParts(), ...columnParts(), ...schemeParts()];
  return `${[...parts, ...engineParts(), ...workloadParts(), ...memoryParts()].join('\n\n')}\n\n<!-- prettier-ignore-end -->
`;
}

const introduction = `# Reference

<!-- Made from the program itself by \`npm run docs:reference\`; do not edit. -->
<!-- prettier-ignore-start -->

[Commands](#commands) · [Columns](#columns-of-a-run) · [Schemes](#schemes) · [Engines](#engines) ·
[Workloads](#workloads) · [Memory plans](#memory-plans). The keys of scenario files have a page of their own:
[scenario-format.md](scenario-format.md).

Every default carries a mark: \`published\` (a paper or standard says it), \`read in source\` or
\`assumed\`. \`nseh explain NAME\` prints the same for one name.`;

function commandParts(): string[] {
  const silent = { print: () => undefined, note: () => undefined, paint: (_: string, text: string) => text };
  const program = createProgram({ ...silent, finishWith: () => undefined });
  return ['## Commands', ...program.commands.flatMap((command) => commandPart(command, 'nseh'))];
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
  const own = [`### \`${path}\``, sentence(command.description()), ...table];
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
  ];
}

function schemeParts(): string[] {
  return [
    '## Schemes',
    ...schemePresets.flatMap((preset) => {
      const rows = describeScheme(preset).flatMap(({ part, field, value, means, mark }) =>
        mark === null
          ? []
          : [[code(part === field ? field : `${part}.${field}`), code(value), means, ...marks(mark)]],
      );
      return [
        `### \`${preset.scheme.name}\``,
        sentence(preset.summary),
        markdownTable(['field', 'value', 'means', 'mark', 'from'], rows),
      ];
    }),
  ];
}

function engineParts(): string[] {
  const all = fieldList();
  return [
    '## Engines',
    ...catalogue('engines').flatMap(({ name, summary }) => {
      const own = all.filter(({ path }) => path.startsWith('hosts[].nse[].') && path.endsWith(`(${name})`));
      const rows = own.flatMap(({ key, byDefault, means }) => {
        const mark = markOfDefault(name, key);
        return mark === null ? [] : [[code(key), code(byDefault), means, ...marks(mark)]];
      });
      const table =
        name in engineDefaults && rows.length > 0
          ? [markdownTable(['key', 'default', 'means', 'mark', 'from'], rows)]
          : [];
      return [`### \`${name}\``, sentence(summary), ...table];
    }),
  ];
}

function workloadParts(): string[] {
  return [
    '## Workloads',
    ...catalogue('workloads').flatMap(({ name, summary }) => {
      const preset = workloadPresets.find((workload) => workload.name === name);
      const defaults = preset === undefined ? [] : describeWorkload(preset);
      const rows = defaults.map(({ key, value, means, mark }) => [
        code(key),
        code(value),
        means,
        ...marks(mark),
      ]);
      const table =
        rows.length === 0 ? [] : [markdownTable(['key', 'default', 'means', 'mark', 'from'], rows)];
      return [`### \`${name}\``, sentence(summary), ...table];
    }),
  ];
}

function memoryParts(): string[] {
  const rows = memoryPresets.map(({ name, summary, mark }) => [code(name), summary, ...marks(mark)]);
  return ['## Memory plans', markdownTable(['plan', 'does', 'mark', 'from'], rows)];
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
