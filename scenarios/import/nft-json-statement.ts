import type { ValueType } from '../../models/security/rule-field.ts';
import { fields } from '../../models/security/rule-field.ts';
import type {
  LogOptions,
  MapSource,
  NatFlag,
  NatStatement,
  SettableField,
  Statement,
  TableFamily,
  ValueSource,
} from '../../models/security/ruleset.ts';
import { isJsonArray, isJsonObject } from './json-text.ts';
import type { JsonArray, JsonObject, JsonValue } from './json-text.ts';
import { readField, readSelectors, show } from './nft-json-match.ts';
import type { Refuse } from './nft-json-match.ts';
import { readElements, readVerdict } from './nft-json-set.ts';
import { readBits, readKey } from './nft-json-value.ts';
import { icmpxCodes, symbolValue } from './nft-symbols.ts';

/** Reads one statement of a rule, `{kind: body}`. */
export function readStatement(node: JsonObject, family: TableFamily, refuse: Refuse): Statement | null {
  const verdict = readVerdict(node);
  if (verdict !== undefined) return { kind: 'verdict', verdict };
  const [kind = '', body] = Object.entries(node)[0] ?? [];
  switch (kind) {
    case 'counter':
      return readCounter(body, refuse);
    case 'log':
      return readLog(body, refuse);
    case 'notrack':
      return { kind: 'notrack' };
    case 'reject':
      return readReject(body, family, refuse);
    case 'vmap':
      return readVerdictMap(body, refuse);
    case 'mangle':
      return readMangle(body, refuse);
    case 'ct helper':
      return typeof body === 'string'
        ? { kind: 'helper', helper: body }
        : refuse('has a ct helper without name');
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return readNat(kind, body, family, refuse);
    default:
      return refuse(`has the statement ${show(node)}, which is not modelled`);
  }
}

function readCounter(body: JsonValue | undefined, refuse: Refuse): Statement | null {
  if (typeof body === 'string') return { kind: 'named-counter', counter: body };
  if (body === null) return { kind: 'counter', packets: 0, bytes: 0 };
  if (!isJsonObject(body)) return refuse(`has a counter ${show(body)}`);
  const { packets = 0, bytes = 0 } = body;
  if (typeof packets !== 'number' || typeof bytes !== 'number') return refuse(`has a counter ${show(body)}`);
  return { kind: 'counter', packets, bytes };
}

const logKeys = new Set(['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags']);

function readLog(body: JsonValue | undefined, refuse: Refuse): Statement | null {
  const options = isJsonObject(body) ? body : {};
  const stray = Object.keys(options).find((key) => !logKeys.has(key));
  if (stray !== undefined) return refuse(`has log ${stray}`, [...logKeys].join(', '));
  const text = (key: string): string => (typeof options[key] === 'string' ? options[key] : '');
  const number = (key: string): number => (typeof options[key] === 'number' ? options[key] : -1);
  const { flags } = options;
  const log: LogOptions = {
    prefix: text('prefix'),
    // The default is not printed.
    level: text('level') === 'warn' ? '' : text('level'),
    group: number('group'),
    snaplen: number('snaplen'),
    queueThreshold: number('queue-threshold'),
    flags: (isJsonArray(flags) ? flags : flags === undefined ? [] : [flags]).map(String),
  };
  return { kind: 'log', options: log };
}

/** `reject` alone: port unreachable of the table's family (nft(8), "REJECT STATEMENT"). */
function readReject(body: JsonValue | undefined, family: TableFamily, refuse: Refuse): Statement | null {
  const own = { ip: 'icmp', ip6: 'icmpv6', inet: 'icmpx' } as const;
  const type = isJsonObject(body) && 'type' in body ? body['type'] : own[family];
  if (type === 'tcp reset') return { kind: 'reject', rejection: { type: 'tcp-reset', code: 0 } };
  const codes = { icmp: 'icmp_code', icmpv6: 'icmpv6_code', icmpx: null } as const;
  if (typeof type !== 'string' || !Object.hasOwn(codes, type)) return refuse(`rejects with ${show(type)}`);
  const kind = type as keyof typeof codes;
  const named = isJsonObject(body) && 'expr' in body ? body['expr'] : 'port-unreachable';
  const table = codes[kind];
  const code =
    typeof named === 'number'
      ? named
      : typeof named === 'string'
        ? table === null
          ? icmpxCodes[named]
          : symbolValue(table, named)
        : undefined;
  if (code === undefined) return refuse(`rejects with ${type} ${show(named)}`);
  return { kind: 'reject', rejection: { type: kind, code } };
}

function readVerdictMap(body: JsonValue | undefined, refuse: Refuse): Statement | null {
  if (!isJsonObject(body)) return refuse(`has a vmap ${show(body)}`);
  const selectors = readSelectors(body['key'], refuse);
  if (selectors === null) return null;
  const types = selectors.map(({ field }) => fields[field].type);
  const map = readMapSource(body['data'], types, ['verdict'], refuse);
  return map && { kind: 'verdict-map', selectors, map };
}

/** `@name`, or `{"set": [[key, value], …]}`. */
function readMapSource(
  node: JsonValue | undefined,
  key: readonly ValueType[],
  value: readonly (ValueType | 'verdict')[],
  refuse: Refuse,
): MapSource | null {
  if (typeof node === 'string' && node.startsWith('@')) return { kind: 'named', map: node.slice(1) };
  const set = isJsonObject(node) ? node['set'] : undefined;
  const elements = isJsonArray(set) ? readElements(key, value, set) : undefined;
  return elements === undefined ? refuse(`has a map ${show(node)}`) : { kind: 'inline', elements };
}

const settable: Readonly<Record<string, SettableField>> = {
  'meta mark': 'meta mark',
  'ct mark': 'ct mark',
  'ct zone': 'ct zone',
  'ct original zone': 'ct original zone',
  'ct reply zone': 'ct reply zone',
};

function readMangle(body: JsonValue | undefined, refuse: Refuse): Statement | null {
  if (!isJsonObject(body)) return refuse(`has a mangle ${show(body)}`);
  const { key } = body;
  const ct = isJsonObject(key) ? key['ct'] : undefined;
  const direction = isJsonObject(ct) && typeof ct['dir'] === 'string' ? `${ct['dir']} ` : '';
  const ctKey = isJsonObject(ct) && typeof ct['key'] === 'string' ? ct['key'] : '';
  const name = isJsonObject(ct) ? `ct ${direction}${ctKey}` : readField(key);
  const field = name !== undefined && Object.hasOwn(settable, name) ? settable[name] : undefined;
  if (field === undefined) return refuse(`sets ${show(key)}`, Object.keys(settable).join(', '));
  const type = field.endsWith('mark') ? 'mark' : 'ct_zone';
  const value = readValue(body['value'], [[type]], refuse);
  return value && { kind: 'set', field, value };
}

/** A constant, a map of one of the given types, or `(field & and) ^ xor` written with &, | and ^. */
function readValue(
  node: JsonValue | undefined,
  types: readonly (readonly ValueType[])[],
  refuse: Refuse,
): ValueSource | null {
  const map = isJsonObject(node) ? node['map'] : undefined;
  if (isJsonObject(map)) {
    const selectors = readSelectors(map['key'], refuse);
    if (selectors === null) return null;
    const key = selectors.map(({ field }) => fields[field].type);
    // The first type that all elements are of.
    const quiet = (): null => null;
    for (const type of types) {
      const source = readMapSource(map['data'], key, type, quiet);
      if (source !== null) return { kind: 'map', selectors, map: source };
    }
    return refuse(`has a map ${show(map['data'])}`);
  }
  for (const type of types) {
    const ranges = readKey(type, node);
    if (ranges !== undefined) return { kind: 'constant', value: { kind: 'values', ranges } };
  }
  return (
    readArithmetic(node) ??
    refuse(`has the value ${show(node)}`, types.map((type) => type.join(' . ')).join(', '))
  );
}

function readArithmetic(node: JsonValue | undefined): (ValueSource & { kind: 'field' }) | undefined {
  const field = readField(node);
  if (field !== undefined) return { kind: 'field', field, and: 0xffff_ffff, xor: 0 };
  const [operator = '', operands] = isJsonObject(node) ? (Object.entries(node)[0] ?? []) : [];
  if (!isJsonArray(operands) || operands.length !== 2) return undefined;
  const inner = readArithmetic(operands[0]);
  const value = readBits('mark', operands[1]);
  if (inner === undefined || value === undefined) return undefined;
  const { and, xor } = inner;
  switch (operator) {
    case '&':
      return { ...inner, and: (and & value) >>> 0, xor: (xor & value) >>> 0 };
    case '|':
      // x | v = (x & ~v) ^ v
      return { ...inner, and: (and & ~value) >>> 0, xor: ((xor & ~value) | value) >>> 0 };
    case '^':
      return { ...inner, xor: (xor ^ value) >>> 0 };
    default:
      return undefined;
  }
}

function readNat(
  action: NatStatement['action'],
  body: JsonValue | undefined,
  family: TableFamily,
  refuse: Refuse,
): Statement | null {
  const options = isJsonObject(body) ? body : {};
  const stray = Object.keys(options).find(
    (key) => !['family', 'addr', 'port', 'flags', 'type_flags'].includes(key),
  );
  if (stray !== undefined) return refuse(`has ${action} with ${stray}`);
  const addressType = (options['family'] ?? family) === 'ip6' ? 'ipv6_addr' : 'ipv4_addr';
  const { addr, port } = options;
  const addresses =
    addr === undefined ? null : readValue(addr, [[addressType], [addressType, 'inet_service']], refuse);
  const ports = port === undefined ? null : readValue(port, [['inet_service']], refuse);
  if ((addr !== undefined && addresses === null) || (port !== undefined && ports === null)) return null;
  const flags = readNatFlags(options['flags']);
  if (flags === undefined) return refuse(`has ${action} flags ${show(options['flags'])}`);
  return { kind: 'nat', action, addresses, ports, flags };
}

const natFlags: readonly NatFlag[] = ['random', 'fully-random', 'persistent'];

function readNatFlags(node: JsonValue | undefined): NatFlag[] | undefined {
  const list: JsonArray = node === undefined ? [] : isJsonArray(node) ? node : [node];
  const flags = natFlags.filter((flag) => list.includes(flag));
  return flags.length === list.length ? flags : undefined;
}
