import type { ProblemList } from './imported-ruleset.ts';
import type { JsonObject, JsonValue } from './json-text.ts';
import { readFieldNode } from './nft-text-field.ts';
import { readRuleText } from './nft-text-rule.ts';
import { readBraces } from './nft-text-value.ts';
import type { NodeList } from './nft-text.ts';
import type { TokenReader } from './nft-tokens.ts';

/** Names that objects inside a table carry along. */
export interface TableName {
  readonly family: string;
  readonly table: string;
}

const families: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev']);

/** `[family] name`; the family is ip when it is not written. */
export function readTableName(reader: TokenReader): TableName | undefined {
  const first = reader.takeName();
  if (first === undefined) return undefined;
  if (!families.has(first)) return { family: 'ip', table: first };
  const table = reader.takeName();
  return table === undefined ? undefined : { family: first, table };
}

/** Reads `table family name { … }`. Returns what is wrong with its frame; faults inside become problems. */
export function readTable(reader: TokenReader, list: NodeList, problems: ProblemList): string {
  const { line } = reader;
  reader.take('table');
  const name = readTableName(reader);
  if (name === undefined) return 'table has no name';
  list.add({ table: { family: name.family, name: name.table } }, line);
  if (!reader.take('{')) return '';
  return readBlock(reader, problems, () => readTableItem(reader, name, list, problems));
}

/** Reads statements up to the closing brace; `item` returns what it could not read. */
function readBlock(reader: TokenReader, problems: ProblemList, item: () => string): string {
  for (;;) {
    reader.skipEnds();
    if (reader.take('}')) return '';
    if (reader.atEnd) return 'a block is not closed';
    const { line, position } = reader;
    const fault = item();
    if (fault === '') continue;
    problems.add(line, fault);
    // From its beginning, so that its braces are counted.
    reader.rewind(position);
    reader.restOfStatement();
  }
}

function readTableItem(reader: TokenReader, name: TableName, list: NodeList, problems: ProblemList): string {
  const { line } = reader;
  const kind = reader.takeName();
  if (kind === 'comment') {
    reader.takeName();
    return '';
  }
  if (kind === 'chain') return readChain(reader, name, list, problems);
  const isHelper = kind === 'ct' && reader.take('helper');
  if (kind !== 'set' && kind !== 'map' && kind !== 'counter' && !isHelper)
    return `table has ${JSON.stringify(kind ?? reader.peek()?.text ?? '')}, which is not modelled`;
  const object = reader.takeName();
  if (object === undefined || !reader.take('{')) return `${kind} has no name or no block`;
  const body: Record<string, JsonValue> = { family: name.family, table: name.table, name: object };
  const read = isHelper ? readHelperLine : kind === 'counter' ? readCounterLine : readSetLine;
  const before = problems.problems.length;
  const fault = readBlock(reader, problems, () => {
    const message = read(reader, body, kind === 'map');
    return message === '' ? '' : `${kind} ${object} ${message}`;
  });
  // A set without one of its lines would be another set: what refers to it is named as well.
  if (problems.problems.length === before) list.add({ [isHelper ? 'ct helper' : kind]: body }, line);
  return fault;
}

function readChain(reader: TokenReader, name: TableName, list: NodeList, problems: ProblemList): string {
  const { line } = reader;
  const chain = reader.takeName();
  if (chain === undefined || !reader.take('{')) return 'chain has no name or no block';
  const body: Record<string, JsonValue> = { family: name.family, table: name.table, name: chain };
  list.add({ chain: body }, line);
  return readBlock(reader, problems, () => {
    const fault = readChainHead(reader, body);
    if (fault !== undefined) return fault === '' ? '' : `chain ${chain} ${fault}`;
    const ruleLine = reader.line;
    const rule = readRuleText(reader);
    if (rule.fault !== '') return `rule ${rule.fault}`;
    list.add(ruleNode(name, chain, rule.expressions, rule.comment), ruleLine);
    return '';
  });
}

export function ruleNode(
  name: TableName,
  chain: string,
  expressions: readonly JsonValue[],
  comment: string,
): JsonObject {
  return { rule: { family: name.family, table: name.table, chain, expr: expressions, comment } };
}

/** `type … hook … priority …`, `policy …`, `comment …`; undefined when the statement is none of these. */
export function readChainHead(reader: TokenReader, body: Record<string, JsonValue>): string | undefined {
  if (reader.take('policy')) {
    body['policy'] = reader.takeName() ?? '';
    return '';
  }
  if (reader.peek()?.text === 'comment' && reader.take('comment')) {
    reader.takeName();
    return '';
  }
  if (reader.peek()?.text === 'flags') return 'has flags, which are not modelled';
  if (!reader.take('type')) return undefined;
  body['type'] = reader.takeName() ?? '';
  if (!reader.take('hook')) return 'has a type without a hook';
  body['hook'] = reader.takeName() ?? '';
  if (reader.peek()?.text.startsWith('device') === true) return 'is bound to a device, which is not modelled';
  if (!reader.take('priority')) return 'has a hook without a priority';
  const words = reader.restOfStatement().map(({ text }) => text);
  body['prio'] = /^-?\d+$/.test(words.join('')) ? Number(words.join('')) : words.join(' ');
  return '';
}

function readCounterLine(reader: TokenReader, body: Record<string, JsonValue>): string {
  if (reader.take('comment')) {
    reader.takeName();
    return '';
  }
  for (const key of ['packets', 'bytes']) {
    if (!reader.take(key)) return `has ${JSON.stringify(reader.peek()?.text)}`;
    body[key] = Number(reader.takeName());
  }
  return '';
}

function readHelperLine(reader: TokenReader, body: Record<string, JsonValue>): string {
  for (;;) {
    const key = ['type', 'protocol', 'l3proto'].find((word) => reader.take(word));
    if (key === undefined) break;
    body[key] = reader.takeName() ?? '';
  }
  const rest = reader.restOfStatement();
  return rest.length === 0 ? '' : `has ${JSON.stringify(rest[0]!.text)}`;
}

/** One line of a set's or a map's block. */
export function readSetLine(reader: TokenReader, body: Record<string, JsonValue>, isMap: boolean): string {
  const word = reader.takeName() ?? '';
  switch (word) {
    case 'type':
    case 'typeof': {
      const key = readTypes(reader, word);
      const value = isMap && reader.take(':') ? readTypes(reader, word) : undefined;
      if (key === undefined || (isMap && value === undefined)) return 'has a type that is not understood';
      body['type'] = key;
      if (value !== undefined) body['map'] = value;
      return '';
    }
    case 'flags':
      body['flags'] = reader
        .restOfStatement()
        .filter(({ kind }) => kind === 'word')
        .map(({ text }) => text);
      return '';
    case 'elements': {
      reader.take('=');
      const elements = readBraces(reader, isMap)?.['set'];
      if (elements === undefined) return 'has elements that are not understood';
      body['elem'] = elements;
      return '';
    }
    case 'comment':
    case 'size':
    case 'policy':
    case 'auto-merge':
      // None of these changes which packets match.
      reader.restOfStatement();
      return '';
    default:
      return `has ${JSON.stringify(word)}, which is not modelled`;
  }
}

function readTypes(reader: TokenReader, word: 'type' | 'typeof'): JsonValue | undefined {
  if (reader.peek()?.text === 'verdict') return reader.takeName();
  const parts: JsonValue[] = [];
  do {
    const part = word === 'type' ? reader.takeName() : readFieldNode(reader);
    if (part === undefined) return undefined;
    parts.push(part);
  } while (reader.take('.'));
  return word === 'type' ? parts : { typeof: { concat: parts } };
}
