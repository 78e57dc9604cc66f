/** Numbers words in the order in which they come, so that a column of words is a column of small numbers. */
export class WordList {
  private readonly numbers = new Map<string, number>();
  private readonly words: string[] = [];

  number(word: string): number {
    const known = this.numbers.get(word);
    if (known !== undefined) return known;
    const number = this.words.length;
    this.numbers.set(word, number);
    this.words.push(word);
    return number;
  }

  word(number: number): string {
    return this.words[number] ?? '';
  }

  list(): readonly string[] {
    return this.words;
  }
}
