import { assert } from '../sim/assert.ts';
import type { CpuTask, CpuUsed, PhaseReached } from '../models/observations.ts';

/** Before the first migration is requested, while any is under way (until it runs at the destination or has failed), and while none is. */
export const movePeriods = ['before', 'during', 'after'] as const;
export type MovePeriod = (typeof movePeriods)[number];

interface Switch {
  readonly timeNs: number;
  readonly period: MovePeriod;
}

/** CPU time of hosts by task, summed before, during and after the moves: as many numbers as hosts have tasks. */
export class CpuRows {
  readonly #switches: Switch[] = [{ timeNs: 0, period: 'before' }];
  readonly #underWay = new Set<string>();
  /** By host and task: CPU time in each of {@link movePeriods}. */
  readonly #used = new Map<string, Map<CpuTask, Float64Array>>();

  phase({ phase, migration, timeNs }: PhaseReached): void {
    if (phase === 'request') this.#underWay.add(migration);
    else if (phase === 'activate' || phase === 'failed') this.#underWay.delete(migration);
    else return;
    const period = this.#underWay.size > 0 ? 'during' : 'after';
    if (this.#switches.at(-1)!.period !== period) this.#switches.push({ timeNs, period });
  }

  /** Times of use come in order; what lies on both sides of a switch is split by time. */
  push({ host, task, fromNs, toNs, cpuNs }: CpuUsed): void {
    assert(toNs > fromNs, 'CPU time is used in some time');
    const sums = this.#sumsOf(host, task);
    let endNs = toNs;
    for (let i = this.#switches.length - 1; endNs > fromNs; i--) {
      const { timeNs, period } = this.#switches[i]!;
      const startNs = Math.max(fromNs, timeNs);
      if (startNs >= endNs) continue;
      sums[movePeriods.indexOf(period)]! += (cpuNs * (endNs - startNs)) / (toNs - fromNs);
      endNs = startNs;
    }
  }

  /** How long each period was, in a run that ended at `endNs`. */
  periodsNs(endNs: number): Readonly<Record<MovePeriod, number>> {
    const lengths = { before: 0, during: 0, after: 0 };
    this.#switches.forEach(({ timeNs, period }, index) => {
      lengths[period] += (this.#switches[index + 1]?.timeNs ?? endNs) - timeNs;
    });
    return lengths;
  }

  /** Hosts that used any CPU time. */
  hosts(): string[] {
    return [...this.#used.keys()];
  }

  /** CPU time in ns by task and period, of a host that used any. */
  ofHost(host: string): ReadonlyMap<CpuTask, Readonly<Record<MovePeriod, number>>> {
    const sums = [...(this.#used.get(host) ?? [])];
    return new Map(
      sums.map(([task, [before, during, after]]) => [
        task,
        { before: before!, during: during!, after: after! },
      ]),
    );
  }

  /** In which period a time lies. */
  periodAt(timeNs: number): MovePeriod {
    return this.#switches.findLast((change) => change.timeNs <= timeNs)?.period ?? 'before';
  }

  #sumsOf(host: string, task: CpuTask): Float64Array {
    const known = this.#used.get(host)?.get(task);
    if (known !== undefined) return known;
    const tasks = this.#used.get(host) ?? new Map<CpuTask, Float64Array>();
    this.#used.set(host, tasks);
    const sums = new Float64Array(movePeriods.length);
    tasks.set(task, sums);
    return sums;
  }
}
