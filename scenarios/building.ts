import type { Chance } from '../sim/random.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { TrafficLedger } from '../models/compute/traffic-ledger.ts';
import type { IdleConnections } from '../models/network/idle-connections.ts';
import type { Observations } from '../models/observations.ts';
import type { Additions } from './additions.ts';
import type { PacketTaps } from './packet-taps.ts';
import type { Scenario } from './scenario.ts';

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
