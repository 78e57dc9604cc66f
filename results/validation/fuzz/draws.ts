import type { Stream } from '../../../sim/random.ts';

/** Draws one after another from a stream. */
export class Draws {
  private readonly stream: Stream;
  private index = 0;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.stream.uniform(this.index++) * (high - low + 1));
  }

  happens(probability: number): boolean {
    return this.stream.uniform(this.index++) < probability;
  }

  one<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!;
  }

  /** One of the names, each as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const names = Object.keys(weights) as T[];
    const total = names.reduce((sum, name) => sum + weights[name], 0);
    let left = this.stream.uniform(this.index++) * total;
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return names[names.length - 1]!;
  }
}
