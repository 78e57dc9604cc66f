import type {
  ChainHook,
  Expression,
  MapElement,
  MapSource,
  Rule,
  Selector,
  Statement,
  Table,
  ValueSource,
} from '../../models/security/ruleset.ts';
import { bothConditions, keyConditions, matchConditions, optionText } from './iptables-condition.ts';
import type { Condition } from './iptables-condition.ts';
import { constantTarget, quoted, verdictTarget } from './iptables-target-writer.ts';
import type { IptablesTable } from './iptables.ts';

/** What a rule is written within. */
export interface RuleScope {
  readonly table: Table;
  readonly family: 'ip' | 'ip6';
  readonly iptablesTable: IptablesTable;
  /** Of the built-in chain that the rule stands in; null in another. */
  readonly hook: ChainHook | null;
  readonly chainName: (chain: string) => string;
}

export interface RuleLines {
  readonly lines: readonly { readonly counters: string; readonly text: string }[];
  /** Why the rule could not be written, or what it was written without. */
  readonly faults: readonly string[];
}

/** More rules than this from one are not written. */
const linesMax = 4096;

/** One rule as the rules of iptables that do the same; `faults` says what none of them can. */
export function ruleLines(rule: Rule, scope: RuleScope): RuleLines {
  const faults: string[] = [];
  const notes: string[] = [];
  let conditions: readonly Condition[] = [unconditional];
  let counters = '';
  const lines: { counters: string; text: string }[] = [];
  const comment = rule.comment === '' ? '' : ` -m comment --comment ${quoted(rule.comment)}`;
  const write = (narrowed: readonly Condition[], target: string): void => {
    if (narrowed.some(({ icmp }) => icmp?.type === null))
      faults.push('asks for an ICMP code without its type');
    for (const condition of narrowed)
      lines.push({ counters, text: `${optionText(condition)}${comment}${target}` });
  };
  let targets = 0;
  for (const expression of rule.expressions) {
    if (expression.kind === 'counter') {
      counters = `[${expression.packets}:${expression.bytes}] `;
    } else if (expression.kind === 'named-counter') {
      notes.push(`is written without counter ${expression.counter}: iptables has no named counters`);
    } else if (expression.kind === 'match') {
      const found = matchConditions(expression, scope);
      if (typeof found === 'string') return { lines: [], faults: [found] };
      conditions = product(conditions, found);
    } else {
      for (const { condition, target } of branches(expression, scope)) {
        if (typeof condition === 'string') faults.push(condition);
        else write(product(conditions, condition), target);
      }
      targets++;
    }
  }
  if (targets === 0) write(conditions, '');
  if (lines.length > linesMax) return { lines: [], faults: [`becomes ${lines.length} rules`] };
  // A rule of which one part cannot be said would mean something else without it.
  return faults.length > 0 ? { lines: [], faults } : { lines, faults: notes };
}

const unconditional: Condition = { protocol: null, notProtocol: null, icmp: null, options: [] };

function product(a: readonly Condition[], b: readonly Condition[]): Condition[] {
  return a.flatMap((first) => b.flatMap((second) => bothConditions(first, second)));
}

/** What a statement does, and under which further conditions; a text says why it cannot be written. */
interface Branch {
  readonly condition: readonly Condition[] | string;
  readonly target: string;
}

function branches(statement: Exclude<Expression, { kind: 'match' }>, scope: RuleScope): Branch[] {
  if (statement.kind === 'verdict-map') {
    return elementsOf(statement.map, scope.table).map(({ key, value }) => ({
      condition: keyConditions(statement.selectors, [key], false, scope),
      target: value.kind === 'verdict' ? verdictTarget(value.verdict, scope) : '',
    }));
  }
  return spreadMaps(statement, scope).map(({ lookups, constant }) => {
    const target = constantTarget(constant, scope);
    if ('fault' in target) return { condition: target.fault, target: '' };
    // A translation to an address of the other family does nothing (nft_nat_inet_eval in nft_nat.c).
    let condition: Condition[] = target.isForeign ? [] : [{ ...unconditional, protocol: target.protocol }];
    for (const { selectors, element } of lookups) {
      const keyed = keyConditions(selectors, [element.key], false, scope);
      if (typeof keyed === 'string') return { condition: keyed, target: '' };
      condition = product(condition, keyed);
    }
    return { condition, target: target.text };
  });
}

interface Spread {
  readonly constant: Statement;
  /** The elements of maps that led to the constant. */
  readonly lookups: readonly { readonly selectors: readonly Selector[]; readonly element: MapElement }[];
}

/** One statement per element of the maps that it takes its values from. */
function spreadMaps(statement: Statement, scope: RuleScope): Spread[] {
  const spread = (source: ValueSource & { kind: 'map' }, put: (value: ValueSource) => Statement): Spread[] =>
    elementsOf(source.map, scope.table).flatMap((element) =>
      spreadMaps(put({ kind: 'constant', value: element.value }), scope).map(({ constant, lookups }) => ({
        constant,
        lookups: [{ selectors: source.selectors, element }, ...lookups],
      })),
    );
  if (statement.kind === 'set' && statement.value.kind === 'map')
    return spread(statement.value, (value) => ({ ...statement, value }));
  if (statement.kind === 'nat' && statement.addresses?.kind === 'map')
    return spread(statement.addresses, (addresses) => ({ ...statement, addresses }));
  if (statement.kind === 'nat' && statement.ports?.kind === 'map')
    return spread(statement.ports, (ports) => ({ ...statement, ports }));
  return [{ constant: statement, lookups: [] }];
}

function elementsOf(map: MapSource, table: Table): readonly MapElement[] {
  if (map.kind === 'inline') return map.elements;
  return table.maps.find(({ name }) => name === map.map)?.elements ?? [];
}
