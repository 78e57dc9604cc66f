import { makeRuleset } from '../../models/security/ruleset.ts';
import type {
  ChainBase,
  ChainHook,
  ChainType,
  ConnectionHelper,
  Expression,
  TableFamily,
} from '../../models/security/ruleset.ts';
import { ProblemList } from './imported-ruleset.ts';
import type { ImportedRuleset } from './imported-ruleset.ts';
import { isJsonArray, isJsonObject, parseJson } from './json-text.ts';
import type { JsonArray, JsonObject, JsonValue } from './json-text.ts';
import { readKeys, readMatch, show } from './nft-json-match.ts';
import type { Refuse } from './nft-json-match.ts';
import { readElements, readMap, readSet } from './nft-json-set.ts';
import { readStatement } from './nft-json-statement.ts';
import { readPriority } from './nft-priority.ts';
import { RulesetBuilder } from './ruleset-builder.ts';
import type { TableBuilder } from './ruleset-builder.ts';

/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5), schema version 1), and commands of the same
 * schema: `add`, `create`, `insert`, `flush ruleset`. Whatever is not understood is named with its line.
 */
export function importNftJson(text: string, file: string): ImportedRuleset {
  const problems = new ProblemList(file);
  const document = parseJson(text);
  if (!document.ok) {
    problems.add(document.line, document.message, 'the JSON that `nft -j list ruleset` prints');
    return { ruleset: makeRuleset([]), problems: problems.problems };
  }
  return importNftObjects(document.value, document.lineOf, problems);
}

/** Reads the parsed document; `lineOf` answers for its objects. */
export function importNftObjects(
  document: JsonValue,
  lineOf: (value: JsonValue) => number,
  problems: ProblemList,
): ImportedRuleset {
  const builder = new RulesetBuilder(problems);
  const list = isJsonObject(document) ? document['nftables'] : undefined;
  if (!isJsonArray(list)) problems.add(1, 'has no list "nftables"', '{"nftables": [ … ]}');
  else {
    const reader = new ObjectReader(builder, lineOf, problems);
    for (const entry of list) reader.read(entry, lineOf(entry));
  }
  return { ruleset: builder.build(), problems: problems.problems };
}

class ObjectReader {
  private readonly builder: RulesetBuilder;
  private readonly lineOf: (value: JsonValue) => number;
  private readonly problems: ProblemList;

  constructor(builder: RulesetBuilder, lineOf: (value: JsonValue) => number, problems: ProblemList) {
    this.builder = builder;
    this.lineOf = lineOf;
    this.problems = problems;
  }

  read(entry: JsonValue, line: number, where: 'front' | 'end' = 'end'): void {
    const [kind = '', body] = isJsonObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
    if (body === undefined) {
      this.problems.add(line, 'is not an object with one key', 'table, chain, rule, set …');
    } else if (kind === 'add' || kind === 'create' || kind === 'insert') {
      this.read(body, this.lineOf(body), kind === 'insert' ? 'front' : 'end');
    } else if (kind === 'delete' || kind === 'destroy') {
      this.delete(body, line);
    } else if (kind === 'flush' && isJsonObject(body) && 'ruleset' in body) {
      this.builder.clear();
    } else if (kind !== 'metainfo') {
      if (isJsonObject(body)) this.readObject(kind, body, line, where);
      else this.problems.add(line, `has a ${kind} that is not an object`);
    }
  }

  private delete(body: JsonValue, line: number): void {
    const table = isJsonObject(body) ? body['table'] : undefined;
    const family = isJsonObject(table) ? familyOf(table['family']) : undefined;
    if (!isJsonObject(table) || family === undefined || typeof table['name'] !== 'string')
      this.problems.add(line, `deletes ${show(body)}`, 'a table');
    else this.builder.delete(family, table['name']);
  }

  private readObject(kind: string, body: JsonObject, line: number, where: 'front' | 'end'): void {
    const family = familyOf(body['family']);
    const tableName = kind === 'table' ? body['name'] : body['table'];
    if (family === undefined || typeof tableName !== 'string') {
      this.problems.add(line, `${kind} of family ${show(body['family'])} is not modelled`, 'ip, ip6, inet');
      return;
    }
    const table = this.builder.table(family, tableName);
    const name = body['name'];
    if (kind === 'table') return;
    if (kind === 'rule') {
      this.readRule(table, body, line, where);
      return;
    }
    if (typeof name !== 'string') {
      this.problems.add(line, `${kind} has no name`);
      return;
    }
    const refuse: Refuse = (message, allowed) => this.problems.add(line, message, allowed);
    switch (kind) {
      case 'chain':
        table.addChain(name, readBase(name, body, refuse));
        return;
      case 'set': {
        const set = readSet(name, body, refuse);
        if (set !== null) table.addSet(set);
        return;
      }
      case 'map': {
        const map = readMap(name, body, refuse);
        if (map !== null) table.addMap(map);
        return;
      }
      case 'element':
        readElementsOf(table, name, body, refuse);
        return;
      case 'counter':
        table.addCounter({ name, packets: count(body['packets']), bytes: count(body['bytes']) });
        return;
      case 'ct helper': {
        const helper = readHelper(name, body, table.family, refuse);
        if (helper !== null) table.addHelper(helper);
        return;
      }
      default:
        refuse(`${kind} ${name} is not modelled`, 'table, chain, rule, set, map, counter, ct helper');
    }
  }

  private readRule(table: TableBuilder, body: JsonObject, line: number, where: 'front' | 'end'): void {
    const refuse: Refuse = (message, allowed) => this.problems.add(line, `rule ${named}${message}`, allowed);
    const { chain, expr, comment, handle } = body;
    // All of a listing may stand on one line: the handle says which rule.
    const named = typeof handle === 'number' ? `with handle ${handle} in chain ${show(chain)} ` : '';
    const expressions = isJsonArray(expr) ? readExpressions(expr, table.family, refuse) : null;
    if (typeof chain !== 'string' || !isJsonArray(expr)) refuse('has no chain or no expressions');
    else if (expressions !== null) {
      const rule = {
        expressions,
        comment: typeof comment === 'string' ? comment : '',
        place: this.problems.placeOf(line),
      };
      if (!table.addRule(chain, rule, where))
        refuse(`stands in chain ${chain}, which the table does not have`);
    }
  }
}

/** The expressions of a rule; null, with every reason named, when one of them is not understood. */
function readExpressions(list: JsonArray, family: TableFamily, refuse: Refuse): Expression[] | null {
  const expressions: Expression[] = [];
  let whole = true;
  for (const node of list) {
    const body = isJsonObject(node) ? node['match'] : undefined;
    const expression = isJsonObject(body)
      ? readMatch(body, refuse)
      : isJsonObject(node)
        ? readStatement(node, family, refuse)
        : refuse(`has the expression ${show(node)}`);
    if (expression === null) whole = false;
    else expressions.push(expression);
  }
  return whole ? expressions : null;
}

const hooks: readonly ChainHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];
const chainTypes: readonly ChainType[] = ['filter', 'nat', 'route'];

function readBase(name: string, body: JsonObject, refuse: Refuse): ChainBase | null {
  if (!('hook' in body) && !('type' in body)) return null;
  const hook = hooks.find((known) => known === body['hook']);
  const type = chainTypes.find((known) => known === body['type']);
  const { prio, policy = 'accept' } = body;
  const priority = typeof prio === 'number' ? prio : readPriority(prio, hook);
  if (
    hook === undefined ||
    type === undefined ||
    priority === undefined ||
    (policy !== 'accept' && policy !== 'drop')
  ) {
    const { type: typeText, hook: hookText } = body;
    return refuse(
      `chain ${name} is a ${show(typeText)} chain at hook ${show(hookText)} with priority ${show(prio)} and policy ${show(policy)}`,
      `types ${chainTypes.join(', ')}; hooks ${hooks.join(', ')}`,
    );
  }
  return { type, hook, priority, policy };
}

function readHelper(
  name: string,
  body: JsonObject,
  family: TableFamily,
  refuse: Refuse,
): ConnectionHelper | null {
  const { type, protocol, l3proto = family } = body;
  if (typeof type !== 'string' || (protocol !== 'tcp' && protocol !== 'udp'))
    return refuse(`ct helper ${name} is of type ${show(type)} for ${show(protocol)}`);
  return { name, type, protocol, family: familyOf(l3proto) ?? family };
}

/** `add element`: more elements for a set or map that is there. */
function readElementsOf(table: TableBuilder, name: string, body: JsonObject, refuse: Refuse): void {
  const { elem } = body;
  const nodes = isJsonArray(elem) ? elem : [];
  const set = table.setOf(name);
  const map = table.mapOf(name);
  const keys = set === undefined ? undefined : readKeys(set.key, nodes);
  const elements = map === undefined ? undefined : readElements(map.key, map.value, nodes);
  if (set !== undefined && keys !== undefined) table.addSet({ ...set, elements: keys });
  else if (map !== undefined && elements !== undefined) table.addMap({ ...map, elements });
  else refuse(`elements of ${name} are not understood`);
}

function familyOf(node: JsonValue | undefined): TableFamily | undefined {
  return node === 'ip' || node === 'ip6' || node === 'inet' ? node : undefined;
}

function count(node: JsonValue | undefined): number {
  return typeof node === 'number' ? node : 0;
}
