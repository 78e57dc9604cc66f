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

  /** Starts over with so many numbers; returns where they are to be written, before {@link begin}. */
  open(count: number): Float64Array {
    while (this.values.length < count) this.grow();
    this.count = count;
    this.played = false;
    if (count === 0) this.values[0] = Infinity;
    return this.values;
  }

  begin(): void {
    const { values, count } = this;
    let first = 0;
    let least = values[0]!;
    for (let index = 1; index < count; index++) {
      if (values[index]! >= least) continue;
      first = index;
      least = values[index]!;
    }
    this.winners[1] = first;
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
    this.values = new Float64Array(room);
    this.winners = new Int32Array(2 * room);
  }
}
