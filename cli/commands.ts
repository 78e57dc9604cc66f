import type { Command } from '@commander-js/extra-typings';
import { register as check } from './check.ts';
import { register as compare } from './compare.ts';
import { register as run } from './run.ts';
import { register as sweep } from './sweep.ts';
import { register as verify } from './verify.ts';
import type { Screen } from './screen.ts';

/** Adds one command to the program: `program.command('check')…`. */
export type Register = (program: Command, screen: Screen) => void;

/** Every command, one file each, in the order in which help lists them. */
export const commands: readonly Register[] = [check, run, compare, sweep, verify];
