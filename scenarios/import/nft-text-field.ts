import type { JsonObject, JsonValue } from './json-text.ts';
import { readBraces, readConcatenation } from './nft-text-value.ts';
import type { TokenReader } from './nft-tokens.ts';

/** Fields of the packet's circumstances that may be written without `meta`. */
const bareMeta: ReadonlySet<string> = new Set([
  'iif',
  'iifname',
  'oif',
  'oifname',
  'mark',
  'iifgroup',
  'oifgroup',
  'iiftype',
  'oiftype',
  'skuid',
  'skgid',
  'rtclassid',
  'nftrace',
  'protocol',
  'l4proto',
  'nfproto',
  'pkttype',
  'cpu',
  'priority',
]);

/** The node of a field: `meta mark`, `ct state`, `ct original zone`, `tcp dport`. */
export function readFieldNode(reader: TokenReader): JsonObject | undefined {
  const word = reader.peek()?.kind === 'word' ? reader.peek()!.text : undefined;
  if (word === undefined) return undefined;
  if (bareMeta.has(word)) {
    reader.next();
    return { meta: { key: word } };
  }
  const second = reader.peek(1);
  if (second?.kind !== 'word') return undefined;
  reader.next();
  reader.next();
  if (word === 'meta') return { meta: { key: second.text } };
  if (word !== 'ct') return { payload: { protocol: word, field: second.text } };
  if (second.text !== 'original' && second.text !== 'reply') return { ct: { key: second.text } };
  const key = reader.takeName() ?? '';
  const family = key === 'ip' || key === 'ip6' ? ` ${reader.takeName() ?? ''}` : '';
  return { ct: { key: `${key}${family}`, dir: second.text } };
}

const arithmetic: Readonly<Record<string, string>> = {
  '|': '|',
  or: '|',
  '&': '&',
  and: '&',
  '^': '^',
  xor: '^',
};

/** A constant, `FIELD map {…}`, or `FIELD & 0xff | 0x1`. */
export function readValueNode(reader: TokenReader): JsonValue | undefined {
  // A constant is one word; a field takes two, or one that needs no `meta`.
  const word = reader.peek();
  const follows = reader.peek(1);
  const isField =
    word?.kind === 'word' &&
    (bareMeta.has(word.text) ||
      (follows?.kind === 'word' &&
        ['meta', 'ct', 'ip', 'ip6', 'tcp', 'udp', 'th', 'icmp', 'icmpv6', 'sctp', 'dccp', 'udplite'].includes(
          word.text,
        )));
  if (!isField) return readConcatenation(reader);
  let value: JsonValue | undefined = readFieldNode(reader);
  const parts: JsonValue[] = value === undefined ? [] : [value];
  while (reader.take('.')) {
    const part = readFieldNode(reader);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  if (reader.take('map')) {
    const data = readMapData(reader);
    return data === undefined
      ? undefined
      : { map: { key: parts.length === 1 ? parts[0]! : { concat: parts }, data } };
  }
  for (let operator = arithmetic[reader.peek()?.text ?? '']; operator !== undefined && value !== undefined;) {
    reader.next();
    const operand = reader.takeName();
    value = operand === undefined ? undefined : { [operator]: [value, operand] };
    operator = arithmetic[reader.peek()?.text ?? ''];
  }
  return value;
}

/** `@name` or `{ key : value, … }`. */
export function readMapData(reader: TokenReader): JsonValue | undefined {
  return reader.peek()?.text.startsWith('@') === true ? reader.takeName() : readBraces(reader, true);
}
