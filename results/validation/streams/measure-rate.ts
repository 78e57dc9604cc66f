import { s } from '../../../sim/time.ts';
import { stampedSegmentBytes, type TcpSettings } from '../../../models/network/tcp-settings.ts';
import { BulkFlow, type BulkPath } from './bulk-flow.ts';

/** How long and how often a cell is measured. */
export interface Effort {
  /** Losses of a run on average, those of the way back not counted. */
  readonly lossesPerRun: number;
  /** Runs end as soon as the standard error of the mean is below this share of it. */
  readonly error: number;
  readonly runsMin: number;
  readonly runsMax: number;
}

export interface MeasuredRate {
  /** Payload that arrives, in bit/s. */
  readonly rateBps: number;
  /** Standard error, as a share. */
  readonly error: number;
}

/** The mean rate of a bulk flow in its steady state: all that was delivered by all the time that it took. */
export function measureRate(
  path: BulkPath,
  settings: TcpSettings,
  firstSeed: number,
  effort: Effort,
): MeasuredRate {
  const times: number[] = [];
  const bytes = (effort.lossesPerRun / path.lossPerFrame) * stampedSegmentBytes(settings);
  for (;;) {
    times.push(timeOf(path, settings, firstSeed + times.length, bytes));
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    const squares = times.reduce((sum, time) => sum + (time - mean) ** 2, 0);
    const error = Math.sqrt(squares / (times.length - 1) / times.length) / mean;
    const enough = times.length >= effort.runsMin && error < effort.error;
    if (enough || times.length >= effort.runsMax) return { rateBps: 8 / mean, error };
  }
}

/** Seconds for a byte once a tenth has been delivered, by when slow start is over. */
function timeOf(path: BulkPath, settings: TcpSettings, seed: number, bytes: number): number {
  const flow = new BulkFlow(path, settings, seed, 2 * bytes);
  const startNs = flow.timeOfBytes(bytes / 10);
  const startBytes = flow.receivedBytes;
  const endNs = flow.timeOfBytes(startBytes + bytes);
  return (endNs - startNs) / s / (flow.receivedBytes - startBytes);
}
