import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { carryOut } from './carry-out.ts';
import { chooseSchemes } from '../results/choose-schemes.ts';
import { readRunScenario } from './read-run-scenario.ts';
import { withRunOptions } from './run-options.ts';
import type { Screen } from './screen.ts';

/** What a comparison takes where nothing else is said. */
export const defaultSchemes = ['none', 'stock-drop', 'stock-accept', 'rules-only', 'com-stop', 'com-rounds'];

/** `nseh compare SCENARIO --schemes A,B,…`: the same workload under several schemes, common random numbers. */
export function register(program: Command, screen: Screen): void {
  const command = program
    .command('compare')
    .description('run a scenario under several schemes and say what each costs and loses')
    .argument('<scenario>', 'scenario file');
  withRunOptions(command)
    .option(
      '--schemes <names>',
      'schemes, with commas between; the control none is always there',
      splitNames,
      defaultSchemes,
    )
    .action(async (file, options) => {
      const scenario = readRunScenario(file, options, screen);
      const names = ['none', ...options.schemes.filter((name) => name !== 'none')];
      const choices = chooseSchemes(scenario, [...new Set(names)]);
      await carryOut({ command: 'compare', file, scenario, choices, options }, screen);
    });
}

function splitNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('It has to be names, such as stock-drop,com.');
  return names;
}
