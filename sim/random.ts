import alea from 'seedrandom/lib/alea.js';
import { assert } from './assert.ts';
import { threefry } from './threefry.ts';

/** All chance of one run. */
export class Chance {
  private readonly prefix: readonly [number, number];

  constructor(seed: number, repetition: number) {
    this.prefix = [seed, repetition];
  }

  /**
   * The draws that `entity` makes for `purpose`. Streams of the same names are the same stream; all others are
   * independent of it. The name of a scheme must not be part of the names, so that schemes see the same world.
   */
  stream(entity: string, purpose: string): Stream {
    // As JSON, since names that are merely joined could be the same for different entities and purposes.
    const key = alea(JSON.stringify([...this.prefix, entity, purpose]));
    return new Stream(key.int32(), key.int32());
  }
}

/**
 * Numbers uniform in [0, 1) with 53 bits. Each is a function of the stream and its index alone, so that the
 * order and the number of draws change nothing: common random numbers stay common.
 */
export class Stream {
  private readonly keyLow: number;
  private readonly keyHigh: number;

  constructor(keyLow: number, keyHigh: number) {
    this.keyLow = keyLow;
    this.keyHigh = keyHigh;
  }

  /** The draw at `index`, a whole number from 0 to 2^53 - 1. */
  uniform(index: number): number {
    assert(index >= 0 && index < 2 ** 53, 'a draw has a whole index');
    threefry(words, this.keyLow, this.keyHigh, index | 0, (index / 2 ** 32) | 0);
    return fraction();
  }

  /** The draw at a two-part index such as (page, window); independent of those at one-part indices. */
  uniform2(first: number, second: number): number {
    assert(first >= 0 && first < 2 ** 53, 'a draw has a whole first index');
    assert(second >= 0 && second < 2 ** 53, 'a draw has a whole second index');
    // The first part selects a key, the second the number under that key. The inverted key keeps these keys
    // from being what `uniform` returns.
    threefry(words, ~this.keyLow, this.keyHigh, first | 0, (first / 2 ** 32) | 0);
    threefry(words, words[0]!, words[1]!, second | 0, (second / 2 ** 32) | 0);
    return fraction();
  }
}

const words = new Int32Array(2);

/** 27 and 26 bits of the two words, as in genrand_res53 of Matsumoto and Nishimura, mt19937ar.c, 2002. */
function fraction(): number {
  return ((words[0]! >>> 5) * 2 ** 26 + (words[1]! >>> 6)) / 2 ** 53;
}
