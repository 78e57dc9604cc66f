import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { parseQuantity } from '../scenarios/units.ts';
import { effectStatistics, pairedStatistics, sweepStatistics } from '../results/sweep-statistics.ts';
import type { Pairing, Statistics } from '../results/sweep-statistics.ts';
import { readSweepRows } from '../results/sweep-rows.ts';
import type { SweepRows } from '../results/sweep-rows.ts';
import { formatTable, tableFormats } from '../results/table-format.ts';
import type { Screen } from './screen.ts';
import { undamaged } from './user-file.ts';
import { ScenarioError } from '../sim/assert.ts';

const defaultMeasures = ['total_ms', 'downtime_ms', 'context_stop_ms', 'context_bytes', 'transparent'];

/** `nseh stats DIR`: what the runs of a sweep say, with intervals. */
export function register(program: Command, screen: Screen): void {
  program
    .command('stats')
    .description('say what the runs of a sweep come to: n, mean, interval, median, p99')
    .argument('<dir>', 'directory of a sweep, such as out/NAME')
    .option('--by <columns>', 'one group for each of their values (default: all factors)', names)
    .option('--measure <columns>', 'measures, with commas between', names, defaultMeasures)
    .option(
      '--paired <a:b>',
      'differences of a and b under the same draws, such as com-rounds:stock-drop',
      pairing,
    )
    .option('--effects', 'which factor changes how much')
    .option('--confidence <share>', 'confidence of the intervals', share, 0.95)
    .addOption(
      new Option('--format <format>', 'form of the table')
        .choices([...tableFormats])
        .default('table' as const),
    )
    .action((directory, { by, measure, paired, effects, confidence, format }) => {
      const rows = undamaged(directory, `nseh sweep merge ${directory} joins it anew`, () =>
        readSweepRows(directory),
      );
      const request = { by: by ?? factorsOf(rows), measures: measure, confidence };
      const found = statistics(rows, request, paired, effects === true);
      screen.print(formatTable(found.table, format));
      for (const warning of [...rows.warnings, ...found.warnings]) screen.note(`note: ${warning}`);
    });
}

function statistics(
  rows: SweepRows,
  request: Parameters<typeof sweepStatistics>[1],
  paired: readonly [string, string] | undefined,
  effects: boolean,
): Statistics {
  if (effects) return effectStatistics(rows, request);
  if (paired === undefined) return sweepStatistics(rows, request);
  return pairedStatistics(rows, request, pairingIn(rows, paired));
}

/** The factor that has both levels; a {@link ScenarioError} where none has. */
function pairingIn(rows: SweepRows, [first, second]: readonly [string, string]): Pairing {
  const has = (column: string, level: string): boolean => {
    const at = rows.columns.indexOf(column);
    return rows.rows.some((row) => String(row[at]) === level);
  };
  const factors = factorsOf(rows);
  const factor = factors.find((column) => has(column, first) && has(column, second));
  if (factor === undefined) {
    const allowed = factors.map((column) => `${column}: ${levelsOf(rows, column).join(', ')}`).join('; ');
    const message = `no factor has both ${first} and ${second}`;
    throw new ScenarioError([{ place: '--paired', message, allowed }]);
  }
  return { factor, first, second };
}

function levelsOf(rows: SweepRows, column: string): string[] {
  const at = rows.columns.indexOf(column);
  return [...new Set(rows.rows.map((row) => String(row[at])))];
}

function factorsOf({ notes }: SweepRows): string[] {
  return notes.filter(({ role }) => role === 'factor').map(({ column }) => column);
}

function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function pairing(text: string): readonly [string, string] {
  const [first = '', second = '', more] = text.split(':');
  if (first === '' || second === '' || more !== undefined) {
    throw new InvalidArgumentError('It has to be two levels of a factor, such as com-rounds:stock-drop.');
  }
  return [first, second];
}

function share(text: string): number {
  const parsed = parseQuantity(text, 'share');
  const value = parsed.ok ? parsed.value : Number(text);
  if (!(value >= 0.5 && value < 1))
    throw new InvalidArgumentError('It has to be from 50 % to less than 100 %.');
  return value;
}
