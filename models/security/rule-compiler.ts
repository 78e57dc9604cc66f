import { assert } from '../../sim/assert.ts';
import type { Packet } from '../network/packet.ts';
import { BoxTable } from './box-table.ts';
import type { Box, Interval } from './box-table.ts';
import { compileMatch, keyTable } from './rule-match.ts';
import type { SetLookup } from './rule-match.ts';
import type { RowFiller } from './rule-row.ts';
import { compileStep } from './rule-step.ts';
import type { CounterState, Step, TableNames } from './rule-step.ts';
import type { Chain, ChainBase, Rule, Ruleset, Table, TableFamily } from './ruleset.ts';

/** A chain as the walk uses it: where rule i applies, and what it then does. */
export interface CompiledChain {
  readonly base: ChainBase | null;
  readonly rules: readonly Rule[];
  /** Box i holds the rows for which the steps of rule i run. */
  readonly boxes: BoxTable;
  readonly steps: readonly (readonly Step[])[];
  /** Whether packets of this family come here at all. */
  readonly sees: (packet: Packet) => boolean;
}

export interface CompiledRuleset {
  /** Chains of all tables in one list: what `jump` refers to. */
  readonly chains: readonly CompiledChain[];
  /** Named counters by "family table name". */
  readonly counters: ReadonlyMap<string, CounterState>;
}

/** Compiles a rule set whose references all exist (see ruleset-check.ts). */
export function compileRuleset(ruleset: Ruleset, filler: RowFiller): CompiledRuleset {
  const chains: CompiledChain[] = [];
  const counters = new Map<string, CounterState>();
  for (const table of ruleset.tables) {
    for (const { name, packets, bytes } of table.counters)
      counters.set(counterKey(table.family, table.name, name), { packets, bytes });
    chains.push(...compileTable(table, chains.length, counters, filler));
  }
  return { chains, counters };
}

export function counterKey(family: TableFamily, table: string, name: string): string {
  return `${family} ${table} ${name}`;
}

function compileTable(
  table: Table,
  firstChain: number,
  counters: ReadonlyMap<string, CounterState>,
  filler: RowFiller,
): CompiledChain[] {
  const names = tableNames(table, firstChain, counters, filler);
  const sets = setLookup(table, filler);
  return table.chains.map((chain) => compileChain(chain, table.family, { names, sets, filler }));
}

interface Scope {
  readonly names: TableNames;
  readonly sets: SetLookup;
  readonly filler: RowFiller;
}

function compileChain(chain: Chain, family: TableFamily, scope: Scope): CompiledChain {
  const rules = chain.rules.map((rule) => compileRule(rule, scope));
  return {
    base: chain.base,
    rules: chain.rules,
    boxes: new BoxTable(rules.map(({ box }) => box)),
    steps: rules.map(({ steps }) => steps),
    sees: sight[family],
  };
}

const sight: Record<TableFamily, (packet: Packet) => boolean> = {
  ip: (packet) => packet.source.family === 4,
  ip6: (packet) => packet.source.family === 6,
  inet: () => true,
};

/**
 * Matches before the first statement make the rule's box. One after a statement runs as a step, since the
 * statement (a counter, say) has had its effect when that match fails.
 */
function compileRule(rule: Rule, scope: Scope): { box: Box; steps: Step[] } {
  const { names, sets, filler } = scope;
  const boxes: Box[] = [];
  const steps: Step[] = [];
  for (const expression of rule.expressions) {
    if (expression.kind !== 'match') steps.push(compileStep(expression, names));
    else if (steps.length === 0) boxes.push(compileMatch(expression, filler, sets));
    else steps.push(matchStep(new BoxTable([compileMatch(expression, filler, sets)])));
  }
  const box = {
    intervals: intersected(boxes.flatMap(({ intervals }) => intervals)),
    tests: boxes.flatMap(({ tests }) => tests),
  };
  return { box, steps };
}

/** One interval per slot: `tcp dport` and `tcp flags` both ask for the protocol. */
function intersected(intervals: readonly Interval[]): Interval[] {
  const bySlot = new Map<number, Interval>();
  for (const { slot, low, high } of intervals) {
    const known = bySlot.get(slot) ?? { slot, low: 0, high: 0xffff_ffff };
    bySlot.set(slot, { slot, low: Math.max(low, known.low), high: Math.min(high, known.high) });
  }
  return [...bySlot.values()].filter(({ low, high }) => low > 0 || high < 0xffff_ffff);
}

function matchStep(table: BoxTable): Step {
  return ({ filler }) => (table.holds(filler.row, 0) ? 'next' : 'break');
}

/** Finds sets by name; two rules that compare a set with the same fields share one compiled list. */
function setLookup(table: Table, filler: RowFiller): SetLookup {
  const elements = new Map(table.sets.map((set) => [set.name, set.elements]));
  const compiled = new Map<string, BoxTable>();
  return (name, selectors) => {
    const key = `${name} ${selectors.map(({ field, mask }) => `${field}/${mask}`).join('.')}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const boxes = keyTable(found(elements.get(name)), selectors, filler);
    compiled.set(key, boxes);
    return boxes;
  };
}

function tableNames(
  table: Table,
  firstChain: number,
  counters: ReadonlyMap<string, CounterState>,
  filler: RowFiller,
): TableNames {
  const chains = new Map(table.chains.map(({ name }, i) => [name, firstChain + i]));
  const maps = new Map(table.maps.map(({ name, elements }) => [name, elements]));
  const helpers = new Map(table.helpers.map(({ name, type }) => [name, type]));
  return {
    chain: (name) => found(chains.get(name)),
    counter: (name) => found(counters.get(counterKey(table.family, table.name, name))),
    helperType: (name) => found(helpers.get(name)),
    map: (name) => found(maps.get(name)),
    use: (slot) => filler.use(slot),
    lookup: (elements, selectors) =>
      keyTable(
        elements.map(({ key }) => key),
        selectors,
        filler,
      ),
  };
}

function found<T>(thing: T | undefined): T {
  assert(thing !== undefined, 'a rule refers to something that exists in its table');
  return thing;
}
