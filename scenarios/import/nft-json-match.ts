import { fields, isField } from '../../models/security/rule-field.ts';
import type { Field, ValueType } from '../../models/security/rule-field.ts';
import type { Key, Match, MatchOperator, Range, Selector } from '../../models/security/ruleset.ts';
import { isJsonArray, isJsonObject } from './json-text.ts';
import type { JsonArray, JsonObject, JsonValue } from './json-text.ts';
import { readBits, readKey, readRange } from './nft-json-value.ts';
import { parseAddress } from '../../models/network/address.ts';
import { compareKeys, wholeRange } from './nft-value.ts';

/** Says what was not understood; returns null. */
export type Refuse = (message: string, allowed?: string) => null;

/** Reads a `match` of libnftables JSON. */
export function readMatch(body: JsonObject, refuse: Refuse): Match | null {
  const { op, left, right } = body;
  const selectors = readSelectors(left, refuse);
  if (selectors === null) return null;
  const types = selectors.map(({ field }) => fields[field].type);
  const match = (operator: MatchOperator, keys: Match['keys']): Match => ({
    kind: 'match',
    selectors,
    operator,
    keys,
  });
  const inline = (operator: MatchOperator, keys: readonly Key[]): Match =>
    match(operator, { kind: 'inline', keys });
  const unknown = (): null => refuse(`compares ${nameOf(selectors)} with ${show(right)}`, types.join(' . '));

  const negated = op === '!=';
  if (typeof right === 'string' && right.startsWith('@'))
    return match(negated ? 'not-in' : 'in', { kind: 'named', set: right.slice(1) });
  const set = isJsonObject(right) ? right['set'] : undefined;
  if (set !== undefined) {
    const keys = readKeys(types, isJsonArray(set) ? set : [set]);
    return keys === undefined ? unknown() : inline(negated ? 'not-in' : 'in', keys);
  }
  if (op === '!' || (op === 'in' && types.length === 1 && bitTypes.has(types[0]!))) {
    const bits = types.length === 1 ? readBits(types[0]!, right) : undefined;
    if (bits === undefined) return unknown();
    return inline(op === 'in' ? 'any-bit' : 'no-bit', [[{ kind: 'numbers', low: bits, high: bits }]]);
  }
  if (op === '==' || op === 'in' || negated) {
    const key = readKey(types, right);
    return key === undefined ? unknown() : inline(negated ? 'not-in' : 'in', [key]);
  }
  const range = readOrder(op, types, right);
  return range === undefined ? unknown() : inline('in', [[range]]);
}

/** Reads what a match or a map looks at: one field, masked or not, or a concatenation of fields. */
export function readSelectors(node: JsonValue | undefined, refuse: Refuse): Selector[] | null {
  const parts = isJsonObject(node) && isJsonArray(node['concat']) ? node['concat'] : [node];
  const selectors: Selector[] = [];
  for (const part of parts) {
    const selector = readSelector(part, refuse);
    if (selector === null) return null;
    selectors.push(selector);
  }
  return selectors;
}

/** Reads keys of one set; undefined when one of them is none. */
export function readKeys(types: readonly ValueType[], nodes: JsonArray): Key[] | undefined {
  const keys = nodes.map((node) => readKey(types, node));
  return keys.every((key) => key !== undefined) ? keys.sort(compareKeys) : undefined;
}

/** The field that `{"meta": …}`, `{"ct": …}` or `{"payload": …}` names. */
export function readField(node: JsonValue | undefined): Field | undefined {
  if (!isJsonObject(node)) return undefined;
  const { meta, ct, payload } = node;
  let name: string | undefined;
  if (isJsonObject(meta) && typeof meta['key'] === 'string') name = `meta ${meta['key']}`;
  if (isJsonObject(ct) && typeof ct['key'] === 'string' && !('dir' in ct)) name = `ct ${ct['key']}`;
  if (
    isJsonObject(payload) &&
    typeof payload['protocol'] === 'string' &&
    typeof payload['field'] === 'string'
  )
    name = `${payload['protocol']} ${payload['field']}`;
  return name !== undefined && isField(name) ? name : undefined;
}

/** JSON text of a node, cut short, for messages. */
export function show(node: JsonValue | undefined): string {
  const text = node === undefined ? 'nothing' : JSON.stringify(node);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Types whose values are bits: `ct state new` asks whether the bit is set. */
export const bitTypes: ReadonlySet<ValueType> = new Set(['ct_state', 'ct_status', 'tcp_flag']);

function readSelector(node: JsonValue | undefined, refuse: Refuse): Selector | null {
  const masked = isJsonObject(node) ? node['&'] : undefined;
  const field = readField(isJsonArray(masked) ? masked[0] : node);
  if (field === undefined) return refuse(`looks at ${fieldText(node)}, which is not modelled`);
  if (!isJsonArray(masked)) return { field, mask: null };
  const mask = readMask(fields[field].type, masked[1]);
  if (mask === undefined || masked.length !== 2) return refuse(`has a mask ${show(masked[1])}`);
  return { field, mask };
}

/** The field as people write it, or its JSON. */
function fieldText(node: JsonValue | undefined): string {
  const masked = isJsonObject(node) ? node['&'] : undefined;
  if (isJsonArray(masked)) return fieldText(masked[0]);
  const { meta, ct, payload } = isJsonObject(node) ? node : {};
  const words = [meta, ct, payload].flatMap((body) => (isJsonObject(body) ? Object.values(body) : []));
  const kind = meta !== undefined ? ['meta'] : ct !== undefined ? ['ct'] : [];
  return words.every((word) => typeof word === 'string') && words.length > 0
    ? [...kind, ...words].join(' ')
    : show(node);
}

function readMask(type: ValueType, node: JsonValue | undefined): number | undefined {
  if (type !== 'ipv4_addr') return readBits(type, node);
  const mask = typeof node === 'string' ? parseAddress(node) : undefined;
  return mask && mask.w3 >>> 0;
}

/** The values below or above one value: `<`, `<=`, `>`, `>=`. */
function readOrder(
  op: JsonValue | undefined,
  types: readonly ValueType[],
  right: JsonValue | undefined,
): Range | undefined {
  const type = types[0];
  const value = type === undefined || types.length > 1 ? undefined : readRange(type, right);
  const whole = type === undefined ? undefined : wholeRange(type);
  if (value?.kind === 'addresses' && whole?.kind === 'addresses') {
    if (op === '<=') return { ...whole, high: value.high };
    return op === '>=' ? { ...whole, low: value.low } : undefined;
  }
  if (value?.kind !== 'numbers' || whole?.kind !== 'numbers') return undefined;
  const bounds = {
    '<': [0, value.low - 1],
    '<=': [0, value.low],
    '>': [value.low + 1, whole.high],
    '>=': [value.low, whole.high],
  };
  const [low, high] =
    typeof op === 'string' && Object.hasOwn(bounds, op) ? bounds[op as keyof typeof bounds] : [];
  return low === undefined || high === undefined || low > high ? undefined : { kind: 'numbers', low, high };
}

function nameOf(selectors: readonly Selector[]): string {
  return selectors.map(({ field }) => field).join(' . ');
}
