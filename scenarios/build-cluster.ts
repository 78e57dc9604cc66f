import { ScenarioError } from '../sim/assert.ts';
import { Chance } from '../sim/random.ts';
import { Simulation } from '../sim/simulation.ts';
import { Cluster, type Workload } from '../models/cluster.ts';
import type { Host } from '../models/compute/host.ts';
import { TrafficLedger } from '../models/compute/traffic-ledger.ts';
import { Learners } from '../models/migration/learners.ts';
import { createMemoryTransfer } from '../models/migration/memory/create-memory-transfer.ts';
import type { MemoryPlan } from '../models/migration/memory/memory-plan.ts';
import type { MemorySurroundings, MemoryTransfer } from '../models/migration/memory/memory-transfer.ts';
import { Migration } from '../models/migration/migration.ts';
import { MigrationSlots } from '../models/migration/migration-slots.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import { drawDelayNs } from '../models/network/delay.ts';
import type { FluidNetwork } from '../models/network/fluid-network.ts';
import type { FluidMedium } from '../models/network/fluid-medium.ts';
import type { EndingStream } from '../models/network/stream.ts';
import { IdleConnections } from '../models/network/idle-connections.ts';
import { Observations, type CpuTask } from '../models/observations.ts';
import { noAdditions } from './additions.ts';
import type { Additions } from './additions.ts';
import { buildFaults } from './build-faults.ts';
import { buildGuests, type Guest } from './build-guests.ts';
import { buildNetwork, type Network } from './build-network.ts';
import { buildWorkloads } from './build-workloads.ts';
import { noInstruments, type Instruments } from './instruments.ts';
import type { PacketTaps } from './packet-taps.ts';
import type { MigrationSpec, Scenario } from './scenario.ts';
import { tcpSettingsOf } from './tcp-settings-of.ts';
import { whenReached } from './when-reached.ts';

export interface ClusterOptions {
  readonly seed: number;
  readonly repetition: number;
  /** The scheme of every migration; `as-written` keeps each migration's own, null makes none migrate. */
  readonly scheme: Scheme | 'as-written' | null;
  readonly replayCommand: string;
  /** What the caller adds to what the scenario names; nothing where it is left out. */
  readonly additions?: Additions | undefined;
  /** Migrations that work otherwise than a plan can say: what a measured host does, say. */
  readonly machinery?: MigrationMachinery;
  /** What looks into the cluster while it runs; nothing where it is left out. */
  readonly instruments?: Instruments | undefined;
}

/** How migrations get what they work with. */
export interface MigrationMachinery {
  transferMemory(plan: MemoryPlan, surroundings: MemorySurroundings): MemoryTransfer;
  /** A stream of that weight from source to destination, beside others. */
  openStream(
    building: Building,
    fluid: FluidNetwork,
    path: readonly FluidMedium[],
    weight: number,
  ): EndingStream;
}

/** As the plans say. */
export const plannedMachinery: MigrationMachinery = {
  transferMemory: createMemoryTransfer,
  openStream: (_, fluid, path, weight) => fluid.stream(path, weight),
};

/** Makes a workload of the caller's own on a cluster. Its flows are numbered from `flow` on, 1000 at most. */
export type MakeWorkload = (
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  flow: number,
) => Workload;

/** Flows of workloads of the caller's own are numbered above those of any scenario. */
const ownFlows = 1_000_000_000;

/** What the parts of a cluster are built with. */
export interface Building {
  readonly scenario: Scenario;
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly ledger: TrafficLedger;
  readonly chance: Chance;
  readonly taps: PacketTaps | null;
  readonly additions: Additions;
  /** The idle connections of all guests and peers. */
  readonly idle: IdleConnections;
}

/** Builds everything that a scenario names, ready to run: the only place that constructs models. */
export function buildCluster(scenario: Scenario, options: ClusterOptions): Cluster {
  const observations = new Observations();
  const { taps, sampler } = options.instruments ?? noInstruments;
  const building: Building = {
    scenario,
    simulation: new Simulation({
      scenario: scenario.name,
      seed: options.seed,
      repetition: options.repetition,
      replayCommand: options.replayCommand,
    }),
    observations,
    ledger: new TrafficLedger(observations),
    chance: new Chance(options.seed, options.repetition),
    taps,
    additions: options.additions ?? noAdditions,
    idle: new IdleConnections(tcpSettingsOf(scenario.tcp)),
  };
  taps?.listen(observations);
  const learners = new Learners();
  const network = buildNetwork(building, learners);
  const guests = buildGuests(building, network);
  watch(building, sampler?.({ simulation: building.simulation, network, guests }) ?? null);
  const migrations =
    options.scheme === null
      ? []
      : buildMigrations(building, network, guests, learners, {
          scheme: options.scheme,
          machinery: options.machinery ?? plannedMachinery,
        });
  buildFaults(building, network, guests, new Map(migrations.map((migration) => [migration.name, migration])));
  const policyUpdates = scenario.controller.map((update, index) =>
    policyUpdate(building, network, guests, update, index + 1),
  );
  const workloads = buildWorkloads(building, network, guests);
  const ownWorkloads = building.additions.workloads.map((make, index) =>
    make(building, network, guests, ownFlows + 1000 * index),
  );
  return new Cluster({
    simulation: building.simulation,
    observations,
    ledger: building.ledger,
    workloads: [...workloads, ...ownWorkloads, ...policyUpdates, accounts(network)],
    migrations,
    untilNs: scenario.untilNs,
  });
}

/** Every event is followed by the check that no packet was lost, and by the sampler where there is one. */
function watch({ simulation, ledger }: Building, sample: (() => void) | null): void {
  if (sample === null) simulation.watch(() => ledger.check());
  else {
    simulation.watch(() => {
      ledger.check();
      sample();
    });
  }
}

function buildMigrations(
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  learners: Learners,
  how: { readonly scheme: Scheme | 'as-written'; readonly machinery: MigrationMachinery },
): Migration[] {
  const { scenario, simulation, observations, chance } = building;
  const { scheme, machinery } = how;
  const slots = new MigrationSlots(scenario.migrationsPerHostMax);
  const byName = new Map<string, Migration>();
  for (const spec of scenario.migrations) {
    const guest = named(guests, spec.vm);
    const source = named(network.hosts, spec.source);
    const destination = named(network.hosts, spec.destination);
    const chosen = scheme === 'as-written' ? spec.scheme : scheme;
    const migration = new Migration({
      simulation,
      observations,
      name: spec.name,
      vm: guest.vm,
      source,
      destination,
      scheme: chosen,
      reference: guest.reference,
      slots,
      learners,
      giveUpNs: spec.giveUpNs,
      openStream: (weight) =>
        machinery.openStream(
          building,
          network.fluid,
          network.migrationPath(source, destination, sendsByThread(chosen.memory)),
          weight,
        ),
      openReturn: () =>
        machinery.openStream(building, network.fluid, network.migrationPath(destination, source, true), 1),
      transferMemory: (stream, hooks) =>
        machinery.transferMemory(chosen.memory, {
          simulation,
          clock: guest.vm.clock,
          memory: guest.vm.memory,
          stream,
          chance: chance.stream(spec.name, 'memory transfer'),
          roundStarted: (round) => hooks.roundStarted(round),
          roundEnded: (record) => hooks.roundEnded(record),
          throttled: (percent) => hooks.throttled(percent),
          work: (cpuNs) => source.cpu.work(sendersTask(chosen.memory), cpuNs),
          compress: (cpuNs) => source.cpu.work('compression', cpuNs),
          unpack: (cpuNs) => destination.cpu.work('compression', cpuNs),
        }),
    });
    byName.set(spec.name, migration);
  }
  for (const spec of scenario.migrations) trigger(building, spec, byName);
  return [...byName.values()];
}

/** QEMU's thread takes its own CPU time for each page; other plans copy as fast as the CPUs let them. */
function sendsByThread(plan: MemoryPlan): boolean {
  return (plan.kind === 'pre-copy' || plan.kind === 'hybrid') && plan.rounds.kind === 'qemu';
}

function sendersTask(plan: MemoryPlan): CpuTask {
  const byThread = plan.kind === 'pre-copy' || plan.kind === 'hybrid' ? plan.rounds : null;
  return byThread?.kind === 'qemu' && byThread.delta.kind !== 'none' ? 'compression' : 'copying';
}

/**
 * Starts the migration at its time, or after a phase of another one, plus a draw common to all schemes. A further
 * attempt begins its pause after the last one, to the nanosecond, and not at all with a VM that has died.
 */
function trigger(building: Building, spec: MigrationSpec, migrations: ReadonlyMap<string, Migration>): void {
  const { scenario, simulation, chance } = building;
  const migration = named(migrations, spec.name);
  const again = spec.attempt > 1;
  const { from, to } = scenario.startWindowNs;
  const draw = again ? 0 : from + Math.floor(chance.stream(spec.name, 'start').uniform(0) * (to - from));
  if (spec.trigger.kind === 'time') {
    simulation.scheduleAt(spec.trigger.atNs + draw, start, migration);
    return;
  }
  const { delayNs } = spec.trigger;
  whenReached(spec.trigger, migrations, () => {
    if (!again || !migration.vm.dead) simulation.schedule(delayNs + draw, start, migration);
  });
}

function start(migration: Migration): void {
  migration.start();
}

/** A controller's update: the reference knows it at once, each host after its own delay. */
function policyUpdate(
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  update: Scenario['controller'][number],
  version: number,
): Workload {
  const { simulation } = building;
  const guest = named(guests, update.vm);
  const policy = { kind: 'rules', ruleset: update.policy, version } as const;
  const tell = (host: Host): void => {
    host.updatePolicy(guest.vm, policy);
    guest.reference.touched(null);
  };
  return {
    start(): void {
      simulation.scheduleAt(update.atNs, () => guest.reference.setPolicy(policy), undefined);
      for (const { host, delay } of update.delays) {
        if (delay === 'never') continue;
        const draw = building.chance.stream(host, 'policy updates').uniform(version);
        simulation.scheduleAt(update.atNs + drawDelayNs(delay, draw), tell, named(network.hosts, host));
      }
    },
    publishStates(): void {
      // An update leaves nothing to report.
    },
  };
}

/** Each host says at the end what its CPUs did since it said so last. */
function accounts({ hosts }: Network): Workload {
  return {
    start(): void {
      // Accounts are kept as the host works.
    },
    publishStates: () => [...hosts.values()].forEach(({ cpu }) => cpu.account()),
  };
}

/** The thing of that name; a scenario names only what it defines. */
export function named<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) {
    throw new ScenarioError([
      { place: name, message: 'is not defined', allowed: [...things.keys()].join(', ') },
    ]);
  }
  return thing;
}
