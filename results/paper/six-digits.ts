/** Six digits: what a figure can show, and no more than a change of the last bit of a sum leaves as it is. */
export function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}
