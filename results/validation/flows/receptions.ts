import { bisectLeft } from 'd3-array';
import { assert } from '../../../sim/assert.ts';

/** When payload reached an application, in simulated time. */
export class Receptions {
  /** Ascending, one for each packet. */
  readonly timesNs: number[] = [];
  bytes = 0;

  add(timeNs: number, bytes: number): void {
    assert(timeNs >= (this.timesNs.at(-1) ?? 0), 'payload arrives in the order of time');
    this.timesNs.push(timeNs);
    this.bytes += bytes;
  }

  /** The first reception from a time on, null without one. */
  firstFrom(fromNs: number): number | null {
    return this.timesNs[bisectLeft(this.timesNs, fromNs)] ?? null;
  }

  /** Whether anything arrived in [fromNs, toNs]. */
  anyWithin(fromNs: number, toNs: number): boolean {
    const first = this.firstFrom(fromNs);
    return first !== null && first <= toNs;
  }

  /** The longest time between two receptions that follow each other, both from a time on; null without two. */
  longestGapNs(fromNs: number): number | null {
    let longest: number | null = null;
    for (let i = bisectLeft(this.timesNs, fromNs) + 1; i < this.timesNs.length; i++) {
      const gapNs = this.timesNs[i]! - this.timesNs[i - 1]!;
      if (longest === null || gapNs > longest) longest = gapNs;
    }
    return longest;
  }
}
