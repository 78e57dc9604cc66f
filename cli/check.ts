import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import type { LoadedScenario } from '../scenarios/load-scenario.ts';
import { describeProblems } from './describe-problems.ts';
import type { Screen } from './screen.ts';

/** `nseh check FILE…`: says all that is wrong with scenario files. */
export function register(program: Command, screen: Screen): void {
  program
    .command('check')
    .description('validate scenario files and say all that is wrong at once')
    .argument('<files...>', 'scenario files')
    .option('--set <path=value>', 'override a value, such as hosts[0].link.rate="10 Gbit/s"', append, [])
    .action((files, { set }) => {
      const problems = files.flatMap((file) => check(file, set, screen));
      if (problems.length > 0) throw new ScenarioError(problems);
    });
}

/** Checks one file, reports it when it is sound, and gives its problems when it is not. */
function check(file: string, overrides: readonly string[], screen: Screen): readonly Problem[] {
  try {
    report(file, loadScenario(file, overrides), screen);
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
}

function report(file: string, { scenario, warnings }: LoadedScenario, screen: Screen): void {
  const { hosts, peers, virtualMachines, workloads, migrations } = scenario;
  const counts = [
    plural(hosts.length, 'host'),
    plural(peers.length, 'peer'),
    plural(virtualMachines.length, 'VM'),
    plural(workloads.length, 'workload'),
    plural(migrations.length, 'migration'),
  ];
  screen.print(`${file}: ok, ${counts.join(', ')}`);
  if (warnings.length > 0) screen.note(describeProblems(warnings, screen, 'warning'));
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
