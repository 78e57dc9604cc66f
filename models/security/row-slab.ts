/** Where a copied row lies. */
export interface RowCopy {
  readonly words: Int32Array;
  readonly base: number;
}

const slabRows = 256;

/** Copies rows into common arrays: an array for each of a million entries would cost more than the entries. */
export class RowSlab {
  private readonly rowWords: number;
  private words = new Int32Array(0);
  private used = 0;

  constructor(rowWords: number) {
    this.rowWords = rowWords;
  }

  copy(words: Int32Array, base: number): RowCopy {
    if (this.used + this.rowWords > this.words.length) {
      this.words = new Int32Array(slabRows * this.rowWords);
      this.used = 0;
    }
    const copy = { words: this.words, base: this.used };
    for (let word = 0; word < this.rowWords; word++) copy.words[copy.base + word] = words[base + word]!;
    this.used += this.rowWords;
    return copy;
  }
}
