import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { scenarioJsonSchema } from '../scenarios/json-schema.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import type { LoadedScenario } from '../scenarios/load-scenario.ts';
import { resolvedText } from '../scenarios/resolved-text.ts';
import { describeProblems } from './describe-problems.ts';
import type { Screen } from './screen.ts';

/** `nseh check FILE…`: says all that is wrong with scenario files. */
export function register(program: Command, screen: Screen): void {
  program
    .command('check')
    .description('validate scenario files and say all that is wrong at once')
    .argument('[files...]', 'scenario files')
    .option('--set <path=value>', 'override a value, such as hosts[0].link.rate="10 Gbit/s"', append, [])
    .option('--resolved', 'print every value with its unit and origin: file, default or preset')
    .option('--schema', 'print the JSON Schema of scenario files')
    .option('--json', 'print one JSON object')
    .action((files, options, command) => {
      if (options.schema === true) {
        screen.print(JSON.stringify(scenarioJsonSchema(), null, 2));
        return;
      }
      if (files.length === 0) command.error("error: missing required argument 'files'");
      checkAll(files, options, screen);
    });
}

interface CheckOptions {
  readonly set: readonly string[];
  readonly resolved?: true | undefined;
  readonly json?: true | undefined;
}

interface Checked {
  readonly file: string;
  readonly loaded: LoadedScenario | null;
  readonly problems: readonly Problem[];
}

function checkAll(files: readonly string[], { set, resolved, json }: CheckOptions, screen: Screen): void {
  const checked = files.map((file) => check(file, set));
  const problems = checked.flatMap((one) => one.problems);
  if (json === true) screen.print(JSON.stringify({ files: checked.map(asJson) }));
  for (const { file, loaded } of checked) {
    if (loaded === null) continue;
    if (json !== true) screen.print(resolved === true ? resolvedText(loaded) : summary(file, loaded));
    if (loaded.warnings.length > 0) screen.note(describeProblems(loaded.warnings, screen, 'warning'));
  }
  if (problems.length > 0) throw new ScenarioError(problems);
}

function check(file: string, overrides: readonly string[]): Checked {
  try {
    return { file, loaded: loadScenario(file, overrides), problems: [] };
  } catch (error) {
    if (error instanceof ScenarioError) return { file, loaded: null, problems: error.problems };
    throw error;
  }
}

function asJson({ file, loaded, problems }: Checked): unknown {
  const plain = ({ place, message, allowed }: Problem): unknown => ({ place, message, allowed });
  return {
    file,
    ok: loaded !== null,
    problems: problems.map(plain),
    warnings: (loaded?.warnings ?? []).map(plain),
  };
}

function summary(file: string, { scenario }: LoadedScenario): string {
  const { hosts, peers, virtualMachines, workloads, migrations } = scenario;
  const counts = [
    plural(hosts.length, 'host'),
    plural(peers.length, 'peer'),
    plural(virtualMachines.length, 'VM'),
    plural(workloads.length, 'workload'),
    plural(migrations.length, 'migration'),
  ];
  return `${file}: ok, ${counts.join(', ')}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
