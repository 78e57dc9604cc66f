import { Chance } from '../sim/random.ts';
import { Simulation } from '../sim/simulation.ts';
import { Cluster, type Workload } from '../models/cluster.ts';
import type { Host } from '../models/compute/host.ts';
import { TrafficLedger } from '../models/compute/traffic-ledger.ts';
import { Learners } from '../models/migration/learners.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import { drawDelayNs } from '../models/network/delay.ts';
import { IdleConnections } from '../models/network/idle-connections.ts';
import { Observations } from '../models/observations.ts';
import { noAdditions } from './additions.ts';
import type { Additions } from './additions.ts';
import { buildFaults } from './build-faults.ts';
import { buildGuests, type Guest } from './build-guests.ts';
import { buildMigrations, plannedMachinery, type MigrationMachinery } from './build-migrations.ts';
import { buildNetwork, type Network } from './build-network.ts';
import { buildWorkloads } from './build-workloads.ts';
import type { Building } from './building.ts';
import { noInstruments, type Instruments } from './instruments.ts';
import { named } from './named.ts';
import type { Scenario } from './scenario.ts';
import { tcpSettingsOf } from './tcp-settings-of.ts';

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

/** Makes a workload of the caller's own on a cluster. Its flows are numbered from `flow` on, 1000 at most. */
export type MakeWorkload = (
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  flow: number,
) => Workload;

/** Flows of workloads of the caller's own are numbered above those of any scenario. */
const ownFlows = 1_000_000_000;

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
