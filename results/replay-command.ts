import type { CellGroup, SweepPlan } from './sweep-plan.ts';

/** The command that runs one run of a sweep by itself, for a POSIX shell. */
export function replayCommand(
  { sweep, seed, cells, factors }: SweepPlan,
  run: { readonly group: CellGroup; readonly cell: number; readonly repetition: number },
): string {
  const scheme = factors.some(({ path }) => path === 'scheme')
    ? ['--scheme', quoted(cells[run.cell]!.choice.name)]
    : [];
  return [
    ...['nseh', 'run', quoted(sweep.scenarioPath), ...scheme],
    ...['--seed', String(seed), '--rep', String(run.repetition)],
    ...run.group.overrides.flatMap((override) => ['--set', quoted(override)]),
  ].join(' ');
}

/** A word of a POSIX shell: within single quotes nothing but the quote itself means anything. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
