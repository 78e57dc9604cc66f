import { fields, isField } from '../../models/security/rule-field.ts';
import type { ValueType } from '../../models/security/rule-field.ts';
import { isJsonArray, isJsonObject } from './json-text.ts';
import type { JsonArray, JsonObject, JsonValue } from './json-text.ts';

/** One rule, from libnftables JSON to a line of nft's text. */
export function ruleText(rule: JsonObject): string {
  const expressions = list(rule['expr']).map(expressionText);
  const { comment } = rule;
  if (typeof comment === 'string' && comment !== '') expressions.push(`comment ${quoted(comment)}`);
  return expressions.join(' ');
}

/** The lines of a set's or map's block. */
export function setLines(body: JsonObject): string[] {
  const key = typeText(body['type']);
  const lines = [`type ${key}${'map' in body ? ` : ${typeText(body['map'])}` : ''}`];
  const flags = list(body['flags']);
  if (flags.length > 0) lines.push(`flags ${flags.map(plain).join(',')}`);
  const types = key.split(' . ');
  const elements = list(body['elem']).map((element) => elementText(element, types));
  if (elements.length > 0) lines.push(`elements = { ${elements.join(', ')} }`);
  return lines;
}

function typeText(node: JsonValue | undefined): string {
  return isJsonArray(node) ? node.map(plain).join(' . ') : plain(node ?? '');
}

function expressionText(node: JsonValue): string {
  const [kind = '', body = null] = isJsonObject(node) ? (Object.entries(node)[0] ?? []) : [];
  const options = isJsonObject(body) ? body : {};
  switch (kind) {
    case 'match':
      return matchText(options);
    case 'jump':
    case 'goto':
      return `${kind} ${plain(options['target'] ?? '')}`;
    case 'counter':
      if (typeof body === 'string') return `counter name ${quoted(body)}`;
      return `counter packets ${plain(options['packets'] ?? 0)} bytes ${plain(options['bytes'] ?? 0)}`;
    case 'log':
      return logText(options);
    case 'reject':
      if (options['type'] === 'tcp reset') return 'reject with tcp reset';
      return `reject with ${plain(options['type'] ?? '')} ${plain(options['expr'] ?? '')}`;
    case 'vmap':
      return `${fieldsText(options['key'])} vmap ${dataText(options['data'], typesOf(options['key']))}`;
    case 'mangle':
      return mangleText(options);
    case 'ct helper':
      return `ct helper set ${quoted(plain(body))}`;
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return natText(kind, options);
    default:
      // accept, drop, return, continue, notrack
      return kind;
  }
}

function matchText({ op, left, right }: JsonObject): string {
  const types = typesOf(left);
  const value = isJsonObject(right) && 'set' in right ? setText(right, types) : keyText(right ?? null, types);
  // Bits and equality need no operator in front of them, except where a mask stands.
  const masked = isJsonObject(left) && '&' in left;
  const operator = op === 'in' || (op === '==' && !masked && !isBits(types)) ? '' : `${plain(op ?? '')} `;
  // A lookup of bits in a set has no operator either; `==` in front of one value compares all bits.
  const lookup = op === '==' && (value.startsWith('{') || value.startsWith('@'));
  return `${fieldsText(left)} ${lookup ? '' : operator}${value}`;
}

function isBits(types: readonly string[]): boolean {
  return types.length === 1 && ['ct_state', 'ct_status', 'tcp_flag'].includes(types[0]!);
}

function logText(options: JsonObject): string {
  const parts = Object.entries(options).map(([key, value]) => {
    if (key === 'prefix') return `prefix ${quoted(plain(value))}`;
    if (key !== 'flags') return `${key} ${plain(value)}`;
    return list(value)
      .map((flag) => `flags ${plain(flag)}`)
      .join(' ');
  });
  return ['log', ...parts].join(' ');
}

function mangleText({ key, value }: JsonObject): string {
  const ct = isJsonObject(key) ? key['ct'] : undefined;
  const isZone = isJsonObject(ct) && ct['key'] === 'zone';
  return `${fieldsText(key)} set ${valueText(value ?? null, [isZone ? 'ct_zone' : 'mark'])}`;
}

/** A constant, a map, or arithmetic on a field. */
function valueText(node: JsonValue, types: readonly string[]): string {
  if (isJsonObject(node)) {
    const { map } = node;
    if (isJsonObject(map))
      return `${fieldsText(map['key'])} map ${dataText(map['data'], typesOf(map['key']), types)}`;
    for (const operator of ['&', '|', '^']) {
      const operands = node[operator];
      if (isJsonArray(operands))
        return `${valueText(operands[0]!, types)} ${operator} ${keyText(operands[1]!, types)}`;
    }
    if ('meta' in node || 'ct' in node || 'payload' in node) return fieldsText(node);
  }
  return keyText(node, types);
}

function natText(kind: string, options: JsonObject): string {
  const { family, addr, port, flags } = options;
  const parts = [kind];
  const types = [family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr'];
  const toPair = isJsonObject(addr) && pairsOf(addr);
  if (typeof family === 'string') parts.push(family);
  if (toPair) parts.push('addr . port');
  if (addr !== undefined || port !== undefined) {
    const to = addr === undefined ? '' : valueText(addr, types);
    // An IPv6 address in front of a port stands in brackets.
    const target =
      port !== undefined && to.includes(':')
        ? to
            .split('-')
            .map((part) => `[${part}]`)
            .join('-')
        : to;
    const at = port === undefined ? '' : `:${valueText(port, ['inet_service'])}`;
    parts.push('to', `${target}${at}`);
  }
  const names = list(flags).map(plain).join(',');
  if (names !== '') parts.push(names);
  return parts.join(' ');
}

/** Whether an inline map leads to addresses and ports. */
function pairsOf(addr: JsonObject): boolean {
  const { map } = addr;
  const data = isJsonObject(map) ? map['data'] : undefined;
  const elements = isJsonObject(data) ? list(data['set']) : [];
  const first = elements[0];
  return isJsonArray(first) && isJsonObject(first[1]) && 'concat' in first[1];
}

function dataText(
  data: JsonValue | undefined,
  key: readonly string[],
  value: readonly string[] = [],
): string {
  return typeof data === 'string' ? data : setText(isJsonObject(data) ? data : {}, key, value);
}

function setText(node: JsonObject, types: readonly string[], value: readonly string[] = []): string {
  return `{ ${list(node['set'])
    .map((element) => elementText(element, types, value))
    .join(', ')} }`;
}

function elementText(node: JsonValue, types: readonly string[], value: readonly string[] = []): string {
  if (!isJsonArray(node)) return keyText(node, types);
  const [from = null, to = null] = node;
  const [kind = ''] = isJsonObject(to) ? Object.keys(to) : [];
  const isVerdict = ['accept', 'drop', 'return', 'continue', 'jump', 'goto'].includes(kind);
  return `${keyText(from, types)} : ${isVerdict ? expressionText(to) : keyText(to, value)}`;
}

/** One key: a value, a prefix, a range, a list of bits, or a concatenation of them. */
function keyText(node: JsonValue, types: readonly string[]): string {
  const parts = isJsonObject(node) ? node['concat'] : undefined;
  if (isJsonArray(parts)) return parts.map((part, i) => scalarText(part, types[i] ?? '')).join(' . ');
  return scalarText(node, types[0] ?? '');
}

function scalarText(node: JsonValue, type: string): string {
  if (isJsonArray(node)) return node.map(plain).join(',');
  if (isJsonObject(node)) {
    const { prefix, range } = node;
    if (isJsonObject(prefix)) return `${plain(prefix['addr'] ?? '')}/${plain(prefix['len'] ?? '')}`;
    return list(range)
      .map((end) => scalarText(end, type))
      .join('-');
  }
  if (typeof node === 'number' && type === 'mark') return `0x${node.toString(16).padStart(8, '0')}`;
  if (typeof node !== 'string' || node.startsWith('@')) return plain(node);
  return ['ifname', 'iface_index', 'ct_helper'].includes(type) ? quoted(node) : node;
}

function fieldsText(node: JsonValue | undefined): string {
  if (!isJsonObject(node)) return '';
  const { concat, meta, ct, payload } = node;
  if (isJsonArray(concat)) return concat.map(fieldsText).join(' . ');
  const masked = node['&'];
  if (isJsonArray(masked))
    return `${fieldsText(masked[0])} & ${maskText(masked[1]!, typesOf(masked[0])[0] ?? '')}`;
  if (isJsonObject(meta)) {
    const key = plain(meta['key'] ?? '');
    return ['iif', 'iifname', 'oif', 'oifname'].includes(key) ? key : `meta ${key}`;
  }
  if (isJsonObject(ct))
    return `ct ${'dir' in ct ? `${plain(ct['dir'] ?? '')} ` : ''}${plain(ct['key'] ?? '')}`;
  return isJsonObject(payload) ? `${plain(payload['protocol'] ?? '')} ${plain(payload['field'] ?? '')}` : '';
}

function maskText(node: JsonValue, type: string): string {
  return isJsonArray(node) ? `(${node.map(plain).join(' | ')})` : scalarText(node, type);
}

/** Value types of a field or a concatenation of fields. */
function typesOf(node: JsonValue | undefined): ValueType[] {
  if (!isJsonObject(node)) return [];
  const parts = isJsonArray(node['concat']) ? node['concat'] : [node];
  return parts.flatMap((part) => {
    const masked = isJsonObject(part) ? part['&'] : undefined;
    const name = fieldsText(isJsonArray(masked) ? masked[0] : part);
    const field = isField(name) ? name : `meta ${name}`;
    return isField(field) ? [fields[field].type] : [];
  });
}

/** A comment or prefix between quotes; nft has no way to write a quote inside. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', "'")}"`;
}

function plain(node: JsonValue): string {
  return typeof node === 'string' ? node : JSON.stringify(node);
}

function list(node: JsonValue | undefined): JsonArray {
  return node === undefined ? [] : isJsonArray(node) ? node : [node];
}
