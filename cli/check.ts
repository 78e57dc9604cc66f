import { Option } from '@commander-js/extra-typings';
import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { plural } from '../results/plural.ts';
import { checkMeasures } from '../results/sweep-asserts.ts';
import { planSweep } from '../results/sweep-plan.ts';
import { readAnyFile } from '../scenarios/file-kind.ts';
import { scenarioJsonSchema, sweepJsonSchema } from '../scenarios/json-schema.ts';
import { loadScenario, readScenario } from '../scenarios/load-scenario.ts';
import type { LoadedScenario } from '../scenarios/load-scenario.ts';
import { resolvedText } from '../scenarios/resolved-text.ts';
import { loadSweep } from '../scenarios/sweep.ts';
import type { Sweep } from '../scenarios/sweep.ts';
import type { YamlText } from '../scenarios/yaml-text.ts';
import { describeProblems } from './describe-problems.ts';
import type { Screen } from './screen.ts';

/** `nseh check FILE…`: says all that is wrong with scenario and sweep files. */
export function register(program: Command, screen: Screen): void {
  program
    .command('check')
    .description('validate scenario and sweep files and say all that is wrong at once')
    .argument('[files...]', 'scenario or sweep files')
    .option('--set <path=value>', 'override a value, such as "hosts[0].link.rate=10 Gbit/s"', append, [])
    .option('--resolved', 'print every value with its unit and origin: file, default or preset')
    .addOption(
      new Option('--schema [kind]', 'print the JSON Schema of scenario or of sweep files')
        .choices(['scenario', 'sweep'])
        .preset('scenario'),
    )
    .option('--json', 'print one JSON object')
    .action((files, options, command) => {
      if (options.schema !== undefined) {
        const schema = options.schema === 'sweep' ? sweepJsonSchema() : scenarioJsonSchema();
        screen.print(JSON.stringify(schema, null, 2));
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
  /** What to print about a file that is right; null for one that is not. */
  readonly text: string | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

function checkAll(files: readonly string[], options: CheckOptions, screen: Screen): void {
  const checked = files.map((file) => check(file, options));
  const problems = checked.flatMap((one) => one.problems);
  if (options.json === true) screen.print(JSON.stringify({ files: checked.map(asJson) }));
  for (const { text, warnings } of checked) {
    if (text !== null && options.json !== true) screen.print(text);
    if (warnings.length > 0) screen.note(describeProblems(warnings, screen, 'warning'));
  }
  if (problems.length > 0) throw new ScenarioError(problems);
}

function check(file: string, options: CheckOptions): Checked {
  try {
    const { kind, yaml } = readAnyFile(file);
    return kind === 'sweep' ? checkSweep(file, options) : checkScenario(yaml, options);
  } catch (error) {
    if (error instanceof ScenarioError) return { file, text: null, problems: error.problems, warnings: [] };
    throw error;
  }
}

function checkScenario(yaml: YamlText, { set, resolved }: CheckOptions): Checked {
  const { file } = yaml;
  const loaded = readScenario(yaml, set);
  const text = resolved === true ? resolvedText(loaded) : summary(file, loaded);
  return { file, text, problems: [], warnings: loaded.warnings };
}

/** Every combination is resolved, as before a run; `--resolved` shows the scenario with what holds for all of them. */
function checkSweep(file: string, { set, resolved }: CheckOptions): Checked {
  const written = loadSweep(file);
  const sweep = { ...written, set: [...written.set, ...set] };
  checkMeasures(sweep);
  const plan = planSweep(sweep);
  const text =
    resolved === true
      ? resolvedText(loadScenario(sweep.scenarioPath, sweep.set))
      : `${file}: ok, ${plural(plan.cells.length, 'combination')}, each of ${sweep.scenarioPath} run ${repeated(sweep)}`;
  return { file, text, problems: [], warnings: plan.warnings };
}

function repeated({ repetitions, until }: Sweep): string {
  return until === null ? plural(repetitions, 'time') : `${repetitions} to ${until.repetitionsMax} times`;
}

function asJson({ file, text, problems, warnings }: Checked): unknown {
  const plain = ({ place, message, allowed }: Problem): unknown => ({ place, message, allowed });
  return {
    file,
    ok: text !== null,
    problems: problems.map(plain),
    warnings: warnings.map(plain),
  };
}

function summary(file: string, { scenario }: LoadedScenario): string {
  const { hosts, peers, virtualMachines, workloads, migrations } = scenario;
  const counts = [
    plural(hosts.length, 'host'),
    plural(peers.length, 'peer'),
    plural(virtualMachines.length, 'VM'),
    plural(workloads.length, 'workload'),
    plural(migrations.filter(({ attempt }) => attempt === 1).length, 'migration'),
  ];
  return `${file}: ok, ${counts.join(', ')}`;
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
