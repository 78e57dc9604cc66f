import { fields } from '../../models/security/rule-field.ts';
import { isJsonObject } from './json-text.ts';
import type { JsonObject, JsonValue } from './json-text.ts';
import { bitTypes, readField } from './nft-json-match.ts';
import { readFieldNode, readMapData, readValueNode } from './nft-text-field.ts';
import { readNatNode } from './nft-text-nat.ts';
import { readBitList, readBraces, readConcatenation, readVerdictNode } from './nft-text-value.ts';
import type { TokenReader } from './nft-tokens.ts';

export interface RuleText {
  readonly expressions: readonly JsonValue[];
  readonly comment: string;
  /** What could not be read; empty when all was. */
  readonly fault: string;
}

/** Reads one rule up to the end of its statement into the expressions that libnftables JSON has for it. */
export function readRuleText(reader: TokenReader): RuleText {
  const expressions: JsonValue[] = [];
  let comment = '';
  for (;;) {
    const token = reader.peek();
    if (token === undefined || token.kind === 'end' || (token.kind === 'symbol' && token.text === '}'))
      return { expressions, comment, fault: '' };
    if (reader.take('comment')) {
      comment = reader.takeName() ?? '';
      continue;
    }
    const expression = readExpression(reader);
    if (expression === undefined) return { expressions, comment, fault: faultAt(token.text, reader) };
    expressions.push(expression);
  }
}

function faultAt(text: string, reader: TokenReader): string {
  const stopped = reader.peek()?.text.trim() ?? '';
  const where = stopped === '' || stopped === text ? '' : `, at ${JSON.stringify(stopped)}`;
  return `has ${JSON.stringify(text)}, which is not understood${where}`;
}

function readExpression(reader: TokenReader): JsonValue | undefined {
  const verdict = readVerdictNode(reader);
  if (verdict !== undefined) return verdict;
  const word = reader.peek()?.text;
  switch (word) {
    case 'counter':
      return readCounter(reader);
    case 'log':
      return readLog(reader);
    case 'notrack':
      reader.next();
      return { notrack: null };
    case 'reject':
      return readReject(reader);
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return readNatNode(reader);
    default:
      return readMatchOrSet(reader);
  }
}

function readCounter(reader: TokenReader): JsonValue | undefined {
  reader.next();
  if (reader.take('name')) {
    const name = reader.takeName();
    return name === undefined ? undefined : { counter: name };
  }
  if (!reader.take('packets')) return { counter: null };
  const packets = Number(reader.takeName());
  if (!reader.take('bytes')) return undefined;
  return { counter: { packets, bytes: Number(reader.takeName()) } };
}

const numberOptions: ReadonlySet<string> = new Set(['group', 'snaplen', 'queue-threshold']);

function readLog(reader: TokenReader): JsonValue | undefined {
  reader.next();
  const options: Record<string, JsonValue> = {};
  for (;;) {
    const option = reader.peek()?.text ?? '';
    if (option === 'prefix' || option === 'level') {
      reader.next();
      options[option] = reader.takeName() ?? '';
    } else if (numberOptions.has(option)) {
      reader.next();
      options[option] = Number(reader.takeName());
    } else if (option === 'flags') {
      reader.next();
      const flags = readLogFlags(reader);
      if (flags === undefined) return undefined;
      options['flags'] = [
        ...(Array.isArray(options['flags']) ? (options['flags'] as JsonValue[]) : []),
        ...flags,
      ];
    } else return { log: Object.keys(options).length === 0 ? null : options };
  }
}

/** `flags all`, `flags tcp sequence,options`, `flags ip options`, `flags skuid`, `flags ether`. */
function readLogFlags(reader: TokenReader): JsonValue[] | undefined {
  const first = reader.takeName();
  if (first !== 'tcp' && first !== 'ip') return first === undefined ? undefined : [first];
  const flags: JsonValue[] = [];
  do {
    const name = reader.takeName();
    if (name === undefined) return undefined;
    flags.push(first === 'ip' ? `ip ${name}` : `tcp ${name}`);
  } while (reader.take(','));
  return flags;
}

function readReject(reader: TokenReader): JsonValue | undefined {
  reader.next();
  if (!reader.take('with')) return { reject: null };
  if (reader.take('tcp')) return reader.take('reset') ? { reject: { type: 'tcp reset' } } : undefined;
  const type = reader.takeName();
  reader.take('type');
  const code = reader.takeName();
  return type === undefined || code === undefined ? undefined : { reject: { type, expr: code } };
}

function readMatchOrSet(reader: TokenReader): JsonValue | undefined {
  const first = readFieldNode(reader);
  if (first === undefined) return undefined;
  if (reader.take('set')) return readAssignment(first, reader);
  const parts: JsonObject[] = [first];
  while (reader.take('.')) {
    const part = readFieldNode(reader);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const left: JsonObject = parts.length === 1 ? first : { concat: parts };
  if (reader.take('vmap')) {
    const data = readMapData(reader);
    return data === undefined ? undefined : { vmap: { key: left, data } };
  }
  if (reader.take('&') || reader.take('and')) {
    // `&` binds closer than `|`: without parentheses the mask ends there.
    const mask = readBitList(reader, ',');
    return mask === undefined ? undefined : readComparison({ '&': [left, mask] }, '', reader);
  }
  const field = readField(left);
  const bits = field !== undefined && bitTypes.has(fields[field].type);
  return readComparison(left, bits ? 'in' : '==', reader);
}

const operators: Readonly<Record<string, string>> = {
  '==': '==',
  eq: '==',
  '!=': '!=',
  ne: '!=',
  '<': '<',
  lt: '<',
  '<=': '<=',
  le: '<=',
  '>': '>',
  gt: '>',
  '>=': '>=',
  ge: '>=',
  '!': '!',
};

/** `implicit` is the operator when none is written; empty when one must be. */
function readComparison(left: JsonObject, implicit: string, reader: TokenReader): JsonValue | undefined {
  const written = operators[reader.peek()?.text ?? ''];
  if (written !== undefined) reader.next();
  const op = written ?? implicit;
  if (op === '') return undefined;
  const node = (right: JsonValue | undefined, operator = op): JsonValue | undefined =>
    right === undefined ? undefined : { match: { op: operator, left, right } };
  // A set is looked up: `ct state { new }` compares the whole value, unlike `ct state new`.
  if (reader.peek()?.text === '{') return node(readBraces(reader, false), op === 'in' ? '==' : op);
  if (reader.peek()?.text.startsWith('@') === true) return node(reader.takeName(), op === 'in' ? '==' : op);
  const field = readField(
    isJsonObject(left) && Array.isArray(left['&']) ? (left['&'] as JsonValue[])[0] : left,
  );
  if (field === undefined || !bitTypes.has(fields[field].type)) return node(readConcatenation(reader));
  const right = readBitList(reader);
  // `tcp flags syn / syn,ack`: the value under a mask.
  if (right === undefined || !reader.take('/')) return node(right);
  const mask = readBitList(reader);
  const operator = op === 'in' ? '==' : op;
  return mask === undefined ? undefined : { match: { op: operator, left: { '&': [left, mask] }, right } };
}

/** What follows `set`: a helper's name, a constant, a map, or arithmetic on a field. */
function readAssignment(key: JsonObject, reader: TokenReader): JsonValue | undefined {
  const { ct } = key;
  if (isJsonObject(ct) && ct['key'] === 'helper') {
    const name = reader.takeName();
    return name === undefined ? undefined : { 'ct helper': name };
  }
  const value = readValueNode(reader);
  return value === undefined ? undefined : { mangle: { key, value } };
}
