import { formatAddress } from '../../models/network/address.ts';
import type {
  LogOptions,
  NatFlag,
  NatStatement,
  Range,
  Rejection,
  SettableField,
  Statement,
  ValueSource,
  Verdict,
} from '../../models/security/ruleset.ts';
import { rejections } from './iptables-icmp.ts';
import type { RuleScope } from './iptables-rule-writer.ts';

/** ` -j TARGET …`, and the protocol that the target needs; or why there is none. */
export type Target =
  | { readonly text: string; readonly protocol: number | null; readonly isForeign: boolean }
  | { readonly fault: string };

export function verdictTarget(verdict: Verdict, { chainName }: RuleScope): string {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return ` -j ${verdict.kind.toUpperCase()}`;
    case 'jump':
      return ` -j ${chainName(verdict.chain)}`;
    case 'goto':
      return ` -g ${chainName(verdict.chain)}`;
    case 'continue':
      return '';
  }
}

/** The target of a statement that takes no value from a map. */
export function constantTarget(statement: Statement, scope: RuleScope): Target {
  const target = (text: string, protocol: number | null = null): Target => ({
    text: ` -j ${text}`,
    protocol,
    isForeign: false,
  });
  const raw = (text: string): Target =>
    scope.iptablesTable === 'raw' ? target(text) : { fault: `has "${text}" outside of the raw table` };
  switch (statement.kind) {
    case 'verdict':
      return { text: verdictTarget(statement.verdict, scope), protocol: null, isForeign: false };
    case 'reject': {
      const name = rejectionName(statement.rejection, scope);
      if (name === undefined)
        return { fault: `rejects with ${statement.rejection.type} ${statement.rejection.code}` };
      return target(`REJECT --reject-with ${name}`, name === 'tcp-reset' ? 6 : null);
    }
    case 'log':
      return target(logTarget(statement.options));
    case 'notrack':
      return raw('CT --notrack');
    case 'set':
      return setTarget(statement.field, statement.value, target, raw);
    case 'helper': {
      const helper = scope.table.helpers.find(({ name }) => name === statement.helper);
      if (helper === undefined) return { fault: `refers to ct helper ${statement.helper}` };
      const made = raw(`CT --helper ${helper.type}`);
      return 'fault' in made ? made : { ...made, protocol: helper.protocol === 'udp' ? 17 : 6 };
    }
    case 'nat':
      return natTarget(statement, scope, target);
    case 'named-counter':
    case 'counter':
    case 'verdict-map':
      return { fault: `has a ${statement.kind}` };
  }
}

/** Codes of icmpx in either family (nft_reject_icmp_code, nft_reject_icmpv6_code). */
const icmpxNames = {
  ip: ['icmp-net-unreachable', 'icmp-port-unreachable', 'icmp-host-unreachable', 'icmp-admin-prohibited'],
  ip6: ['icmp6-no-route', 'icmp6-port-unreachable', 'icmp6-addr-unreachable', 'icmp6-adm-prohibited'],
} as const;

function rejectionName({ type, code }: Rejection, { family }: RuleScope): string | undefined {
  if (type === 'icmpx') return icmpxNames[family][code];
  return Object.entries(rejections).find(
    ([, known]) => known.type === type && (known.code === code || type === 'tcp-reset'),
  )?.[0];
}

function logTarget({ prefix, level, group, snaplen, queueThreshold, flags }: LogOptions): string {
  const options: string[] = [];
  const isNflog = group >= 0;
  if (prefix !== '') options.push(`${isNflog ? '--nflog-prefix' : '--log-prefix'} ${quoted(prefix)}`);
  if (isNflog) {
    options.push(`--nflog-group ${group}`);
    if (snaplen >= 0) options.push(`--nflog-size ${snaplen}`);
    if (queueThreshold >= 0) options.push(`--nflog-threshold ${queueThreshold}`);
    return ['NFLOG', ...options].join(' ');
  }
  if (level !== '') options.push(`--log-level ${level}`);
  for (const flag of flags) options.push(...(logFlagOptions[flag] ?? []));
  return ['LOG', ...options].join(' ');
}

const logFlagOptions: Readonly<Record<string, readonly string[]>> = {
  'tcp sequence': ['--log-tcp-sequence'],
  'tcp options': ['--log-tcp-options'],
  'ip options': ['--log-ip-options'],
  skuid: ['--log-uid'],
  ether: ['--log-macdecode'],
  all: ['--log-tcp-sequence', '--log-tcp-options', '--log-ip-options', '--log-uid', '--log-macdecode'],
};

function setTarget(
  field: SettableField,
  value: ValueSource,
  target: (text: string) => Target,
  raw: (text: string) => Target,
): Target {
  const constant =
    value.kind === 'constant' && value.value.kind === 'values' ? value.value.ranges[0] : undefined;
  const number = constant?.kind === 'numbers' ? constant.low : undefined;
  switch (field) {
    case 'ct zone':
      return number === undefined ? { fault: 'computes a zone' } : raw(`CT --zone ${number}`);
    case 'ct original zone':
      return number === undefined ? { fault: 'computes a zone' } : raw(`CT --zone-orig ${number}`);
    case 'ct reply zone':
      return number === undefined ? { fault: 'computes a zone' } : raw(`CT --zone-reply ${number}`);
    case 'meta mark':
    case 'ct mark': {
      const module = field === 'meta mark' ? 'MARK' : 'CONNMARK';
      if (number !== undefined) return target(`${module} --set-xmark ${hex(number)}/0xffffffff`);
      if (value.kind !== 'field') return { fault: `sets ${field} from a map` };
      const { and, xor } = value;
      if (value.field === field) return target(`${module} --set-xmark ${hex(xor)}/${hex(~and >>> 0)}`);
      const other = field === 'meta mark' ? 'ct mark' : 'meta mark';
      if (value.field !== other || xor !== 0) return { fault: `sets ${field} from ${value.field}` };
      const masks =
        field === 'meta mark'
          ? `--nfmask 0xffffffff --ctmask ${hex(and)}`
          : `--nfmask ${hex(and)} --ctmask 0xffffffff`;
      return target(`CONNMARK ${field === 'meta mark' ? '--restore-mark' : '--save-mark'} ${masks}`);
    }
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

const natFlagOptions = {
  random: '--random',
  'fully-random': '--random-fully',
  persistent: '--persistent',
} as const;

/** Flags that each target takes (iptables-extensions(8)). */
const natFlagsOf: Readonly<Record<NatStatement['action'], readonly NatFlag[]>> = {
  snat: ['random', 'fully-random', 'persistent'],
  dnat: ['random', 'persistent'],
  masquerade: ['random', 'fully-random'],
  redirect: ['random'],
};

function natTarget(statement: NatStatement, scope: RuleScope, target: (text: string) => Target): Target {
  const { action, flags } = statement;
  const ranges = [...rangesOf(statement.addresses), ...rangesOf(statement.ports)];
  const address = ranges.find((range) => range.kind === 'addresses');
  const ports = ranges.find((range) => range.kind === 'numbers');
  const portText =
    ports === undefined ? '' : ports.low === ports.high ? String(ports.low) : `${ports.low}-${ports.high}`;
  const stray = flags.find((flag) => !natFlagsOf[action].includes(flag));
  if (stray !== undefined) return { fault: `has ${action} ${stray}, which iptables has not` };
  if (address !== undefined && address.low.family !== (scope.family === 'ip' ? 4 : 6))
    return { text: '', protocol: null, isForeign: true };
  const options = flags.map((flag) => natFlagOptions[flag]);
  if (action === 'snat' || action === 'dnat') {
    const to = `${addressText(address, portText !== '')}${portText === '' ? '' : `:${portText}`}`;
    return target(
      [action.toUpperCase(), action === 'snat' ? '--to-source' : '--to-destination', to, ...options].join(
        ' ',
      ),
    );
  }
  return target(
    [action.toUpperCase(), ...(portText === '' ? [] : ['--to-ports', portText]), ...options].join(' '),
  );
}

function rangesOf(source: ValueSource | null): readonly Range[] {
  return source?.kind === 'constant' && source.value.kind === 'values' ? source.value.ranges : [];
}

/** An IPv6 range in front of ports stands in one pair of brackets. */
function addressText(range: (Range & { kind: 'addresses' }) | undefined, withPorts: boolean): string {
  if (range === undefined) return '';
  const [low, high] = [formatAddress(range.low), formatAddress(range.high)];
  const text = low === high ? low : `${low}-${high}`;
  return withPorts && range.low.family === 6 ? `[${text}]` : text;
}

/** A comment or prefix between quotes. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
