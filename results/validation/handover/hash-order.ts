import type { Chance } from '../../../sim/random.ts';

/** The entries in the order of a hash that nobody knows: that of a kernel's dump. */
export function inHashOrder<T>(entries: readonly T[], chance: Chance): T[] {
  const draws = chance.stream('dump', 'hash order');
  const keyed = entries.map((entry, index) => ({ entry, key: draws.uniform(index) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry);
}
