import type { Simulation } from '../sim/simulation.ts';
import type { Guest } from './build-guests.ts';
import type { Network } from './build-network.ts';
import type { PacketTaps } from './packet-taps.ts';

/** What looks into a cluster while it runs and changes nothing. */
export interface Instruments {
  /** Sees packets under way; null for none. */
  readonly taps: PacketTaps | null;
  /** Called once all is built; what it returns is called after every event. Null for none. */
  readonly sampler: ((built: BuiltCluster) => () => void) | null;
}

/** The parts of a cluster that an instrument reads. */
export interface BuiltCluster {
  readonly simulation: Simulation;
  readonly network: Network;
  readonly guests: ReadonlyMap<string, Guest>;
}

export const noInstruments: Instruments = { taps: null, sampler: null };
