import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scenario } from '../scenarios/scenario.ts';
import { sha256 } from '../scenarios/sha256.ts';
import { projectFile } from './project-file.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import { stableJson } from './stable-json.ts';

/** What a run was made from, and with which program: enough to make it again. Deterministic. */
export interface Manifest {
  readonly scenario_name: string;
  /** SHA-256 of the resolved scenario, without its seed and schemes: these stand beside it. */
  readonly scenario_sha256: string;
  /** SHA-256 of scenario, schemes, seed and repetition: the same value, the same results from the same build. */
  readonly run_sha256: string;
  /** SHA-256 of the program's version, its code and the Node major. */
  readonly build_sha256: string;
  readonly schemes: readonly string[];
  readonly seed: number;
  readonly repetition: number;
  readonly versions: Versions;
  /** The schemes in full. */
  readonly choices: readonly SchemeChoice[];
  readonly resolved_scenario: Scenario;
}

export interface Versions {
  readonly nseh: string;
  /** SHA-256 of the model's own code, so that results of another build are not taken for this one's. */
  readonly code: string;
  readonly node: string;
  readonly v8: string;
}

/** The manifest of a run, or of a comparison when there are several schemes. */
export function makeManifest(subject: {
  readonly scenario: Scenario;
  readonly choices: readonly SchemeChoice[];
  readonly seed: number;
  readonly repetition: number;
}): Manifest {
  const { scenario, choices, seed, repetition } = subject;
  const resolved = choices.map(({ scheme }) => scheme);
  const scenarioSha256 = scenarioHash(scenario);
  return {
    scenario_name: scenario.name,
    scenario_sha256: scenarioSha256,
    run_sha256: sha256(stableJson({ scenarioSha256, resolved, seed, repetition })),
    build_sha256: buildHash(),
    schemes: choices.map(({ name }) => name),
    seed,
    repetition,
    versions: versions(),
    choices,
    resolved_scenario: scenario,
  };
}

/** SHA-256 of what a scenario means: formatting, comments and the way a unit was written do not change it. */
export function scenarioHash(scenario: Scenario): string {
  // Seed and schemes belong to a run; the same workload under another scheme is the same scenario.
  return sha256(stableJson({ ...scenario, seed: 0, schemes: [], derivedSchemes: [] }));
}

/** Versions of the program and of what runs it. */
export function versions(): Versions {
  const { node, v8 } = process.versions;
  return { nseh: packageVersion(), code: codeHash(), node, v8 };
}

/** SHA-256 of the program's version, its code and the Node major. */
export function buildHash(): string {
  const { nseh, code, node } = versions();
  return sha256(`${nseh}\n${code}\n${node.split('.')[0] ?? ''}`);
}

const room = dirname(dirname(fileURLToPath(import.meta.url)));
let knownCodeHash: string | null = null;

/** Covers every folder that a result depends on, in the form in which it runs: sources, or what was built of them. */
function codeHash(): string {
  knownCodeHash ??= sha256(
    ['sim', 'models', 'scenarios', 'results']
      .flatMap((folder) => codeFiles(join(room, folder)))
      .map((file) => `${relative(room, file)}\n${readFileSync(file, 'utf8')}`)
      .join('\n'),
  );
  return knownCodeHash;
}

function codeFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(({ name }) => /\.[jt]s$/.test(name) && !/\.(test|d)\.[jt]s$/.test(name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '';
}
