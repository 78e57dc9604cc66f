/**
 * The least of numbers that change one at a time, of equal ones the first: each change plays the matches of one number
 * anew, as in a tournament tree (Knuth, The Art of Computer Programming 3, 5.4.1). The others are played when the
 * first number changes: often none does.
 */
export class Tournament {
  private count = 0;
  private played = false;
  /** A power of two: there are so many leaves. */
  private size = 1;
  private values = new Float64Array([Infinity]);
  /** By node, the root being 1 and the children of n 2n and 2n + 1: the index of the number that won there. */
  private winners = new Int32Array(2);

  clear(): void {
    this.count = 0;
    this.played = false;
    this.values[0] = Infinity;
    this.winners[1] = 0;
  }

  /** Adds a number, with the next index from 0 on, before any has changed. */
  add(value: number): void {
    const index = this.count++;
    if (index === this.values.length) this.grow();
    this.values[index] = value;
    if (value < this.values[this.winners[1]!]!) this.winners[1] = index;
  }

  set(index: number, value: number): void {
    if (!this.played) this.play();
    this.values[index] = value;
    for (let node = (this.size + index) >> 1; node > 0; node >>= 1) this.winners[node] = this.winnerAt(node);
  }

  /** Where the least number is. */
  get first(): number {
    return this.winners[1]!;
  }

  /** Infinity where there is none. */
  get least(): number {
    return this.values[this.winners[1]!]!;
  }

  private play(): void {
    this.played = true;
    this.size = 1;
    while (this.size < this.count) this.size *= 2;
    const { size, values, winners } = this;
    values.fill(Infinity, this.count, size);
    for (let index = 0; index < size; index++) winners[size + index] = index;
    for (let node = size - 1; node > 0; node--) winners[node] = this.winnerAt(node);
  }

  private winnerAt(node: number): number {
    const left = this.winners[2 * node]!;
    const right = this.winners[2 * node + 1]!;
    return this.values[right]! < this.values[left]! ? right : left;
  }

  private grow(): void {
    const room = 2 * this.values.length;
    const values = new Float64Array(room);
    values.set(this.values);
    const winners = new Int32Array(2 * room);
    winners.set(this.winners);
    this.values = values;
    this.winners = winners;
  }
}
