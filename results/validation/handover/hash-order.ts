import { Chance } from '../../../sim/random.ts';

/**
 * The entries in the order of a hash that nobody knows: that of a kernel's dump. Seeds come in pairs, of which the
 * second has the order of the first reversed (antithetic variates: Hammersley and Morton, Math. Proc. Cambridge
 * Phil. Soc. 52, 1956), so that shares over an even number of seeds vary less. `repetition` is that of the run.
 */
export function inHashOrder<T>(entries: readonly T[], seed: number, repetition: number): T[] {
  const draws = new Chance(Math.ceil(seed / 2), repetition).stream('dump', 'hash order');
  const keyed = entries.map((entry, index) => ({ entry, key: draws.uniform(index) }));
  const ordered = keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry);
  return seed % 2 === 0 ? ordered.reverse() : ordered;
}
