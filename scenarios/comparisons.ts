/** Comparisons by the signs that users write; one of the two signs for equality means the other. */
export const comparisons: ReadonlyMap<string, (a: string | number, b: string | number) => boolean> = new Map([
  ['=', (a, b) => a === b],
  ['==', (a, b) => a === b],
  ['!=', (a, b) => a !== b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);
