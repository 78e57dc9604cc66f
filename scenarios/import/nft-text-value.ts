import type { JsonObject, JsonValue } from './json-text.ts';
import type { Token, TokenReader } from './nft-tokens.ts';

const range =
  /^((?:0x[0-9a-fA-F]+|\d+)|\d+\.\d+\.\d+\.\d+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)-((?:0x[0-9a-fA-F]+|\d+)|\d+\.\d+\.\d+\.\d+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$/;

/** One value as libnftables JSON has it: a scalar, `{prefix}` or `{range}`. */
export function valueOf(token: Token): JsonValue {
  if (token.kind === 'string') return token.text;
  const slash = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(token.text);
  if (slash !== null) return { prefix: { addr: slash[1]!, len: Number(slash[2]) } };
  const ends = range.exec(token.text);
  if (ends !== null) return { range: [ends[1]!, ends[2]!] };
  return token.text;
}

/** `a`, `a-b`, `a . b`: one value or a concatenation; undefined, and nothing taken, when none stands here. */
export function readConcatenation(reader: TokenReader): JsonValue | undefined {
  const parts: JsonValue[] = [];
  do {
    const token = reader.peek();
    if (token?.kind !== 'word' && token?.kind !== 'string') return undefined;
    reader.next();
    const from = valueOf(token);
    // A range may be written with spaces around the dash.
    if (reader.peek()?.text === '-' && reader.take('-')) {
      const to = reader.takeName();
      if (to === undefined) return undefined;
      parts.push({ range: [from, to] });
    } else parts.push(from);
  } while (reader.take('.'));
  return parts.length === 1 ? parts[0] : { concat: parts };
}

/** `{ a, b, c }` as `{set: […]}`, or with pairs `{ a : x, b : y }`; undefined when it is broken. */
export function readBraces(reader: TokenReader, pairs: boolean): JsonObject | undefined {
  const elements: JsonValue[] = [];
  if (!reader.take('{')) return undefined;
  reader.skipEnds();
  while (!reader.take('}')) {
    const nested = reader.peek()?.text === '{' ? readBraces(reader, pairs) : undefined;
    const inner = nested?.['set'];
    if (Array.isArray(inner)) elements.push(...(inner as JsonValue[]));
    else {
      const element = readElement(reader, pairs);
      if (element === undefined) return undefined;
      elements.push(element);
    }
    reader.skipEnds();
    if (!reader.take(',') && reader.peek()?.text !== '}') return undefined;
    reader.skipEnds();
  }
  return { set: elements };
}

function readElement(reader: TokenReader, pairs: boolean): JsonValue | undefined {
  const key = readConcatenation(reader);
  if (reader.take('comment')) reader.takeName();
  if (!pairs || key === undefined) return key;
  reader.skipEnds();
  if (!reader.take(':')) return undefined;
  const value = readVerdictNode(reader) ?? readConcatenation(reader);
  return value === undefined ? undefined : [key, value];
}

/** `accept`, `jump chain` … as libnftables JSON has them; undefined, and nothing taken, for anything else. */
export function readVerdictNode(reader: TokenReader): JsonObject | undefined {
  const token = reader.peek();
  if (token?.kind !== 'word') return undefined;
  switch (token.text) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      reader.next();
      return { [token.text]: null };
    case 'jump':
    case 'goto': {
      reader.next();
      const target = reader.takeName();
      return target === undefined ? undefined : { [token.text]: { target } };
    }
    default:
      return undefined;
  }
}

/** `syn`, `syn,ack`, `(syn | ack)`, `0x3`: bits as JSON lists them. */
export function readBitList(reader: TokenReader, separators: ',' | ',|' = ',|'): JsonValue | undefined {
  if (reader.take('(')) {
    const inner = readBitList(reader);
    return inner !== undefined && reader.take(')') ? inner : undefined;
  }
  const bits: JsonValue[] = [];
  do {
    const name = reader.takeName();
    if (name === undefined) return undefined;
    bits.push(name);
  } while (reader.take(',') || (separators === ',|' && reader.take('|')));
  return bits.length === 1 ? bits[0] : bits;
}
