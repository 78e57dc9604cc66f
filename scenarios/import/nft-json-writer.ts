import type {
  Expression,
  Match,
  NamedMap,
  NamedSet,
  Rule,
  Ruleset,
  Table,
} from '../../models/security/ruleset.ts';
import type { JsonObject, JsonValue } from './json-text.ts';
import { bitsNode, elementNode, keyNode, selectorsNode, typesOf } from './nft-json-node.ts';
import { statementNode } from './nft-json-statement-writer.ts';

/** The rule set as JSON that `nft -j -f` loads: commands that add every object (libnftables-json(5)). */
export function exportNftJson(ruleset: Ruleset): string {
  const nodes = ruleset.tables.flatMap(tableNodes).map((node) => ({ add: node }));
  return `${JSON.stringify({ nftables: nodes }, undefined, 1)}\n`;
}

/** Every object of a table in an order in which each refers only to earlier ones. */
export function tableNodes(table: Table): JsonObject[] {
  const inTable = { family: table.family, table: table.name };
  return [
    { table: { family: table.family, name: table.name } },
    ...table.counters.map((counter) => ({ counter: { ...inTable, ...counter } })),
    ...table.helpers.map(({ name, type, protocol, family }) => ({
      'ct helper': { ...inTable, name, type, protocol, l3proto: family },
    })),
    ...table.chains.map(({ name, base }) => ({
      chain:
        base === null
          ? { ...inTable, name }
          : { ...inTable, name, type: base.type, hook: base.hook, prio: base.priority, policy: base.policy },
    })),
    ...table.sets.map((set) => ({ set: { ...inTable, ...setNode(set) } })),
    ...table.maps.map((map) => ({ map: { ...inTable, ...mapNode(map) } })),
    ...table.chains.flatMap(({ name, rules }) =>
      rules.map((rule) => ({ rule: { ...inTable, chain: name, ...ruleNode(rule, table) } })),
    ),
  ];
}

function setNode({ name, key, flags, elements }: NamedSet): JsonObject {
  const elem = elements.map((element) => keyNode(element, key));
  return { name, type: typeNode(key), ...some('flags', flags), ...some('elem', elem) };
}

function mapNode({ name, key, value, flags, elements }: NamedMap): JsonObject {
  const elem = elements.map((element) => elementNode(element, key, value));
  return { name, type: typeNode(key), map: typeNode(value), ...some('flags', flags), ...some('elem', elem) };
}

/** Lists that are empty are not written at all. */
function some(key: string, list: readonly JsonValue[]): JsonObject {
  return list.length === 0 ? {} : { [key]: list };
}

function typeNode(types: readonly string[]): JsonValue {
  return types.length === 1 ? types[0]! : types;
}

function ruleNode(rule: Rule, table: Table): JsonObject {
  const expr = rule.expressions.map((expression) => expressionNode(expression, table));
  return rule.comment === '' ? { expr } : { expr, comment: rule.comment };
}

function expressionNode(expression: Expression, table: Table): JsonObject {
  return expression.kind === 'match' ? matchNode(expression) : statementNode(expression, table);
}

const operatorText = { in: '==', 'not-in': '!=', 'any-bit': 'in', 'no-bit': '!' } as const;

function matchNode({ selectors, operator, keys }: Match): JsonObject {
  const left = selectorsNode(selectors);
  const types = typesOf(selectors);
  let right: JsonValue;
  if (keys.kind === 'named') right = `@${keys.set}`;
  else if (operator === 'any-bit' || operator === 'no-bit') right = bitsNode(keys.keys[0]![0]!, types[0]!);
  else if (keys.keys.length === 1) right = keyNode(keys.keys[0]!, types);
  else right = { set: keys.keys.map((key) => keyNode(key, types)) };
  return { match: { op: operatorText[operator], left, right } };
}
