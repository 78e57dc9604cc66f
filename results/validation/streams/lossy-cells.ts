import type { LossyPath } from '../../../models/network/lossy-throughput.ts';
import { lossyGrid } from '../../../models/network/lossy-grid.ts';
import { settingsOfAge, type TcpSettings } from '../../../models/network/tcp-settings.ts';
import { ms } from '../../../sim/time.ts';
import { measureRate, type Effort, type MeasuredRate } from './measure-rate.ts';

/** A path and the rate of one connection over it. */
export interface LossyCell extends LossyPath {
  readonly rateBps: number;
  /** Standard error of the rate, as a share. */
  readonly error: number;
}

/** The whole grid, a row for each line rate and round trip, in kbit/s. */
export function measureGrid(age: TcpSettings['age'], done: (rows: number) => void): number[][] {
  const rows: number[][] = [];
  for (const lineRateBps of lossyGrid.lineRatesBps) {
    for (const roundTripNs of lossyGrid.roundTripsNs) {
      const row = lossyGrid.losses.map((loss) => {
        const { rateBps } = measureCell(age, { lineRateBps, roundTripNs, loss }, gridSeed);
        return Number((rateBps / 1000).toPrecision(4));
      });
      // A rate that does not fall with loss is one that the line bounds, but for noise.
      rows.push(row.map((_, index) => Math.max(...row.slice(index))));
      done(rows.length);
    }
  }
  return rows;
}

/** Paths that the law was not made of. */
export function heldOutPaths(): LossyPath[] {
  const paths: LossyPath[] = [];
  for (const lineRateBps of heldOut.lineRatesBps) {
    for (const roundTripMs of heldOut.roundTripsMs) {
      for (const loss of heldOut.losses) paths.push({ lineRateBps, roundTripNs: roundTripMs * ms, loss });
    }
  }
  return paths;
}

/** About half-way between points of the grid, with its ends of 100 ms and 10 %, and 1 Gbit/s, which the page shows. */
export const heldOut = {
  lineRatesBps: [1.7e8, 1e9, 5.5e9],
  roundTripsMs: [0.25, 0.6, 1.2, 2.5, 4, 8.5, 14, 32, 70, 100],
  losses: [0.0006, 0.0014, 0.0032, 0.007, 0.014, 0.024, 0.04, 0.06, 0.085, 0.1],
};

export function measureHeldOut(age: TcpSettings['age'], done: (cells: number) => void): LossyCell[] {
  return heldOutPaths().map((path, index) => {
    const cell = { ...path, ...measureCell(age, path, heldOutSeed) };
    done(index + 1);
    return cell;
  });
}

/** The rate over one path. Seeds of the grid and of what is held against it are apart. */
export function measureCell(age: TcpSettings['age'], path: LossyPath, firstSeed: number): MeasuredRate {
  const { lineRateBps, roundTripNs, loss } = path;
  const wire = {
    rateBps: lineRateBps,
    roundTripNs,
    queueBytes,
    lossPerFrame: loss,
    returnLossPerFrame: loss,
  };
  return measureRate(wire, settingsOfAge[age], firstSeed, effortFor(loss));
}

const gridSeed = 1;
const heldOutSeed = 1001;
/** What a link has by default. */
export const queueBytes = 262_144;

/** Rare losses are dear: fewer of them. Frequent ones end in timeouts that double, so that many are needed. */
function effortFor(loss: number): Effort {
  if (loss < 0.001) return { lossesPerRun: 60, error: 0.06, runsMin: 2, runsMax: 4 };
  if (loss < 0.005) return { lossesPerRun: 200, error: 0.025, runsMin: 3, runsMax: 5 };
  return { lossesPerRun: 500, error: 0.02, runsMin: 4, runsMax: 80 };
}
