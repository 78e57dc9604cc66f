import { parseAddress } from '../../models/network/address.ts';
import type { ValueType } from '../../models/security/rule-field.ts';
import type { Key, Range } from '../../models/security/ruleset.ts';
import { isJsonArray, isJsonObject } from './json-text.ts';
import type { JsonValue } from './json-text.ts';
import { prefixRange, parseValue, rangeBetween, wholeRange } from './nft-value.ts';

/** A value of a type in libnftables JSON: scalar, prefix, range or `*`; undefined when it is none of these. */
export function readRange(type: ValueType, node: JsonValue | undefined): Range | undefined {
  if (typeof node === 'string' || typeof node === 'number')
    return node === '*' && type !== 'ifname' ? wholeRange(type) : parseValue(type, node);
  if (isJsonArray(node) || (isJsonObject(node) && '|' in node)) {
    const bits = readBits(type, node);
    return bits === undefined ? undefined : { kind: 'numbers', low: bits, high: bits };
  }
  if (!isJsonObject(node)) return undefined;
  const { prefix, range } = node;
  if (isJsonObject(prefix)) return readPrefix(type, prefix['addr'], prefix['len']);
  if (!isJsonArray(range) || range.length !== 2) return undefined;
  return rangeBetween(readRange(type, range[0]), readRange(type, range[1]));
}

/** Bits named one by one: "syn", ["syn", "ack"], {"|": ["syn", "ack"]} or a number. */
export function readBits(type: ValueType, node: JsonValue | undefined): number | undefined {
  if (typeof node === 'string' || typeof node === 'number') {
    const value = parseValue(type, node);
    return value?.kind === 'numbers' ? value.low : undefined;
  }
  const parts = isJsonArray(node) ? node : isJsonObject(node) ? node['|'] : undefined;
  if (!isJsonArray(parts)) return undefined;
  let bits = 0;
  for (const part of parts) {
    const value = readBits(type, part);
    if (value === undefined) return undefined;
    bits |= value;
  }
  return bits >>> 0;
}

/** One key of a set: a value, or a concatenation of as many as there are types. */
export function readKey(types: readonly ValueType[], node: JsonValue | undefined): Key | undefined {
  // An element may carry its own comment: {"elem": {"val": …}}.
  if (isJsonObject(node) && isJsonObject(node['elem'])) {
    const { elem } = node;
    return Object.keys(elem).every((key) => key === 'val' || key === 'comment')
      ? readKey(types, elem['val'])
      : undefined;
  }
  const parts = isJsonObject(node) && isJsonArray(node['concat']) ? node['concat'] : [node];
  if (parts.length !== types.length) return undefined;
  const ranges = types.map((type, i) => readRange(type, parts[i]));
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function readPrefix(
  type: ValueType,
  text: JsonValue | undefined,
  bits: JsonValue | undefined,
): Range | undefined {
  if (typeof text !== 'string' || typeof bits !== 'number') return undefined;
  const address = parseAddress(text);
  if (address?.family !== (type === 'ipv4_addr' ? 4 : type === 'ipv6_addr' ? 6 : undefined)) return undefined;
  return address && prefixRange(address, bits);
}
