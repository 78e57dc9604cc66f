import type { Command } from '@commander-js/extra-typings';
import { carryOut } from './carry-out.ts';
import { asWritten, chooseSchemes } from '../results/choose-schemes.ts';
import { readRunScenario } from './read-run-scenario.ts';
import { withRunOptions } from './run-options.ts';
import type { Screen } from './screen.ts';

/** `nseh run SCENARIO`: one run, measured against the same run without migration. */
export function register(program: Command, screen: Screen): void {
  const command = program
    .command('run')
    .description('run a scenario once and say what its migrations cost and lose')
    .argument('<scenario>', 'scenario file');
  withRunOptions(command)
    .option('--scheme <name>', 'scheme of every migration, or none (default: the scenario’s own)')
    .action(async (file, options) => {
      const scenario = readRunScenario(file, options, screen);
      const named = options.scheme === undefined ? [] : chooseSchemes(scenario, [options.scheme]);
      const choices = named.length > 0 ? named : [asWritten(scenario)];
      await carryOut({ command: 'run', file, scenario, choices, options }, screen);
    });
}
