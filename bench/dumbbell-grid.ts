import { spawnSync } from 'node:child_process';
import { dumbbellGoodputBps } from './dumbbell.ts';
import type { DumbbellCell } from './dumbbell.ts';

/** Round trips with a duration in which many losses happen. */
const roundTrips = [
  { roundTripMs: 1, durationS: 5 },
  { roundTripMs: 10, durationS: 10 },
  { roundTripMs: 30, durationS: 20 },
  { roundTripMs: 100, durationS: 40 },
];
const losses = [0, 0.001, 0.005, 0.02];
const seeds = 10;
/** Below it a flow lives by its timeouts, and the mean is that of a few events. */
const leastBps = 1e6;

/** Prints the mean throughput over ten seeds beside that of the peer, a line for each round trip and loss. */
export function compareDumbbellGrid(program: string, json: boolean, print: (text: string) => void): void {
  for (const { roundTripMs, durationS } of roundTrips) {
    for (const lossPerFrame of losses) {
      // Without loss nothing is drawn.
      const cells = Array.from({ length: lossPerFrame === 0 ? 1 : seeds }, (_, seed) => {
        return { roundTripMs, durationS, lossPerFrame, seed: seed + 1 };
      });
      const ours = mean(cells.map((cell) => dumbbellGoodputBps(cell)));
      const peer = mean(cells.map((cell) => peerGoodputBps(program, cell)));
      const row = { round_trip_ms: roundTripMs, loss: lossPerFrame, bps: ours, peer_bps: peer };
      print(json ? JSON.stringify(row) : line(row));
    }
  }
}

function peerGoodputBps(program: string, cell: DumbbellCell): number {
  const numbers = [cell.roundTripMs, cell.lossPerFrame, cell.seed, cell.durationS].map(String);
  const run = spawnSync(program, ['NewReno', ...numbers], { encoding: 'utf8' });
  return run.status === 0 ? Number(run.stdout) : NaN;
}

interface GridRow {
  readonly round_trip_ms: number;
  readonly loss: number;
  readonly bps: number;
  readonly peer_bps: number;
}

function line(row: GridRow): string {
  const ratio = row.bps / row.peer_bps;
  const counted = row.peer_bps >= leastBps;
  return [
    `${String(row.round_trip_ms).padStart(4)} ms, loss ${(row.loss * 100).toFixed(1)} %:`,
    `${(row.bps / 1e6).toFixed(2).padStart(6)} Mbit/s,`,
    `ns-3 ${(row.peer_bps / 1e6).toFixed(2).padStart(6)}, ratio ${ratio.toFixed(3)}`,
    counted ? '' : '(below 1 Mbit/s)',
  ]
    .join(' ')
    .trimEnd();
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
