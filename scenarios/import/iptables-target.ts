import { parseAddress } from '../../models/network/address.ts';
import type {
  LogOptions,
  NatFlag,
  NatStatement,
  Range,
  Rejection,
  SettableField,
  Statement,
  ValueSource,
} from '../../models/security/ruleset.ts';
import { rejections } from './iptables-icmp.ts';
import type { RuleWords } from './iptables-rule.ts';
import { parseValue, rangeBetween } from './nft-value.ts';

/** Reads `-j TARGET` or `-g CHAIN` and the target's options (iptables-extensions(8)). */
export function readIptablesTarget(words: RuleWords): Statement[] {
  const isGoto = words.next() === '-g';
  const name = words.next();
  if (isGoto) return [{ kind: 'verdict', verdict: { kind: 'goto', chain: name } }];
  const reader = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (reader !== undefined) return reader(words);
  if (words.table.hasChain(name)) return [{ kind: 'verdict', verdict: { kind: 'jump', chain: name } }];
  words.refuse(`has the target ${name}, which is not modelled`);
  return [];
}

type Reader = (words: RuleWords) => Statement[];

const targets: Readonly<Record<string, Reader>> = {
  ACCEPT: () => [{ kind: 'verdict', verdict: { kind: 'accept' } }],
  DROP: () => [{ kind: 'verdict', verdict: { kind: 'drop' } }],
  RETURN: () => [{ kind: 'verdict', verdict: { kind: 'return' } }],
  NOTRACK: () => [{ kind: 'notrack' }],
  REJECT: readReject,
  LOG: readLog,
  NFLOG: readLog,
  MARK: (words) => readMark(words, 'meta mark'),
  CONNMARK: readConnectionMark,
  CT: readConnection,
  SNAT: (words) => readNat(words, 'snat'),
  DNAT: (words) => readNat(words, 'dnat'),
  MASQUERADE: (words) => readNat(words, 'masquerade'),
  REDIRECT: (words) => readNat(words, 'redirect'),
};

function readReject(words: RuleWords): Statement[] {
  const own = words.table.family === 'ip6' ? 'icmp6-port-unreachable' : 'icmp-port-unreachable';
  const name = words.take('--reject-with') ? words.next() : own;
  const known: Readonly<Record<string, Rejection>> = rejections;
  const rejection = Object.hasOwn(known, name) ? known[name] : undefined;
  if (rejection === undefined) words.refuse(`rejects with ${name}`);
  return rejection === undefined ? [] : [{ kind: 'reject', rejection }];
}

const logFlags: Readonly<Record<string, string>> = {
  '--log-tcp-sequence': 'tcp sequence',
  '--log-tcp-options': 'tcp options',
  '--log-ip-options': 'ip options',
  '--log-uid': 'skuid',
  '--log-macdecode': 'ether',
};

const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

function readLog(words: RuleWords): Statement[] {
  const log = { prefix: '', level: '', group: -1, snaplen: -1, queueThreshold: -1, flags: [] as string[] };
  while (words.hasMore()) {
    const option = words.next();
    const flag = Object.hasOwn(logFlags, option) ? logFlags[option] : undefined;
    if (flag !== undefined) log.flags.push(flag);
    else if (option === '--log-prefix' || option === '--nflog-prefix') log.prefix = words.next();
    else if (option === '--nflog-group') log.group = Number(words.next());
    else if (option === '--nflog-size') log.snaplen = Number(words.next());
    else if (option === '--nflog-threshold') log.queueThreshold = Number(words.next());
    else if (option === '--log-level') {
      const level = words.next();
      log.level = levels[Number(level)] ?? level;
      if (log.level === 'warn' || log.level === 'warning') log.level = '';
    } else words.refuse(`logs with ${option}, which is not modelled`);
  }
  const options: LogOptions = log;
  return [{ kind: 'log', options }];
}

/** (field & ~mask) ^ value, or with `|` for the options that say so. */
function readMark(words: RuleWords, field: SettableField & ('meta mark' | 'ct mark')): Statement[] {
  const option = words.next();
  const text = words.next();
  const [value, written] = text.split('/').map(markOf);
  const mask = text.includes('/') ? written : 0xffff_ffff;
  if (value === undefined || mask === undefined) {
    words.refuse(`sets the mark ${text}`);
    return [];
  }
  const set = (and: number, xor: number): Statement[] => [
    { kind: 'set', field, value: fieldValue(field, and, xor) },
  ];
  switch (option) {
    case '--set-mark':
      return set(~(mask | value) >>> 0, value);
    case '--set-xmark':
      return set(~mask >>> 0, value);
    case '--and-mark':
      return set(value, 0);
    case '--or-mark':
      return set(~value >>> 0, value);
    case '--xor-mark':
      return set(0xffff_ffff, value);
    default:
      words.refuse(`has ${option}, which is not modelled`);
      return [];
  }
}

function markOf(text: string): number | undefined {
  const value = parseValue('mark', text);
  return value?.kind === 'numbers' ? value.low : undefined;
}

function fieldValue(field: 'meta mark' | 'ct mark', and: number, xor: number): ValueSource {
  if (and !== 0) return { kind: 'field', field, and, xor };
  return { kind: 'constant', value: { kind: 'values', ranges: [{ kind: 'numbers', low: xor, high: xor }] } };
}

function readConnectionMark(words: RuleWords): Statement[] {
  const saves = words.peek() === '--save-mark';
  if (!saves && words.peek() !== '--restore-mark') return readMark(words, 'ct mark');
  words.next();
  const masks = { '--nfmask': 0xffff_ffff, '--ctmask': 0xffff_ffff, '--mask': 0xffff_ffff };
  while (words.hasMore()) {
    const option = words.next();
    const mask = markOf(words.next());
    if (!Object.hasOwn(masks, option) || mask === undefined) words.refuse(`has ${option} of CONNMARK`);
    else masks[option as keyof typeof masks] = mask;
  }
  const kept = saves ? masks['--ctmask'] : masks['--nfmask'];
  const taken = (saves ? masks['--nfmask'] : masks['--ctmask']) & masks['--mask'];
  // Bits of both marks together have no place in one bitwise expression.
  if (kept !== 0xffff_ffff || masks['--mask'] !== 0xffff_ffff)
    words.refuse('keeps part of the mark that it overwrites');
  const from = saves ? 'meta mark' : 'ct mark';
  const value: ValueSource = { kind: 'field', field: from, and: taken >>> 0, xor: 0 };
  return [{ kind: 'set', field: saves ? 'ct mark' : 'meta mark', value }];
}

const zoneOptions: Readonly<Record<string, SettableField>> = {
  '--zone': 'ct zone',
  '--zone-orig': 'ct original zone',
  '--zone-reply': 'ct reply zone',
};

function readConnection(words: RuleWords): Statement[] {
  const statements: Statement[] = [];
  while (words.hasMore()) {
    const option = words.next();
    const field = Object.hasOwn(zoneOptions, option) ? zoneOptions[option] : undefined;
    if (option === '--notrack') statements.push({ kind: 'notrack' });
    else if (option === '--helper') {
      const type = words.next();
      const protocol = words.protocol === 'udp' ? 'udp' : 'tcp';
      // nft helpers have names; that of the kind itself is as good as any.
      words.table.addHelper({ name: type, type, protocol, family: words.table.family });
      statements.push({ kind: 'helper', helper: type });
    } else if (field !== undefined) {
      const zone = parseValue('ct_zone', words.next());
      if (zone === undefined) words.refuse(`has ${option} without a zone`);
      else
        statements.push({
          kind: 'set',
          field,
          value: { kind: 'constant', value: { kind: 'values', ranges: [zone] } },
        });
    } else words.refuse(`has ${option} of CT, which is not modelled`);
  }
  return statements;
}

const natFlagOptions: Readonly<Record<string, NatFlag>> = {
  '--random': 'random',
  '--random-fully': 'fully-random',
  '--persistent': 'persistent',
};

function readNat(words: RuleWords, action: NatStatement['action']): Statement[] {
  let addresses: Range | undefined;
  let ports: Range | undefined;
  const flags: NatFlag[] = [];
  while (words.hasMore()) {
    const option = words.next();
    const flag = Object.hasOwn(natFlagOptions, option) ? natFlagOptions[option] : undefined;
    if (flag !== undefined) flags.push(flag);
    else if (option === '--to-destination' || option === '--to-source') {
      const text = words.next();
      const parts = /^(?:\[([^\]]+)\]|([^:]*)|([0-9a-fA-F:.-]+))(?::(\d+(?:-\d+)?))?$/.exec(text);
      const host = parts?.[1] ?? parts?.[2] ?? parts?.[3] ?? '';
      addresses = host === '' ? undefined : addressRange(host, words.table.family === 'ip6' ? 6 : 4);
      ports = parts?.[4] === undefined ? undefined : portRange(parts[4]);
      if (parts === null || (host !== '' && addresses === undefined)) words.refuse(`has ${option} ${text}`);
    } else if (option === '--to-ports') {
      ports = portRange(words.next());
      if (ports === undefined) words.refuse('has --to-ports without ports');
    } else words.refuse(`has ${option}, which is not modelled`);
  }
  return [{ kind: 'nat', action, addresses: constant(addresses), ports: constant(ports), flags }];
}

function constant(range: Range | undefined): ValueSource | null {
  return range === undefined ? null : { kind: 'constant', value: { kind: 'values', ranges: [range] } };
}

function portRange(text: string): Range | undefined {
  const [low, high = low] = text.split('-').map((part) => parseValue('inet_service', part));
  return rangeBetween(low, high);
}

function addressRange(text: string, family: 4 | 6): Range | undefined {
  const [low, high = low] = text.split('-').map(parseAddress);
  if (low?.family !== family || high?.family !== family) return undefined;
  return rangeBetween({ kind: 'addresses', low, high: low }, { kind: 'addresses', low: high, high });
}
