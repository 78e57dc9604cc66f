import type { Command } from '@commander-js/extra-typings';
import type { Screen } from './screen.ts';

/** Adds one command to the program: `program.command('check')…`. */
export type Register = (program: Command, screen: Screen) => void;

/** Every command by its name, in the order in which help lists them: one file each, loaded when it is asked for. */
export const commands: Readonly<Record<string, () => Promise<{ readonly register: Register }>>> = {
  init: () => import('./init.ts'),
  check: () => import('./check.ts'),
  run: () => import('./run.ts'),
  compare: () => import('./compare.ts'),
  sweep: () => import('./sweep.ts'),
  stats: () => import('./stats.ts'),
  report: () => import('./report.ts'),
  plot: () => import('./plot.ts'),
  verify: () => import('./verify.ts'),
  validate: () => import('./validate.ts'),
  paper: () => import('./paper.ts'),
  replay: () => import('./replay.ts'),
  import: () => import('./import-ruleset.ts'),
  fit: () => import('./fit.ts'),
  list: () => import('./list.ts'),
  explain: () => import('./explain.ts'),
};
