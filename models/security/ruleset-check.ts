import { jumpFaults } from './jump-check.ts';
import { fields } from './rule-field.ts';
import type { ValueType } from './rule-field.ts';
import type { Expression, MapValue, Rule, Selector, Table, ValueSource, Verdict } from './ruleset.ts';

/** A rule that the kernel would refuse to load, and why. */
export interface RuleFault {
  readonly rule: Rule;
  readonly message: string;
}

/**
 * Rules of a table that refer to what does not exist or is of another type, then those whose jumps make a
 * loop, and those that translate where nothing can be translated. A table without faults can be compiled.
 */
export function ruleFaults(table: Table): RuleFault[] {
  const names = namesOf(table);
  const faults: RuleFault[] = [];
  for (const { rules } of table.chains) {
    for (const rule of rules) {
      for (const expression of rule.expressions) {
        const message = referenceFault(expression, names);
        if (message !== '') faults.push({ rule, message });
      }
    }
  }
  return faults.length > 0 ? faults : jumpFaults(table);
}

interface Names {
  readonly chains: ReadonlySet<string>;
  readonly counters: ReadonlySet<string>;
  readonly helpers: ReadonlySet<string>;
  readonly sets: ReadonlyMap<string, readonly ValueType[]>;
  readonly maps: ReadonlyMap<string, { readonly key: readonly ValueType[]; readonly verdicts: boolean }>;
}

function namesOf(table: Table): Names {
  const set = (list: readonly { readonly name: string }[]): Set<string> =>
    new Set(list.map(({ name }) => name));
  return {
    chains: set(table.chains),
    counters: set(table.counters),
    helpers: set(table.helpers),
    sets: new Map(table.sets.map(({ name, key }) => [name, key])),
    maps: new Map(
      table.maps.map(({ name, key, value }) => [name, { key, verdicts: value[0] === 'verdict' }]),
    ),
  };
}

/** What is wrong with the names that an expression uses; empty when nothing is. */
function referenceFault(expression: Expression, names: Names): string {
  switch (expression.kind) {
    case 'match': {
      const { keys, selectors } = expression;
      if (keys.kind === 'inline') return '';
      return typeFault('set', keys.set, names.sets.get(keys.set), selectors);
    }
    case 'verdict':
      return targetFault(expression.verdict, names);
    case 'verdict-map': {
      const { map, selectors } = expression;
      if (map.kind === 'inline')
        return map.elements.map(({ value }) => valueFault(value, names)).find(Boolean) ?? '';
      return mapFault(map.map, selectors, names, true);
    }
    case 'named-counter':
      return names.counters.has(expression.counter) ? '' : absent('counter', expression.counter);
    case 'helper':
      return names.helpers.has(expression.helper) ? '' : absent('ct helper', expression.helper);
    case 'set':
      return sourceFault(expression.value, names);
    case 'nat':
      return sourceFault(expression.addresses, names) || sourceFault(expression.ports, names);
    case 'counter':
    case 'log':
    case 'notrack':
    case 'reject':
      return '';
  }
}

function sourceFault(source: ValueSource | null, names: Names): string {
  if (source?.kind !== 'map' || source.map.kind === 'inline') return '';
  return mapFault(source.map.map, source.selectors, names, false);
}

function mapFault(name: string, selectors: readonly Selector[], names: Names, verdicts: boolean): string {
  const map = names.maps.get(name);
  if (map !== undefined && map.verdicts !== verdicts)
    return `takes ${verdicts ? 'verdicts' : 'values'} from map ${name}, which holds none`;
  return typeFault('map', name, map?.key, selectors);
}

function typeFault(
  kind: string,
  name: string,
  key: readonly ValueType[] | undefined,
  selectors: readonly Selector[],
): string {
  if (key === undefined) return absent(kind, name);
  const wanted = selectors.map(({ field }) => fields[field].type);
  const same = wanted.length === key.length && wanted.every((type, i) => type === key[i]);
  return same ? '' : `looks up ${wanted.join(' . ')} in ${kind} ${name} of ${key.join(' . ')}`;
}

function valueFault(value: MapValue, names: Names): string {
  return value.kind === 'verdict' ? targetFault(value.verdict, names) : '';
}

function targetFault(verdict: Verdict, names: Names): string {
  if (verdict.kind !== 'jump' && verdict.kind !== 'goto') return '';
  return names.chains.has(verdict.chain) ? '' : absent('chain', verdict.chain);
}

function absent(kind: string, name: string): string {
  return `refers to ${kind} ${name}, which the table does not have`;
}
