import { FluidNetwork } from '../../../models/network/fluid-network.ts';
import { Link } from '../../../models/network/link.ts';
import { linux6 } from '../../../models/network/tcp-settings.ts';
import { Chance } from '../../../sim/random.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { ms, s } from '../../../sim/time.ts';
import { BulkFlow, type BulkPath } from './bulk-flow.ts';

/** A transfer over a path without loss, and how long it takes as packets and as fluid, in seconds, its handshake not counted. */
export interface ShortTransfer {
  readonly bytes: number;
  readonly roundTripNs: number;
  readonly packetsS: number;
  readonly fluidS: number;
}

/** Sizes and round trips of the page's table. */
export const shortTransfers = {
  bytes: [1e5, 1e6, 1e7, 1e8, 1e9],
  roundTripsMs: [1, 10, 30, 100],
};

/** Over 1 Gbit/s; `queueBytes` is what the link before it holds. */
export function timeTransfer(bytes: number, roundTripNs: number, queueBytes: number): ShortTransfer {
  const path: BulkPath = { rateBps: 1e9, roundTripNs, queueBytes, lossPerFrame: 0, returnLossPerFrame: 0 };
  const flow = new BulkFlow(path, linux6, 1, bytes);
  const packetsS = (flow.timeOfBytes(bytes) - roundTripNs) / s;
  return { bytes, roundTripNs, packetsS, fluidS: fluidTimeS(path, bytes) };
}

function fluidTimeS({ roundTripNs, ...path }: BulkPath, bytes: number): number {
  const simulation = new Simulation({ scenario: 'fluid', seed: 1, repetition: 0, replayCommand: '' });
  const settings = { intervalNs: 10 * ms, age: 'linux-6.x', start: 'slow-start' } as const;
  const draws = new Chance(1, 0).stream('wire', 'loss');
  const wire = new Link(simulation, 'wire', { ...path, delayNs: roundTripNs / 2 }, draws, () => undefined);
  let arrivedNs = 0;
  new FluidNetwork(simulation, settings)
    .stream([wire], 1)
    .send(bytes, Infinity)
    .listen(() => {
      arrivedNs = simulation.nowNs;
      simulation.stop();
    });
  simulation.run(Infinity);
  return arrivedNs / s;
}
