import { ruleFaults } from '../../models/security/ruleset-check.ts';
import { makeRuleset } from '../../models/security/ruleset.ts';
import type {
  ChainBase,
  ConnectionHelper,
  MapElement,
  NamedCounter,
  NamedMap,
  NamedSet,
  Rule,
  Ruleset,
  Table,
  TableFamily,
} from '../../models/security/ruleset.ts';
import type { ProblemList } from './imported-ruleset.ts';

/** Gathers a rule set table by table; a table that is written twice is one, as for `nft -f`. */
export class RulesetBuilder {
  private readonly problems: ProblemList;
  private readonly tables = new Map<string, TableBuilder>();

  constructor(problems: ProblemList) {
    this.problems = problems;
  }

  /** `flush ruleset`. */
  clear(): void {
    this.tables.clear();
  }

  delete(family: TableFamily, name: string): void {
    this.tables.delete(`${family} ${name}`);
  }

  table(family: TableFamily, name: string): TableBuilder {
    const key = `${family} ${name}`;
    const known = this.tables.get(key);
    if (known !== undefined) return known;
    const table = new TableBuilder(family, name);
    this.tables.set(key, table);
    return table;
  }

  /** The rule set, without the rules that could not be loaded: each of those becomes a problem. */
  build(): Ruleset {
    return makeRuleset([...this.tables.values()].map((builder) => this.withoutFaults(builder.build())));
  }

  private withoutFaults(table: Table): Table {
    const whole = this.withoutStrayElements(table);
    const faults = ruleFaults(whole);
    if (faults.length === 0) return whole;
    for (const { rule, message } of faults)
      this.problems.problems.push({ place: rule.place, message: `rule ${message}`, allowed: '' });
    const faulty = new Set(faults.map(({ rule }) => rule));
    const chains = whole.chains.map((chain) => ({
      ...chain,
      rules: chain.rules.filter((rule) => !faulty.has(rule)),
    }));
    // Leaving rules out may uncover faults of the next kind, and ends since each round leaves fewer.
    return this.withoutFaults({ ...whole, chains });
  }

  private withoutStrayElements(table: Table): Table {
    const chains = new Set(table.chains.map(({ name }) => name));
    const stays = ({ value }: MapElement): boolean =>
      value.kind !== 'verdict' || !('chain' in value.verdict) || chains.has(value.verdict.chain);
    const maps = table.maps.map((map) => {
      const elements = map.elements.filter(stays);
      if (elements.length < map.elements.length) {
        const message = `map ${map.name} leads to a chain that the table does not have`;
        this.problems.problems.push({ place: `table ${table.name}`, message, allowed: '' });
      }
      return { ...map, elements };
    });
    return { ...table, maps };
  }
}

/** One table while it is read. */
export class TableBuilder {
  readonly family: TableFamily;
  private readonly name: string;
  private readonly chains = new Map<string, { base: ChainBase | null; readonly rules: Rule[] }>();
  private readonly sets = new Map<string, NamedSet>();
  private readonly maps = new Map<string, NamedMap>();
  private readonly counters = new Map<string, NamedCounter>();
  private readonly helpers = new Map<string, ConnectionHelper>();

  constructor(family: TableFamily, name: string) {
    this.family = family;
    this.name = name;
  }

  addChain(name: string, base: ChainBase | null): void {
    const known = this.chains.get(name);
    if (known === undefined) this.chains.set(name, { base, rules: [] });
    else if (base !== null) known.base = base;
  }

  hasChain(name: string): boolean {
    return this.chains.has(name);
  }

  /** False when there is no such chain. */
  addRule(chain: string, rule: Rule, where: 'front' | 'end'): boolean {
    const rules = this.chains.get(chain)?.rules;
    if (rules === undefined) return false;
    if (where === 'front') rules.unshift(rule);
    else rules.push(rule);
    return true;
  }

  setOf(name: string): NamedSet | undefined {
    return this.sets.get(name);
  }

  mapOf(name: string): NamedMap | undefined {
    return this.maps.get(name);
  }

  /** A set that is there keeps its type and gets the new elements too. */
  addSet(set: NamedSet): void {
    const known = this.sets.get(set.name);
    this.sets.set(
      set.name,
      known === undefined ? set : { ...known, elements: [...known.elements, ...set.elements] },
    );
  }

  addMap(map: NamedMap): void {
    const known = this.maps.get(map.name);
    this.maps.set(
      map.name,
      known === undefined ? map : { ...known, elements: [...known.elements, ...map.elements] },
    );
  }

  addCounter(counter: NamedCounter): void {
    this.counters.set(counter.name, counter);
  }

  addHelper(helper: ConnectionHelper): void {
    this.helpers.set(helper.name, helper);
  }

  build(): Table {
    return {
      family: this.family,
      name: this.name,
      chains: [...this.chains].map(([name, { base, rules }]) => ({ name, base, rules })),
      sets: [...this.sets.values()],
      maps: [...this.maps.values()],
      counters: [...this.counters.values()],
      helpers: [...this.helpers.values()],
    };
  }
}
