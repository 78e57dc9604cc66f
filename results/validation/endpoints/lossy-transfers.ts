import type { EndpointRecording, SentPacket } from './endpoint-case.ts';
import { agreedPackets } from './endpoint-difference.ts';
import { replayEndpoints } from './endpoint-replay.ts';

/** Sums over transfers: how long they took, the pauses of a timeout in them, and the packets sent. */
export interface TransferSums {
  readonly ms: number;
  readonly timeouts: number;
  readonly packets: number;
}

export interface LossyTransfers {
  readonly kernel: TransferSums;
  readonly simulated: TransferSums;
  /** The share of a transfer's packets before the first that differs, in the mean: simulated, and the kernel beside itself. */
  readonly agreed: number;
  readonly kernelAgreed: number;
}

/** Simulates recorded transfers with the same packets lost, each repetition at the same place between the kernel's ticks. */
export function compareLossyTransfers({ cases }: EndpointRecording): LossyTransfers {
  const recorded: (readonly SentPacket[])[] = [];
  const simulated: (readonly SentPacket[])[] = [];
  let agreed = 0;
  let kernelAgreed = 0;
  for (const { spec, runs, clocksMs = [] } of cases) {
    const ours = runs.map((_, i) => replayEndpoints(spec, clocksMs[i]));
    recorded.push(...runs);
    simulated.push(...ours);
    agreed += Math.max(...runs.map((run, i) => shareAgreed(run, ours[i]!)));
    kernelAgreed += Math.max(...runs.slice(1).map((run) => shareAgreed(run, runs[0]!)));
  }
  return {
    kernel: sumsOf(recorded),
    simulated: sumsOf(simulated),
    agreed: agreed / cases.length,
    kernelAgreed: kernelAgreed / cases.length,
  };
}

function shareAgreed(recorded: readonly SentPacket[], simulated: readonly SentPacket[]): number {
  return agreedPackets('c', recorded, simulated) / recorded.filter(([, end]) => end === 'c').length;
}

function sumsOf(runs: readonly (readonly SentPacket[])[]): TransferSums {
  let ms = 0;
  let timeouts = 0;
  let packets = 0;
  for (const run of runs) {
    const times = run.filter(([, end, , , bytes]) => end === 'c' && bytes > 0).map(([atMs]) => atMs);
    ms += times.at(-1)! - times[0]!;
    timeouts += times.filter((atMs, i) => i > 0 && atMs - times[i - 1]! > timeoutMs).length;
    packets += times.length;
  }
  return { ms, timeouts, packets };
}

/** No other pause is as long: 200 ms are the least timeout, less what passed since the segment was sent. */
const timeoutMs = 150;
