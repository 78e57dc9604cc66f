import { unsignedWords } from '../network/address.ts';
import { assert } from '../../sim/assert.ts';
import { BoxTable } from './box-table.ts';
import type { Box, Interval, Test } from './box-table.ts';
import { Slot, fields } from './rule-field.ts';
import type { Row, RowFiller } from './rule-row.ts';
import type { Key, Match, Range, Selector } from './ruleset.ts';

/** Finds the keys of a named set; compiled once per set and selectors. */
export type SetLookup = (name: string, selectors: readonly Selector[]) => BoxTable;

/** The box of rows for which a match holds. */
export function compileMatch(match: Match, filler: RowFiller, sets: SetLookup): Box {
  const dependencies = match.selectors.flatMap(dependenciesOf);
  const { keys } = match;
  if (match.operator === 'any-bit' || match.operator === 'no-bit') {
    assert(keys.kind === 'inline', 'bits are compared with a constant');
    return { intervals: [...dependencies, bitInterval(match, keys.keys, filler)], tests: [] };
  }
  const only = keys.kind === 'inline' && keys.keys.length === 1 ? keys.keys[0]! : null;
  if (match.operator === 'in' && only !== null) {
    const box = keyBox(only, match.selectors, filler);
    return { intervals: [...dependencies, ...box.intervals], tests: box.tests };
  }
  const table =
    keys.kind === 'inline' ? keyTable(keys.keys, match.selectors, filler) : sets(keys.set, match.selectors);
  const wanted = match.operator === 'in';
  const test: Test = (row) => table.first(row, 0) < table.length === wanted;
  return { intervals: wanted ? [...dependencies, ...table.hull()] : dependencies, tests: [test] };
}

/** The keys of a set as a list of boxes over the selectors' slots. */
export function keyTable(keys: readonly Key[], selectors: readonly Selector[], filler: RowFiller): BoxTable {
  return new BoxTable(keys.map((key) => keyBox(key, selectors, filler)));
}

/** What nft asks for by itself before it reads a field: the family and the protocol that have it. */
function dependenciesOf({ field }: Selector): Interval[] {
  const { nfproto, protocol } = fields[field];
  const intervals: Interval[] = [];
  if (nfproto !== null) intervals.push({ slot: Slot.nfproto, low: nfproto, high: nfproto });
  if (protocol !== null) intervals.push({ slot: Slot.protocol, low: protocol, high: protocol });
  return intervals;
}

function bitInterval(match: Match, keys: readonly Key[], filler: RowFiller): Interval {
  const range = keys[0]![0]!;
  assert(range.kind === 'numbers', 'bits are numbers');
  const slot = filler.slotFor(fields[match.selectors[0]!.field].slot, range.low);
  return match.operator === 'any-bit' ? { slot, low: 1, high: 0xffff_ffff } : { slot, low: 0, high: 0 };
}

function keyBox(key: Key, selectors: readonly Selector[], filler: RowFiller): Box {
  const boxes = key.map((range, i) => rangeBox(range, selectors[i]!, filler));
  return {
    // A map is looked up only where its fields exist, as a match is.
    intervals: [...selectors.flatMap(dependenciesOf), ...boxes.flatMap((box) => box.intervals)],
    tests: boxes.flatMap((box) => box.tests),
  };
}

function rangeBox(range: Range, { field, mask }: Selector, filler: RowFiller): Box {
  const { slot } = fields[field];
  switch (range.kind) {
    case 'numbers': {
      const { low, high } = range;
      return { intervals: [{ slot: filler.slotFor(slot, mask), low, high }], tests: [] };
    }
    case 'addresses':
      filler.use(slot);
      if (mask === null) return addressBox(range, slot);
      return {
        intervals: [
          { slot: filler.slotFor(slot + 3, mask), low: range.low.w3 >>> 0, high: range.high.w3 >>> 0 },
        ],
        tests: [],
      };
    case 'name':
      return nameBox(range.pattern, slot, filler);
  }
}

function nameBox(pattern: string, slot: number, filler: RowFiller): Box {
  filler.use(slot);
  if (!pattern.endsWith('*')) {
    const number = filler.numberOf(pattern);
    return { intervals: [{ slot, low: number, high: number }], tests: [] };
  }
  const prefix = pattern.slice(0, -1);
  return { intervals: [], tests: [(row) => filler.nameOf(row[slot]!).startsWith(prefix)] };
}

/**
 * A prefix is a box: leading words are fixed, one is an interval, the rest is free. Other ranges of IPv6
 * addresses are the box around them and a comparison of all four words.
 */
function addressBox({ low, high }: Range & { kind: 'addresses' }, slot: number): Box {
  const lows = unsignedWords(low);
  const highs = unsignedWords(high);
  if (low.family === 4) return { intervals: [{ slot: slot + 3, low: lows[0]!, high: highs[0]! }], tests: [] };
  const split = lows.findIndex((word, i) => word !== highs[i]);
  const fixed = split < 0 ? 4 : split;
  const intervals: Interval[] = lows
    .slice(0, fixed + 1)
    .map((word, i) => ({ slot: slot + i, low: word, high: highs[i]! }));
  const isBox = lows.every((word, i) => i <= fixed || (word === 0 && highs[i] === 0xffff_ffff));
  const test: Test = (row) => compareWords(row, slot, lows) >= 0 && compareWords(row, slot, highs) <= 0;
  return { intervals, tests: isBox ? [] : [test] };
}

function compareWords(row: Row, slot: number, words: readonly number[]): number {
  for (let i = 0; i < 4; i++) {
    const difference = row[slot + i]! - words[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
