import type { GoldenSequence } from './golden-sequence.ts';

/**
 * Ports and ids that the kernel drew at random in a recording. The model draws others: a random number of the
 * recording stands for that of the model wherever it comes up again, as in the tuples of entries.
 */
export class RandomValues {
  /** Ranges of the numbers that were drawn. */
  private readonly drawn = new Map<number, readonly [number, number]>();
  /** Two connections may draw the same number towards different peers, so it can stand for several. */
  private readonly standsFor = new Map<number, Set<number>>();

  constructor(sequence: GoldenSequence) {
    for (const { out, out_random: random } of sequence.expect) {
      for (const [path, range] of random ?? []) {
        const value = path.split('.').reduce<unknown>((at, key) => fieldOf(at, key), out);
        if (typeof value === 'number') this.drawn.set(value, range);
      }
    }
  }

  /** This number of the recording is that of the model. */
  bind(recorded: number, simulated: number): void {
    const known = this.standsFor.get(recorded);
    if (known === undefined) this.standsFor.set(recorded, new Set([simulated]));
    else known.add(simulated);
  }

  /** Whether two texts are the same but for random numbers; numbers met for the first time are bound. */
  matches(recorded: string, simulated: string): boolean {
    const left = recorded.split(numbers);
    const right = simulated.split(numbers);
    if (left.length !== right.length) return false;
    const fresh: [number, number][] = [];
    for (let i = 0; i < left.length; i++) {
      const wanted = Number(left[i]);
      const range = i % 2 === 1 ? this.drawn.get(wanted) : undefined;
      const bound = this.standsFor.get(wanted);
      if (range === undefined) {
        if (left[i] !== right[i]) return false;
      } else if (bound === undefined) {
        const got = Number(right[i]);
        if (got !== wanted && (got < range[0] || got > range[1])) return false;
        fresh.push([wanted, got]);
      } else if (!bound.has(Number(right[i]))) {
        return false;
      }
    }
    for (const [wanted, got] of fresh) this.bind(wanted, got);
    return true;
  }
}

const numbers = /(\d+)/;

/** A field of a record of unknown shape, undefined when there is none. */
export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
