import { parseAddress, unsignedWords } from '../../models/network/address.ts';
import { StateBit, StatusBit, isField } from '../../models/security/rule-field.ts';
import type { Field, ValueType } from '../../models/security/rule-field.ts';
import type { Key, Match, MatchOperator, Range } from '../../models/security/ruleset.ts';
import type { RuleWords } from './iptables-rule.ts';
import { icmpv6TypeNames, icmpTypeNames } from './iptables-icmp.ts';
import { parseValue, prefixRange, rangeBetween } from './nft-value.ts';

type Reader = (words: RuleWords, negated: boolean) => void;

/** Reads one option and its arguments into a match (iptables-extensions(8)); `words` keeps what was refused. */
export function readIptablesMatch(words: RuleWords, negated: boolean): void {
  const option = words.next();
  const reader = Object.hasOwn(options, option) ? options[option] : undefined;
  if (reader === undefined) words.refuse(`has ${option}, which is not modelled`);
  else reader(words, negated);
}

/** Modules whose options are understood. */
const modules: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'sctp',
  'dccp',
  'udplite',
  'icmp',
  'icmp6',
  'icmpv6',
  'state',
  'conntrack',
  'multiport',
  'iprange',
  'mark',
  'connmark',
  'comment',
  'length',
  'helper',
]);

const options: Readonly<Record<string, Reader>> = {
  '-m': (words) => {
    words.module = words.next();
    if (!modules.has(words.module)) words.refuse(`uses module ${words.module}, which is not modelled`);
  },
  '-p': readProtocol,
  '-s': (words, negated) => readAddresses(words, 'saddr', negated),
  '-d': (words, negated) => readAddresses(words, 'daddr', negated),
  '-i': (words, negated) => readInterface(words, 'meta iifname', negated),
  '-o': (words, negated) => readInterface(words, 'meta oifname', negated),
  '--sport': (words, negated) => readPorts(words, 'sport', negated),
  '--dport': (words, negated) => readPorts(words, 'dport', negated),
  '--sports': (words, negated) => readPorts(words, 'sport', negated),
  '--dports': (words, negated) => readPorts(words, 'dport', negated),
  '--source-port': (words, negated) => readPorts(words, 'sport', negated),
  '--destination-port': (words, negated) => readPorts(words, 'dport', negated),
  '--tcp-flags': (words, negated) => readFlags(words, words.next(), words.next(), negated),
  '--syn': (words, negated) => readFlags(words, 'FIN,SYN,RST,ACK', 'SYN', negated),
  '--icmp-type': (words, negated) => readIcmp(words, 'icmp', negated),
  '--icmpv6-type': (words, negated) => readIcmp(words, 'icmpv6', negated),
  '--state': readState,
  '--ctstate': readState,
  '--ctstatus': readStatus,
  '--ctdir': (words, negated) =>
    readSimple(words, 'ct direction', 'ct_dir', words.next().toLowerCase(), negated),
  '--mark': readMark,
  '--src-range': (words, negated) => readAddressRange(words, 'saddr', negated),
  '--dst-range': (words, negated) => readAddressRange(words, 'daddr', negated),
  '--length': (words, negated) => readColonRange(words, 'meta length', 'length', words.next(), negated),
  '--helper': (words, negated) => readSimple(words, 'ct helper', 'ct_helper', words.next(), negated),
  '--comment': (words) => {
    words.comment = words.next();
  },
};

function add(
  words: RuleWords,
  field: Field,
  keys: readonly Key[],
  negated: boolean,
  mask: number | null = null,
  operators: readonly [MatchOperator, MatchOperator] = ['in', 'not-in'],
): void {
  const match: Match = {
    kind: 'match',
    selectors: [{ field, mask }],
    operator: operators[negated ? 1 : 0],
    keys: { kind: 'inline', keys },
  };
  words.expressions.push(match);
}

function readProtocol(words: RuleWords, negated: boolean): void {
  const name = words.next().toLowerCase();
  if (name === 'all' || name === '0') return;
  const value = parseValue('inet_proto', name);
  if (value === undefined) {
    words.refuse(`has protocol ${name}`);
    return;
  }
  if (!negated) words.protocol = name;
  add(words, 'meta l4proto', [[value]], negated);
}

function readAddresses(words: RuleWords, side: 'saddr' | 'daddr', negated: boolean): void {
  const text = words.next();
  const { family } = words.table;
  const ranges = text.split(',').map((part) => addressRange(part, family === 'ip6' ? 6 : 4));
  if (ranges.some((range) => range === undefined)) words.refuse(`has the address ${text}`);
  const keys = ranges.flatMap((range) => (range === undefined ? [] : [[range]]));
  add(words, family === 'ip6' ? `ip6 ${side}` : `ip ${side}`, keys, negated);
}

/** `a`, `a/bits` or `a/mask`; masks with holes are not modelled. */
function addressRange(text: string, family: 4 | 6): Range | undefined {
  const [host = '', mask] = text.split('/');
  const address = parseAddress(host);
  if (address?.family !== family) return undefined;
  const width = family === 4 ? 32 : 128;
  if (mask === undefined) return prefixRange(address, width);
  return prefixRange(address, /^\d{1,3}$/.test(mask) ? Number(mask) : maskBits(mask, family));
}

function maskBits(mask: string, family: 4 | 6): number {
  const address = parseAddress(mask);
  if (address?.family !== family) return -1;
  const bits = unsignedWords(address)
    .map((word) => word.toString(2).padStart(32, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : -1;
}

function readAddressRange(words: RuleWords, side: 'saddr' | 'daddr', negated: boolean): void {
  const text = words.next();
  const family = words.table.family === 'ip6' ? 6 : 4;
  const [low, high] = text.split('-').map((part) => addressRange(part, family));
  const range = rangeBetween(low, high);
  if (range === undefined) words.refuse(`has the address range ${text}`);
  else add(words, family === 6 ? `ip6 ${side}` : `ip ${side}`, [[range]], negated);
}

function readInterface(words: RuleWords, field: Field, negated: boolean): void {
  const name = words.next();
  // A plus at the end stands for any rest; alone it is every interface.
  if (name === '+' && !negated) return;
  const pattern = name.endsWith('+') ? `${name.slice(0, -1)}*` : name;
  add(words, field, [[{ kind: 'name', pattern }]], negated);
}

function readPorts(words: RuleWords, side: 'sport' | 'dport', negated: boolean): void {
  const text = words.next();
  const field = `${words.protocol} ${side}`;
  const keys = text.split(',').map((part) => colonRange('inet_service', part));
  if (!isField(field))
    words.refuse(`has ports of protocol ${words.protocol === '' ? 'any' : words.protocol}`);
  else if (keys.some((range) => range === undefined)) words.refuse(`has the ports ${text}`);
  else
    add(
      words,
      field,
      keys.flatMap((range) => (range === undefined ? [] : [[range]])),
      negated,
    );
}

/** `a`, `a:b`, `:b` or `a:`. */
function colonRange(type: ValueType, text: string): Range | undefined {
  const [low = '', high] = text.split(':');
  const from = parseValue(type, low === '' ? 0 : low);
  return high === undefined ? from : rangeBetween(from, parseValue(type, high === '' ? 0xffff : high));
}

function readColonRange(
  words: RuleWords,
  field: Field,
  type: ValueType,
  text: string,
  negated: boolean,
): void {
  const range = colonRange(type, text);
  if (range === undefined) words.refuse(`has ${field} ${text}`);
  else add(words, field, [[range]], negated);
}

function readSimple(words: RuleWords, field: Field, type: ValueType, text: string, negated: boolean): void {
  const range = parseValue(type, text);
  if (range === undefined) words.refuse(`has ${field} ${text}`);
  else add(words, field, [[range]], negated);
}

function readFlags(words: RuleWords, maskText: string, valueText: string, negated: boolean): void {
  const mask = bitsOf(maskText, flagBit);
  const value = bitsOf(valueText, flagBit);
  if (mask === undefined || value === undefined) words.refuse(`has the TCP flags ${maskText} ${valueText}`);
  else add(words, 'tcp flags', [number(value)], negated, mask);
}

function flagBit(name: string): number | undefined {
  if (name === 'ALL') return 0x3f;
  if (name === 'NONE') return 0;
  const value = parseValue('tcp_flag', name.toLowerCase());
  return value?.kind === 'numbers' && /^[A-Z]+$/.test(name) ? value.low : undefined;
}

function bitsOf(text: string, bit: (name: string) => number | undefined): number | undefined {
  let bits = 0;
  for (const name of text.split(',')) {
    const value = bit(name);
    if (value === undefined) return undefined;
    bits |= value;
  }
  return bits;
}

function number(value: number): Key {
  return [{ kind: 'numbers', low: value, high: value }];
}

function readIcmp(words: RuleWords, protocol: 'icmp' | 'icmpv6', negated: boolean): void {
  const text = words.next();
  if (text === 'any' || text === '255') return;
  const names = protocol === 'icmp' ? icmpTypeNames : icmpv6TypeNames;
  const [type = '', code] = (Object.hasOwn(names, text) ? names[text]! : text).split('/');
  if (!/^\d{1,3}$/.test(type) || (code !== undefined && !/^\d{1,3}$/.test(code)))
    words.refuse(`has the ${protocol} type ${text}`);
  else if (negated && code !== undefined) words.refuse(`excludes the ${protocol} type and code ${text}`);
  else {
    add(words, `${protocol} type`, [number(Number(type))], negated);
    if (code !== undefined) add(words, `${protocol} code`, [number(Number(code))], false);
  }
}

const anyBit: readonly [MatchOperator, MatchOperator] = ['any-bit', 'no-bit'];

/** `--ctstate` also takes SNAT and DNAT, which are bits of the status. */
function readState(words: RuleWords, negated: boolean): void {
  const text = words.next();
  const states = bitsOf(text, (name) => lookUp(StateBit, name.toLowerCase()));
  const statuses = bitsOf(text, (name) =>
    name === 'SNAT' || name === 'DNAT' ? lookUp(StatusBit, name.toLowerCase()) : undefined,
  );
  if (states !== undefined) add(words, 'ct state', [number(states)], negated, null, anyBit);
  else if (statuses !== undefined) add(words, 'ct status', [number(statuses)], negated, null, anyBit);
  else words.refuse(`has the connection state ${text}`);
}

function readStatus(words: RuleWords, negated: boolean): void {
  const text = words.next();
  const bits = bitsOf(text, (name) => lookUp(StatusBit, name.toLowerCase().replace('_', '-')));
  if (text === 'NONE') add(words, 'ct status', [number(0)], negated);
  else if (bits === undefined) words.refuse(`has the connection status ${text}`);
  else add(words, 'ct status', [number(bits)], negated, null, anyBit);
}

function lookUp(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function readMark(words: RuleWords, negated: boolean): void {
  const text = words.next();
  const [value, mask] = text.split('/').map((part) => parseValue('mark', part));
  const field = words.module === 'connmark' ? 'ct mark' : 'meta mark';
  if (value === undefined || (text.includes('/') && mask?.kind !== 'numbers'))
    words.refuse(`has the mark ${text}`);
  else add(words, field, [[value]], negated, mask?.kind === 'numbers' ? mask.low : null);
}
