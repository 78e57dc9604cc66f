import type { Simulation } from '../sim/simulation.ts';
import { milliseconds, ms, s, seconds } from '../sim/time.ts';
import { linux26, stampedSegmentBytes, type TcpSettings } from '../models/network/tcp-settings.ts';
import { BulkFlow } from '../results/validation/streams/bulk-flow.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';

export interface DumbbellCell {
  readonly roundTripMs: number;
  readonly lossPerFrame: number;
  readonly seed: number;
  readonly durationS: number;
}

/** Mean goodput in bit/s of one bulk flow over the bottleneck. */
export function dumbbellGoodputBps(cell: DumbbellCell): number {
  let received = 0;
  const simulation = dumbbell(cell, (bytes) => (received += bytes));
  simulation.run(seconds(cell.durationS));
  return (received * 8) / cell.durationS;
}

/** One bulk flow over a bottleneck of 100 Mbit/s, 10 ms and 0.1 % loss: the cost of a packet and its acknowledgement. */
export const dumbbellPackets: Benchmark = {
  name: 'dumbbell',
  operation: 'packet',
  size: 200_000,
  sizeSmall: 2_000,
  run: runDumbbell,
};

function runDumbbell(size: number): BenchmarkResult {
  const hash = new ResultHash();
  let receivedBytes = 0;
  let packets = 0;
  const cell = { roundTripMs: 10, lossPerFrame: 0.001, seed: 1, durationS: 3600 };
  const segmentBytes = stampedSegmentBytes(endpoint);
  const simulation = dumbbell(cell, (bytes) => {
    receivedBytes += bytes;
    for (; packets < size && (packets + 1) * segmentBytes <= receivedBytes; packets++) {
      hash.add(packets, simulation.nowNs);
    }
    if (packets === size) simulation.stop();
  });
  simulation.run(seconds(cell.durationS));
  const elapsedS = simulation.nowNs / s;
  const goodput = `${((receivedBytes * 8) / elapsedS / 1e6).toFixed(1)} Mbit/s`;
  return { operations: packets, hash: hash.text, remark: goodput };
}

/**
 * As ns-3 3.37's TcpNewReno with the same numbers: an acknowledgement opens the window by one segment, the threshold
 * after a loss is half of what is in flight, to which the window comes down as its TcpPrrRecovery does, losses are found by selective acknowledgements and timeouts, and the
 * receiver acknowledges every second segment, or after 40 ms.
 */
const endpoint: TcpSettings = {
  ...linux26,
  congestionControl: 'new-reno',
  thresholdOf: 'pipe',
  rateReduction: 'proportional',
  delayedAckNs: 40 * ms,
  quickAcks: 0,
  rtoInitialNs: 1 * s,
  rtoFallbackNs: 1 * s,
  segmentationOffload: false,
  receiveBufferBytes: 8 * 2 ** 20,
  initialWindow: 10,
};

/**
 * One bulk flow over a bottleneck of 100 Mbit/s with 200 packets of queue: the same experiment as peers/dumbbell.cc
 * runs in ns-3 3.37, on which a packet has 54 bytes of headers and 12 of options. `received` gets the bytes that
 * arrive in order.
 */
function dumbbell(cell: DumbbellCell, received: (bytes: number) => void): Simulation {
  const path = {
    rateBps: 1e8,
    roundTripNs: milliseconds(cell.roundTripMs),
    queueBytes: 200 * 1538,
    lossPerFrame: cell.lossPerFrame,
    returnLossPerFrame: 0,
  };
  const sentBytes = Math.ceil((1e8 * cell.durationS) / 8);
  return new BulkFlow(path, endpoint, cell.seed, sentBytes, received).simulation;
}
