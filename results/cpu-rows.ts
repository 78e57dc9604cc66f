import { assert } from '../sim/assert.ts';
import { cpuTasks, type CpuTask, type CpuUsed, type PhaseReached } from '../models/observations.ts';

/** Before the first migration is requested, while any is under way (until it runs at the destination or has failed), and while none is. */
export const movePeriods = ['before', 'during', 'after'] as const;
export type MovePeriod = (typeof movePeriods)[number];

interface Switch {
  readonly timeNs: number;
  readonly period: MovePeriod;
}

const sumsOfHost = cpuTasks.length * movePeriods.length;

/** CPU time of hosts by task, summed before, during and after the moves: as many numbers as hosts have tasks. */
export class CpuRows {
  private readonly switches: Switch[] = [{ timeNs: 0, period: 'before' }];
  private readonly underWay = new Set<string>();
  /** Where each host's sums begin: three of each task. Hosts use their CPUs all the time, so these lie close together. */
  private readonly places = new Map<string, number>();
  private sums = new Float64Array(sumsOfHost);

  phase({ phase, migration, timeNs }: PhaseReached): void {
    if (phase === 'request') this.underWay.add(migration);
    else if (phase === 'activate' || phase === 'failed') this.underWay.delete(migration);
    else return;
    const period = this.underWay.size > 0 ? 'during' : 'after';
    if (this.switches.at(-1)!.period !== period) this.switches.push({ timeNs, period });
  }

  /** Times of use come in order; what lies on both sides of a switch is split by time. */
  push({ host, task, fromNs, toNs, cpuNs }: CpuUsed): void {
    assert(toNs > fromNs, 'CPU time is used in some time');
    const sums = this.placeOf(host) + cpuTasks.indexOf(task) * movePeriods.length;
    let endNs = toNs;
    for (let i = this.switches.length - 1; endNs > fromNs; i--) {
      const { timeNs, period } = this.switches[i]!;
      const startNs = Math.max(fromNs, timeNs);
      if (startNs >= endNs) continue;
      this.sums[sums + movePeriods.indexOf(period)]! += (cpuNs * (endNs - startNs)) / (toNs - fromNs);
      endNs = startNs;
    }
  }

  /** How long each period was, in a run that ended at `endNs`. */
  periodsNs(endNs: number): Readonly<Record<MovePeriod, number>> {
    const lengths = { before: 0, during: 0, after: 0 };
    this.switches.forEach(({ timeNs, period }, index) => {
      lengths[period] += (this.switches[index + 1]?.timeNs ?? endNs) - timeNs;
    });
    return lengths;
  }

  /** Hosts that used any CPU time. */
  hosts(): string[] {
    return [...this.places.keys()];
  }

  /** CPU time of a host in ns by task and period. */
  ofHost(host: string): Readonly<Record<CpuTask, Readonly<Record<MovePeriod, number>>>> {
    const place = this.places.get(host);
    const sum = (task: CpuTask, period: MovePeriod): number => {
      const index = cpuTasks.indexOf(task) * movePeriods.length + movePeriods.indexOf(period);
      return place === undefined ? 0 : this.sums[place + index]!;
    };
    const sums = (task: CpuTask): Record<MovePeriod, number> => ({
      before: sum(task, 'before'),
      during: sum(task, 'during'),
      after: sum(task, 'after'),
    });
    return {
      filtering: sums('filtering'),
      copying: sums('copying'),
      context: sums('context'),
      compression: sums('compression'),
      guests: sums('guests'),
    };
  }

  /** In which period a time lies. */
  periodAt(timeNs: number): MovePeriod {
    return this.switches.findLast((change) => change.timeNs <= timeNs)?.period ?? 'before';
  }

  private placeOf(host: string): number {
    const known = this.places.get(host);
    if (known !== undefined) return known;
    const place = this.places.size * sumsOfHost;
    this.places.set(host, place);
    if (place === this.sums.length) {
      const wider = new Float64Array(2 * place);
      wider.set(this.sums);
      this.sums = wider;
    }
    return place;
  }
}
