/** Numbers of interfaces by their names, from 1, for as long as one tracker lives: entries have no room for names. */
export class InterfaceNumbers {
  private readonly numbers = new Map<string, number>();

  of(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.numbers.size + 1;
      this.numbers.set(name, number);
    }
    return number;
  }

  /** Becomes a copy of another one. */
  copyFrom(other: InterfaceNumbers): void {
    for (const [name, number] of other.numbers) this.numbers.set(name, number);
  }
}
