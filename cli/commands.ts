import type { Command } from '@commander-js/extra-typings';
import { register as check } from './check.ts';
import { register as compare } from './compare.ts';
import { register as explain } from './explain.ts';
import { register as fit } from './fit.ts';
import { register as importRuleset } from './import-ruleset.ts';
import { register as init } from './init.ts';
import { register as list } from './list.ts';
import { register as paper } from './paper.ts';
import { register as report } from './report.ts';
import { register as plot } from './plot.ts';
import { register as replay } from './replay.ts';
import { register as run } from './run.ts';
import { register as stats } from './stats.ts';
import { register as sweep } from './sweep.ts';
import type { Screen } from './screen.ts';
import { register as validate } from './validate.ts';
import { register as verify } from './verify.ts';

/** Adds one command to the program: `program.command('check')…`. */
export type Register = (program: Command, screen: Screen) => void;

/** Every command, one file each, in the order in which help lists them. */
export const commands: readonly Register[] = [
  init,
  check,
  run,
  compare,
  sweep,
  stats,
  report,
  plot,
  verify,
  validate,
  paper,
  replay,
  importRuleset,
  fit,
  list,
  explain,
];
