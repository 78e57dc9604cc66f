import type { ValueType } from '../../models/security/rule-field.ts';
import { compareKeys } from './nft-value.ts';
import { symbols } from './nft-symbols.ts';
import type {
  MapElement,
  MapValue,
  NamedMap,
  NamedSet,
  SetFlag,
  Verdict,
} from '../../models/security/ruleset.ts';
import { isJsonArray, isJsonObject } from './json-text.ts';
import type { JsonArray, JsonObject, JsonValue } from './json-text.ts';
import { readField, readKeys, show } from './nft-json-match.ts';
import type { Refuse } from './nft-json-match.ts';
import { readKey } from './nft-json-value.ts';
import { fields } from '../../models/security/rule-field.ts';

/** Reads a named set; null when its type or an element is not understood. */
export function readSet(name: string, body: JsonObject, refuse: Refuse): NamedSet | null {
  const key = readTypes(body['type']);
  if (key === undefined || key.includes('verdict'))
    return refuse(`set ${name} is of type ${show(body['type'])}`, knownTypes);
  const flags = readFlags(name, body, refuse);
  const types = key.filter((type) => type !== 'verdict');
  const elements = readKeys(types, listOf(body['elem']));
  if (elements === undefined)
    return refuse(`set ${name} has an element that is not understood`, types.join(' . '));
  return flags && { name, key: types, flags, elements };
}

/** Reads a named map or verdict map; null when its types or an element are not understood. */
export function readMap(name: string, body: JsonObject, refuse: Refuse): NamedMap | null {
  const key = readTypes(body['type']);
  const value = readTypes(body['map']);
  if (key === undefined || key.includes('verdict') || value === undefined)
    return refuse(`map ${name} is of type ${show(body['type'])} : ${show(body['map'])}`, knownTypes);
  const flags = readFlags(name, body, refuse);
  const types = key.filter((type) => type !== 'verdict');
  const elements = readElements(types, value, listOf(body['elem']));
  if (elements === undefined) return refuse(`map ${name} has an element that is not understood`);
  return flags && { name, key: types, value, flags, elements };
}

/** Reads the pairs of a map; undefined when one is not understood. */
export function readElements(
  key: readonly ValueType[],
  value: readonly (ValueType | 'verdict')[],
  nodes: JsonArray,
): MapElement[] | undefined {
  const elements: MapElement[] = [];
  for (const node of nodes) {
    if (!isJsonArray(node) || node.length !== 2) return undefined;
    const from = readKey(key, node[0]);
    const to = readMapValue(value, node[1]);
    if (from === undefined || to === undefined) return undefined;
    elements.push({ key: from, value: to });
  }
  return elements.sort((a, b) => compareKeys(a.key, b.key));
}

export function readVerdict(node: JsonValue | undefined): Verdict | undefined {
  const [kind = '', body] = isJsonObject(node) ? (Object.entries(node)[0] ?? []) : [];
  switch (kind) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { kind };
    case 'jump':
    case 'goto':
      return isJsonObject(body) && typeof body['target'] === 'string'
        ? { kind, chain: body['target'] }
        : undefined;
    default:
      return undefined;
  }
}

function readMapValue(
  types: readonly (ValueType | 'verdict')[],
  node: JsonValue | undefined,
): MapValue | undefined {
  if (types[0] === 'verdict') {
    const verdict = readVerdict(node);
    return verdict && { kind: 'verdict', verdict };
  }
  const ranges = readKey(
    types.filter((type) => type !== 'verdict'),
    node,
  );
  return ranges && { kind: 'values', ranges };
}

/** "ipv4_addr", ["ipv4_addr", "inet_service"], "ipv4_addr . inet_service" or {"typeof": …}. */
function readTypes(node: JsonValue | undefined): (ValueType | 'verdict')[] | undefined {
  if (isJsonObject(node)) {
    const inner = node['typeof'];
    const parts = isJsonObject(inner) && isJsonArray(inner['concat']) ? inner['concat'] : [inner];
    const found = parts.map(readField);
    return found.every((field) => field !== undefined) ? found.map((field) => fields[field].type) : undefined;
  }
  const names = isJsonArray(node) ? node : typeof node === 'string' ? node.split(' . ') : [];
  const types = names.filter(isType);
  return types.length === names.length && types.length > 0 ? types : undefined;
}

const typeNames: ReadonlySet<unknown> = new Set([
  ...Object.keys(symbols),
  'verdict',
  'ipv4_addr',
  'ipv6_addr',
  'ifname',
  'iface_index',
  'mark',
]);
const knownTypes = [...typeNames].join(', ');

function isType(name: JsonValue): name is ValueType | 'verdict' {
  return typeNames.has(name);
}

const setFlags: ReadonlySet<unknown> = new Set(['constant', 'interval', 'timeout', 'dynamic']);

function isFlag(flag: JsonValue): flag is SetFlag {
  return setFlags.has(flag);
}

function readFlags(name: string, body: JsonObject, refuse: Refuse): SetFlag[] | null {
  const flags = listOf(body['flags']);
  const known = flags.filter(isFlag);
  if (known.length < flags.length)
    return refuse(`set ${name} has flags ${show(flags)}`, [...setFlags].join(', '));
  return known;
}

function listOf(node: JsonValue | undefined): JsonArray {
  return node === undefined ? [] : isJsonArray(node) ? node : [node];
}
