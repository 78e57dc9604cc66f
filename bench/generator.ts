/**
 * sfc32 of PractRand (Chris Doty-Humphrey), the generator that the C++ peers use too, so that both sides do the
 * same work. Models draw from sim/random.ts instead, where a draw has an index.
 */
export class Generator {
  private readonly state: Int32Array;

  constructor(seed: number) {
    this.state = Int32Array.of(0, seed, 0, 1);
    for (let i = 0; i < 12; i++) this.nextWord();
  }

  /** 32 bits, signed. */
  nextWord(): number {
    const state = this.state;
    const a = state[0]!;
    const b = state[1]!;
    const c = state[2]!;
    const word = (a + b + state[3]!++) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + word) | 0;
    return word;
  }

  /** A whole number from 0 to `count` - 1; the bias for small counts does not matter here. */
  below(count: number): number {
    return (this.nextWord() >>> 0) % count;
  }

  uniform(): number {
    return (this.nextWord() >>> 0) * 2 ** -32;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** An exponential time in whole nanoseconds. */
  exponentialNs(meanNs: number): number {
    return Math.floor(this.exponential(meanNs) + 0.5);
  }
}
