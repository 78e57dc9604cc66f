import { assert } from '../sim/assert.ts';
import { Column } from './column.ts';

/** What is counted in each interval of a run's time series. */
export const seriesCounters = [
  'delivered_to_vm',
  'delivered_to_peer',
  'delivered_bytes',
  'attacks_delivered',
  'legitimate_dropped_by_engine',
  'attacks_dropped_by_engine',
  'dropped_otherwise',
  'probes_sent',
  'probes_lost',
] as const;

export type SeriesCounter = (typeof seriesCounters)[number];

/** Counters over equal intervals of simulated time; intervals in which nothing happened take no room. */
export class SeriesRows {
  readonly binNs: number;
  private readonly rowOfBin = new Map<number, number>();
  private rowCount = 0;
  private readonly columns: Record<SeriesCounter, Column>;
  // Packets come in the order of time: nearly all fall into the interval of the one before.
  private lastBin = -1;
  private lastRow = -1;

  constructor(binNs: number) {
    assert(binNs > 0, 'a series has intervals of positive length');
    this.binNs = binNs;
    this.columns = {
      delivered_to_vm: new Column('float64'),
      delivered_to_peer: new Column('float64'),
      delivered_bytes: new Column('float64'),
      attacks_delivered: new Column('float64'),
      legitimate_dropped_by_engine: new Column('float64'),
      attacks_dropped_by_engine: new Column('float64'),
      dropped_otherwise: new Column('float64'),
      probes_sent: new Column('float64'),
      probes_lost: new Column('float64'),
    };
  }

  add(timeNs: number, counter: SeriesCounter, amount: number): void {
    this.columns[counter].add(this.row(Math.floor(timeNs / this.binNs)), amount);
  }

  /** What each delivered packet adds: columns by their names, since reading one by a name that varies takes longer. */
  addDelivery(timeNs: number, toVm: boolean, bytes: number): void {
    const row = this.row(Math.floor(timeNs / this.binNs));
    const { delivered_to_vm, delivered_to_peer, delivered_bytes } = this.columns;
    (toVm ? delivered_to_vm : delivered_to_peer).add(row, 1);
    delivered_bytes.add(row, bytes);
  }

  /** Intervals in which something happened, in order of time. */
  rows(): { readonly startNs: number; readonly counts: Readonly<Record<SeriesCounter, number>> }[] {
    return [...this.rowOfBin.entries()]
      .sort(([a], [b]) => a - b)
      .map(([bin, row]) => ({ startNs: bin * this.binNs, counts: this.counts(row) }));
  }

  private row(bin: number): number {
    if (bin === this.lastBin) return this.lastRow;
    this.lastBin = bin;
    this.lastRow = this.rowOfBin.get(bin) ?? this.newRow(bin);
    return this.lastRow;
  }

  private newRow(bin: number): number {
    const row = this.rowCount++;
    this.rowOfBin.set(bin, row);
    for (const counter of seriesCounters) this.columns[counter].push(0);
    return row;
  }

  private counts(row: number): Record<SeriesCounter, number> {
    return {
      delivered_to_vm: this.columns.delivered_to_vm.at(row),
      delivered_to_peer: this.columns.delivered_to_peer.at(row),
      delivered_bytes: this.columns.delivered_bytes.at(row),
      attacks_delivered: this.columns.attacks_delivered.at(row),
      legitimate_dropped_by_engine: this.columns.legitimate_dropped_by_engine.at(row),
      attacks_dropped_by_engine: this.columns.attacks_dropped_by_engine.at(row),
      dropped_otherwise: this.columns.dropped_otherwise.at(row),
      probes_sent: this.columns.probes_sent.at(row),
      probes_lost: this.columns.probes_lost.at(row),
    };
  }
}

/** The finest of 10 ms, 100 ms, 1 s and so on with which a run has at most 200,000 intervals. */
export function seriesBinNs(untilNs: number): number {
  let binNs = 10_000_000;
  while (untilNs / binNs > 200_000) binNs *= 10;
  return binNs;
}
