import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError, assert } from '../sim/assert.ts';
import { importAdditions } from '../scenarios/additions.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { compareSchemes } from './compare.ts';
import { makeManifest, scenarioHash } from './manifest.ts';
import { runFiles } from './run-files.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import type { PairedRun, RunSummary } from './summary.ts';

/** Whether a file of a run's directory came out the same when the run was repeated. */
export interface VerifiedFile {
  readonly name: string;
  readonly same: boolean;
}

/**
 * Runs a directory's run again, from its manifest alone, and compares each file byte for byte. meta.json and what
 * was written on demand are left out. Throws a ScenarioError when the directory holds no run.
 */
export async function verifyRun(directory: string): Promise<VerifiedFile[]> {
  const { scenario, choice, seed, repetition } = readRunManifest(directory);
  const additions = await importAdditions(scenario.modules);
  const repeated: { pair: PairedRun; summary: RunSummary }[] = [];
  compareSchemes({
    ...{ scenario, seed, repetition, choices: [choice], additions },
    replayCommand: () => `nseh verify ${directory}`,
    watch: {
      finish: (pair, summary) => repeated.push({ pair, summary }),
    },
  });
  const [again] = repeated;
  assert(again !== undefined, 'a run that was asked for has run');
  const manifest = makeManifest({ scenario, choices: [choice], seed, repetition });
  const meta = { started: '', wall_ms: 0, host: '', arguments: [] };
  const there = new Set(readdirSync(directory));
  return [...runFiles(again.pair, again.summary, manifest, meta)]
    .filter(([name]) => name !== 'meta.json')
    .map(([name, content]) => ({
      name,
      same: there.has(name) && readFileSync(join(directory, name)).equals(Buffer.from(content)),
    }));
}

interface RunIdentified {
  readonly scenario: Scenario;
  readonly choice: SchemeChoice;
  readonly seed: number;
  readonly repetition: number;
}

/** What a manifest says was run. Its numbers without a JSON form, such as no limit, stand there as text. */
function readRunManifest(directory: string): RunIdentified {
  const file = join(directory, 'run.json');
  if (!existsSync(file)) throw noRun(directory);
  const text = readFileSync(file, 'utf8');
  if (!text.startsWith('{') || !text.endsWith('}\n')) throw damaged(directory);
  const manifest = JSON.parse(text, revived) as {
    readonly scenario_sha256: string;
    readonly resolved_scenario: Scenario;
    readonly choices: readonly SchemeChoice[];
    readonly seed: number;
    readonly repetition: number;
  };
  const { resolved_scenario: scenario, choices, seed, repetition } = manifest;
  const [choice] = choices;
  if (choice === undefined || scenarioHash(scenario) !== manifest.scenario_sha256) throw damaged(directory);
  return { scenario, choice, seed, repetition };
}

function revived(_key: string, value: unknown): unknown {
  if (value === 'Infinity') return Infinity;
  return value === '-Infinity' ? -Infinity : value;
}

function noRun(directory: string): ScenarioError {
  const allowed = 'a directory of one run, such as out/quickstart/com-rounds-s1-r0, or of a sweep';
  return new ScenarioError([{ place: directory, message: 'holds no run.json', allowed }]);
}

function damaged(directory: string): ScenarioError {
  const message = 'its run.json does not hold together: it was changed after the run, or is not of a run';
  return new ScenarioError([{ place: directory, message, allowed: 'the directory of one run' }]);
}
