import { assert } from '../sim/assert.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { TrafficLedger } from './compute/traffic-ledger.ts';
import type { Migration } from './migration/migration.ts';
import type { Observations } from './observations.ts';

/** A workload, an attack or a fault: something that acts on the cluster by itself. */
export interface Workload {
  /** Schedules its first event. */
  start(): void;
  /** Publishes what is only known when the run ends; leaves no trace in any state. */
  publishStates(): void;
}

/** Everything that was built for one run. It holds; behaviour is in the things themselves. */
export interface ClusterParts {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly ledger: TrafficLedger;
  readonly workloads: readonly Workload[];
  readonly migrations: readonly Migration[];
  readonly untilNs: number;
}

/** Hosts, VMs, peers, workloads and migrations of one run. */
export class Cluster {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly migrations: readonly Migration[];
  private readonly parts: ClusterParts;
  private ran = false;

  constructor(parts: ClusterParts) {
    this.parts = parts;
    this.simulation = parts.simulation;
    this.observations = parts.observations;
    this.migrations = parts.migrations;
  }

  /** Packets that guests and peers have sent. */
  get packetsSent(): number {
    return this.parts.ledger.packetsSent;
  }

  /** Runs to the end of the scenario and asks every connection what became of it. */
  run(): void {
    assert(!this.ran, 'a cluster runs once');
    this.ran = true;
    for (const workload of this.parts.workloads) workload.start();
    this.simulation.run(this.parts.untilNs);
    for (const workload of this.parts.workloads) workload.publishStates();
    for (const migration of this.migrations) migration.publishStates();
  }
}
