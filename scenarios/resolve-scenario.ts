import type { Problem } from '../sim/assert.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import {
  linux26Listen,
  linuxListen,
  unlimitedListen,
  type ListenSettings,
} from '../models/network/listen-queue.ts';
import { Captures } from './captures.ts';
import { derivedSchemes } from './derived-schemes.ts';
import type { FileProblem } from './file/file-problems.ts';
import { PolicyFiles } from './policy-files.ts';
import type { ParsedFile } from './parse-file.ts';
import { withDefaultMemory } from './presets/scheme-preset.ts';
import { schemePresets } from './presets/scheme-presets.ts';
import { lostContext } from './lost-context.ts';
import { lossyStreams } from './lossy-streams.ts';
import { nameOfFile } from './name-of-file.ts';
import { checkMemoryPlans, endlessPlans } from './resolve-memory-plans.ts';
import { declaredNames } from './resolution.ts';
import type { Resolution } from './resolution.ts';
import { resolveFaults } from './resolve-faults.ts';
import { resolveMachines } from './resolve-machines.ts';
import { resolveMigrations } from './resolve-migrations.ts';
import { resolveModules } from './resolve-modules.ts';
import { resolveMiddleboxes, resolveOverlay } from './resolve-network.ts';
import { idleFaults } from './refuse-unreached.ts';
import { refuseUnrouted } from './resolve-routes.ts';
import { ResolveProblems } from './resolve-problems.ts';
import { resolveController, resolveInitialContext, resolveWorkloads } from './resolve-workloads.ts';
import { securedBehindNat } from './secured-behind-nat.ts';
import { schemeContradictions } from './scheme-contradictions.ts';
import type { Scenario, TcpSpec } from './scenario.ts';

/** A scenario, and all that is wrong with it: with any problem it must not be run. */
export interface ResolvedScenario {
  readonly scenario: Scenario;
  readonly problems: readonly FileProblem[];
  /** Problems inside other files, such as rules. */
  readonly otherProblems: readonly Problem[];
  readonly warnings: readonly FileProblem[];
}

/**
 * From what a file says to what it means; `path` is the file's, for its name and for files beside it, `written` its
 * values before anything was filled in.
 */
export function resolveScenario(parsed: ParsedFile, path: string, written: unknown): ResolvedScenario {
  const problems = new ResolveProblems();
  const policies = new PolicyFiles(path, problems);
  const captures = new Captures(path, problems);
  const schemes = resolveSchemes(parsed, problems);
  checkMemoryPlans(parsed, problems);
  const names = {
    hosts: declaredNames(parsed, 'hosts'),
    peers: declaredNames(parsed, 'peers'),
    vms: declaredNames(parsed, 'vms'),
  };
  const resolution: Resolution = { parsed, problems, names, schemes, policies, captures };
  const { file } = parsed;
  const machines = resolveMachines(resolution);
  const migrations = resolveMigrations(resolution, machines, file.until);
  file.schemes.forEach((scheme, index) => {
    const routes = migrations.filter((spec) => spec.scheme === scheme);
    const world = { hosts: machines.hosts, routes, ownEngines: file.modules.length > 0 };
    for (const { field, message, allowed } of schemeContradictions(scheme, world)) {
      problems.add([...parsed.pathOf('schemes', index), ...field], message, allowed);
    }
  });
  const scenario: Scenario = {
    format: 1,
    name: file.name ?? nameOfFile(path),
    description: file.description,
    seed: file.seed,
    repetitions: file.reps,
    startWindowNs: file.start,
    untilNs: file.until,
    ...machines,
    switchLearnNs: file.switch.learn,
    sharingIntervalNs: sharingInterval(file.sharing_interval, problems),
    streamStart: file.stream_start,
    tcp: tcpOf(file.tcp, problems),
    overlay: resolveOverlay(resolution),
    middleboxes: resolveMiddleboxes(resolution),
    workloads: resolveWorkloads(resolution, machines, file.until),
    initialContext: resolveInitialContext(resolution),
    controller: resolveController(resolution),
    migrations,
    modules: resolveModules(resolution, path),
    faults: resolveFaults(resolution, migrations, file.until),
    migrationsPerHostMax: file.max_at_once,
    schemes,
    derivedSchemes: derivedSchemes(written),
  };
  refuseUnrouted(scenario, resolution);
  return {
    scenario: deepFreeze(scenario),
    problems: problems.problems,
    otherProblems: policies.fileProblems,
    warnings: [
      ...fixedStart(scenario),
      ...endlessPlans(scenario, parsed),
      ...lossyStreams(scenario, parsed),
      ...lostContext(scenario, parsed),
      ...idleFaults(scenario, parsed),
      ...securedBehindNat(scenario),
      ...captures.warnings,
    ],
  };
}

function sharingInterval(intervalNs: number, problems: ResolveProblems): number {
  if (intervalNs === 0) problems.add(['sharing_interval'], 'is no time', 'more than 0 s');
  return intervalNs;
}

function tcpOf(
  { age, congestion_control, retries, keep_alive, listen }: TcpFile,
  problems: ResolveProblems,
): TcpSpec {
  for (const key of ['idle', 'every'] as const)
    if (keep_alive !== 'none' && keep_alive[key] === 0)
      problems.add(['tcp', 'keep_alive', key], 'is no time', 'more than 0 s; Linux takes whole seconds');
  const keepAlive =
    keep_alive === 'none'
      ? null
      : { idleNs: keep_alive.idle, intervalNs: keep_alive.every, probesMax: keep_alive.probes };
  return {
    age,
    congestionControl: congestion_control,
    retriesMax: retries,
    keepAlive,
    listen: listenOf(age, listen),
  };
}

type TcpFile = ParsedFile['file']['tcp'];

function listenOf(age: TcpFile['age'], listen: TcpFile['listen']): ListenSettings {
  if (listen === 'unlimited') return unlimitedListen;
  const usual = age === 'linux-2.6' ? linux26Listen : linuxListen;
  if (listen === undefined) return usual;
  return {
    backlog: listen.backlog ?? usual.backlog,
    synCookies: listen.syn_cookies ?? usual.synCookies,
    synBacklog: listen.syn_backlog ?? usual.synBacklog,
    timestamps: listen.timestamps ?? usual.timestamps,
    places: usual.places,
  };
}

/** The presets, with the scenario's memory plan where it has one, and the schemes of the file. */
function resolveSchemes({ file, pathOf }: ParsedFile, problems: ResolveProblems): Scheme[] {
  const { memory } = file.migration_defaults;
  const presets = schemePresets.map(({ scheme }) =>
    memory === undefined ? scheme : withDefaultMemory(scheme, memory),
  );
  const taken = new Set(presets.map(({ name }) => name));
  file.schemes.forEach(({ name }, index) => {
    if (taken.has(name))
      problems.add([...pathOf('schemes', index), 'name'], `"${name}" is taken`, 'another name');
    taken.add(name);
  });
  return [...presets, ...file.schemes];
}

function fixedStart({ startWindowNs, migrations, workloads }: Scenario): FileProblem[] {
  const drawn = startWindowNs.to > startWindowNs.from;
  if (migrations.length === 0 || workloads.length === 0 || drawn) return [];
  const message = 'migrations start at fixed times, so that outcomes lie on the grid of TCP retransmissions';
  return [{ path: ['start'], atKey: true, message, allowed: 'start: uniform(500 ms), with several reps' }];
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value) as unknown[]) deepFreeze(part);
  return value;
}
