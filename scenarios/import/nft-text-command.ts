import type { JsonValue } from './json-text.ts';
import { readChainHead, readSetLine, readTableName, ruleNode } from './nft-text-table.ts';
import type { TableName } from './nft-text-table.ts';
import { readRuleText } from './nft-text-rule.ts';
import { readBraces } from './nft-text-value.ts';
import type { NodeList } from './nft-text.ts';
import type { TokenReader } from './nft-tokens.ts';

/** Reads one command of a script for `nft -f` other than a `table` block; returns what is wrong with it. */
export function readCommand(reader: TokenReader, list: NodeList): string {
  const { line } = reader;
  const command = reader.takeName() ?? '';
  switch (command) {
    case 'define': {
      const name = reader.takeName();
      if (name === undefined || !reader.take('=')) return 'define has no name or no value';
      const value = reader.restOfStatement();
      // Names that are known were put in as it was read. One that is left could only mean itself, or what comes later.
      const unknown = value.find(({ kind, text }) => kind === 'word' && text.startsWith('$'));
      if (unknown !== undefined) return `defines ${name} by ${unknown.text}, which is not defined before it`;
      reader.define(name, value);
      return '';
    }
    case 'flush':
      if (!reader.take('ruleset')) return 'flushes something else than the whole rule set';
      list.add({ flush: { ruleset: null } }, line);
      return '';
    case 'delete':
    case 'destroy': {
      const name = reader.take('table') ? readTableName(reader) : undefined;
      if (name === undefined) return 'deletes something else than a table';
      list.add({ delete: { table: { family: name.family, name: name.table } } }, line);
      return '';
    }
    case 'add':
    case 'create':
    case 'insert':
      return readAddition(reader, command, list);
    default:
      return `has ${JSON.stringify(command === '' ? reader.peek()?.text : command)}, which is not understood`;
  }
}

function readAddition(reader: TokenReader, command: string, list: NodeList): string {
  const { line } = reader;
  const kind = reader.takeName() ?? '';
  const name = readTableName(reader);
  if (name === undefined) return `${command} ${kind} has no table`;
  if (kind === 'table') {
    list.add({ table: { family: name.family, name: name.table } }, line);
    return '';
  }
  const object = reader.takeName();
  if (object === undefined) return `${command} ${kind} has no name`;
  const body: Record<string, JsonValue> = { family: name.family, table: name.table, name: object };
  const [node, fault] = readBody(reader, kind, body, name);
  if (fault === '') list.add({ [command]: node }, line);
  // The node inside is what the reader of objects sees.
  list.lines.set(node, line);
  return fault;
}

function readBody(
  reader: TokenReader,
  kind: string,
  body: Record<string, JsonValue>,
  name: TableName,
): [JsonValue, string] {
  switch (kind) {
    case 'rule': {
      const rule = readRuleText(reader);
      const chain = typeof body['name'] === 'string' ? body['name'] : '';
      const fault = rule.fault === '' ? '' : `rule ${rule.fault}`;
      return [ruleNode(name, chain, rule.expressions, rule.comment), fault];
    }
    case 'chain':
      return [
        { chain: body },
        readLines(reader, () => readChainHead(reader, body) ?? 'has a rule in its braces'),
      ];
    case 'set':
    case 'map':
      return [{ [kind]: body }, readLines(reader, () => readSetLine(reader, body, kind === 'map'))];
    case 'element': {
      const elements = readBraces(reader, reader.peek(2)?.text === ':')?.['set'];
      if (elements === undefined) return [{}, 'adds elements that are not understood'];
      return [{ element: { ...body, elem: elements } }, ''];
    }
    case 'counter':
      return [{ counter: body }, ''];
    default:
      return [{}, `adds ${kind}, which is not modelled`];
  }
}

/** The lines between braces, where there are any. */
function readLines(reader: TokenReader, line: () => string): string {
  if (!reader.take('{')) return '';
  for (;;) {
    reader.skipEnds();
    if (reader.take('}')) return '';
    const fault = reader.atEnd ? 'is not closed' : line();
    if (fault !== '') return fault;
  }
}
