/** So many of a thing, in words: its name takes an s where there are several. */
export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
