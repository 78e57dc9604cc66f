import type { Stream as Draws } from '../sim/random.ts';

/** Draws one after the other from a stream of indexed chance. */
export class Dice {
  private readonly draws: Draws;
  private index = 0;

  constructor(draws: Draws) {
    this.draws = draws;
  }

  between(low: number, high: number): number {
    return low + Math.floor(this.draws.uniform(this.index++) * (high - low + 1));
  }

  coin(): boolean {
    return this.between(0, 1) === 1;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)]!;
  }
}
