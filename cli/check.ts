import type { Command } from '@commander-js/extra-typings';
import type { Screen } from './screen.ts';

/** `nseh check FILE…`: says all that is wrong with scenario files. */
export function register(program: Command, screen: Screen): void {
  program
    .command('check')
    .description('validate scenario files and say all that is wrong at once')
    .argument('<files...>', 'scenario files')
    .action((files) => screen.note(`not checked yet: ${files.join(', ')}`));
}
