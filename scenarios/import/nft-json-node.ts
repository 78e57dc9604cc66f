import { formatAddress, ipv4 } from '../../models/network/address.ts';
import { fields } from '../../models/security/rule-field.ts';
import type { Field, ValueType } from '../../models/security/rule-field.ts';
import type { Key, MapElement, MapSource, Range, Selector, Verdict } from '../../models/security/ruleset.ts';
import type { JsonObject, JsonValue } from './json-text.ts';
import { symbolName, symbols } from './nft-symbols.ts';
import { prefixLength } from './nft-value.ts';

export function typesOf(selectors: readonly Selector[]): ValueType[] {
  return selectors.map(({ field }) => fields[field].type);
}

export function selectorsNode(selectors: readonly Selector[]): JsonObject {
  const nodes = selectors.map(({ field, mask }): JsonObject => {
    if (mask === null) return fieldNode(field);
    const { type } = fields[field];
    const value =
      type === 'ipv4_addr'
        ? formatAddress(ipv4(mask))
        : bitsNode({ kind: 'numbers', low: mask, high: mask }, type);
    return { '&': [fieldNode(field), value] };
  });
  return nodes.length === 1 ? nodes[0]! : { concat: nodes };
}

export function fieldNode(field: Field): JsonObject {
  const [protocol = '', name = ''] = field.split(' ');
  if (protocol === 'meta') return { meta: { key: name } };
  return protocol === 'ct' ? { ct: { key: name } } : { payload: { protocol, field: name } };
}

/** The data of a map or verdict map. */
export function mapSourceNode(
  map: MapSource,
  key: readonly ValueType[],
  value: readonly (ValueType | 'verdict')[],
): JsonValue {
  if (map.kind === 'named') return `@${map.map}`;
  return { set: map.elements.map((element) => elementNode(element, key, value)) };
}

export function verdictNode(verdict: Verdict): JsonObject {
  return 'chain' in verdict ? { [verdict.kind]: { target: verdict.chain } } : { [verdict.kind]: null };
}

export function elementNode(
  { key, value }: MapElement,
  keyTypes: readonly ValueType[],
  valueTypes: readonly (ValueType | 'verdict')[],
): JsonValue {
  const types = valueTypes.filter((type) => type !== 'verdict');
  const to = value.kind === 'verdict' ? verdictNode(value.verdict) : keyNode(value.ranges, types);
  return [keyNode(key, keyTypes), to];
}

export function keyNode(key: Key, types: readonly ValueType[]): JsonValue {
  const nodes = key.map((range, i) => rangeNode(range, types[i]!));
  return nodes.length === 1 ? nodes[0]! : { concat: nodes };
}

function rangeNode(range: Range, type: ValueType): JsonValue {
  switch (range.kind) {
    case 'name':
      return range.pattern;
    case 'numbers': {
      const low = numberNode(range.low, type);
      return range.low === range.high ? low : { range: [low, numberNode(range.high, type)] };
    }
    case 'addresses': {
      const { low, high } = range;
      const length = prefixLength(low, high);
      if (length === (low.family === 4 ? 32 : 128)) return formatAddress(low);
      if (length >= 0) return { prefix: { addr: formatAddress(low), len: length } };
      return { range: [formatAddress(low), formatAddress(high)] };
    }
  }
}

function numberNode(value: number, type: ValueType): JsonValue {
  return (
    symbolName(type, value) ??
    (isBits(type) ? bitsNode({ kind: 'numbers', low: value, high: value }, type) : value)
  );
}

function isBits(type: ValueType): boolean {
  return type === 'ct_state' || type === 'ct_status' || type === 'tcp_flag';
}

/** Bits by their names where they have some; a list for several. */
export function bitsNode(range: Range, type: ValueType): JsonValue {
  const value = range.kind === 'numbers' ? range.low : 0;
  const table = isBits(type) ? Object.entries(symbols[type] ?? {}) : [];
  const names = table.filter(([, bit]) => (value & bit) !== 0);
  const covered = names.reduce((bits, [, bit]) => bits | bit, 0) >>> 0;
  if (names.length === 0 || covered !== value) return value;
  return names.length === 1 ? names[0]![0] : names.map(([name]) => name);
}
