import { fields } from '../../models/security/rule-field.ts';
import type { ValueType } from '../../models/security/rule-field.ts';
import type {
  LogOptions,
  NatStatement,
  Rejection,
  SettableField,
  Statement,
  Table,
  ValueSource,
} from '../../models/security/ruleset.ts';
import type { JsonObject, JsonValue } from './json-text.ts';
import { fieldNode, keyNode, mapSourceNode, selectorsNode, typesOf, verdictNode } from './nft-json-node.ts';
import { icmpxCodes, symbolName } from './nft-symbols.ts';

/** One statement of a rule as `{kind: body}`. */
export function statementNode(statement: Statement, table: Table): JsonObject {
  switch (statement.kind) {
    case 'verdict':
      return verdictNode(statement.verdict);
    case 'verdict-map': {
      const { selectors, map } = statement;
      return {
        vmap: { key: selectorsNode(selectors), data: mapSourceNode(map, typesOf(selectors), ['verdict']) },
      };
    }
    case 'reject':
      return { reject: rejectNode(statement.rejection) };
    case 'counter':
      return { counter: { packets: statement.packets, bytes: statement.bytes } };
    case 'named-counter':
      return { counter: statement.counter };
    case 'log':
      return { log: logNode(statement.options) };
    case 'notrack':
      return { notrack: null };
    case 'set': {
      const { field, value } = statement;
      const type = field.endsWith('mark') ? 'mark' : 'ct_zone';
      return { mangle: { key: settableNode(field), value: valueNode(value, [type]) } };
    }
    case 'helper':
      return { 'ct helper': statement.helper };
    case 'nat':
      return { [statement.action]: natNode(statement, table) };
  }
}

function settableNode(field: SettableField): JsonObject {
  switch (field) {
    case 'meta mark':
    case 'ct mark':
    case 'ct zone':
      return fieldNode(field);
    case 'ct original zone':
    case 'ct reply zone':
      return { ct: { key: 'zone', dir: field === 'ct reply zone' ? 'reply' : 'original' } };
  }
}

function rejectNode({ type, code }: Rejection): JsonValue {
  if (type === 'tcp-reset') return { type: 'tcp reset' };
  const named =
    type === 'icmpx'
      ? Object.keys(icmpxCodes).find((name) => icmpxCodes[name] === code)
      : symbolName(type === 'icmp' ? 'icmp_code' : 'icmpv6_code', code);
  return { type, expr: named ?? code };
}

function logNode({ prefix, level, group, snaplen, queueThreshold, flags }: LogOptions): JsonValue {
  const options: Record<string, JsonValue> = {};
  if (prefix !== '') options['prefix'] = prefix;
  if (level !== '') options['level'] = level;
  if (group >= 0) options['group'] = group;
  if (snaplen >= 0) options['snaplen'] = snaplen;
  if (queueThreshold >= 0) options['queue-threshold'] = queueThreshold;
  if (flags.length > 0) options['flags'] = flags.length === 1 ? flags[0]! : flags;
  return Object.keys(options).length === 0 ? null : options;
}

function valueNode(source: ValueSource, types: readonly ValueType[]): JsonValue {
  switch (source.kind) {
    case 'constant':
      return source.value.kind === 'values'
        ? keyNode(source.value.ranges, types)
        : verdictNode(source.value.verdict);
    case 'field': {
      const { and, xor } = source;
      const field = fieldNode(source.field);
      if (xor === 0) return and === 0xffff_ffff ? field : { '&': [field, and] };
      // x | v is (x & ~v) ^ v.
      if (and === ~xor >>> 0) return { '|': [field, xor] };
      return { '^': [and === 0xffff_ffff ? field : { '&': [field, and] }, xor] };
    }
    case 'map': {
      const { selectors, map } = source;
      return { map: { key: selectorsNode(selectors), data: mapSourceNode(map, typesOf(selectors), types) } };
    }
  }
}

function natNode(statement: NatStatement, table: Table): JsonValue {
  const { addresses, ports, flags } = statement;
  const options: Record<string, JsonValue> = {};
  if (addresses !== null) {
    const types = valueTypes(addresses, table);
    if (table.family === 'inet') options['family'] = types[0] === 'ipv6_addr' ? 'ip6' : 'ip';
    options['addr'] = valueNode(addresses, types);
  }
  if (ports !== null) options['port'] = valueNode(ports, ['inet_service']);
  if (flags.length > 0) options['flags'] = flags.length === 1 ? flags[0]! : [...flags];
  return Object.keys(options).length === 0 ? null : options;
}

/** The types of the values that a translation takes: an address, or an address and a port. */
export function valueTypes(source: ValueSource, table: Table): ValueType[] {
  if (source.kind === 'field') return [fields[source.field].type];
  if (source.kind === 'map' && source.map.kind === 'named') {
    const name = source.map.map;
    return (table.maps.find((map) => map.name === name)?.value ?? []).filter((type) => type !== 'verdict');
  }
  const value =
    source.kind === 'constant'
      ? source.value
      : source.map.kind === 'inline'
        ? source.map.elements[0]?.value
        : undefined;
  if (value?.kind !== 'values') return [];
  return value.ranges.map((range) => {
    if (range.kind !== 'addresses') return 'inet_service';
    return range.low.family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  });
}
