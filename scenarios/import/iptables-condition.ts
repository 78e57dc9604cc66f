import { formatAddress } from '../../models/network/address.ts';
import { NfProto, StateBit, StatusBit, fields } from '../../models/security/rule-field.ts';
import type { Field } from '../../models/security/rule-field.ts';
import type { ChainHook, Key, Match, Range, Selector } from '../../models/security/ruleset.ts';
import type { RuleScope } from './iptables-rule-writer.ts';
import { symbolName, symbols } from './nft-symbols.ts';
import { prefixLength } from './nft-value.ts';

/** What one rule of iptables asks for. */
export interface Condition {
  readonly protocol: number | null;
  readonly notProtocol: number | null;
  readonly icmp: { readonly type: number | null; readonly code: number | null } | null;
  readonly options: readonly string[];
}

const nothing: Condition = { protocol: null, notProtocol: null, icmp: null, options: [] };

/** Both conditions together: none when they exclude each other. */
export function bothConditions(a: Condition, b: Condition): Condition[] {
  const protocol = a.protocol ?? b.protocol;
  const notProtocol = a.notProtocol ?? b.notProtocol;
  if (a.protocol !== null && b.protocol !== null && a.protocol !== b.protocol) return [];
  if (protocol !== null && protocol === notProtocol) return [];
  const icmp =
    a.icmp === null
      ? b.icmp
      : b.icmp === null
        ? a.icmp
        : { type: a.icmp.type ?? b.icmp.type, code: a.icmp.code ?? b.icmp.code };
  return [
    {
      protocol,
      notProtocol: protocol === null ? notProtocol : null,
      icmp,
      options: [...a.options, ...b.options],
    },
  ];
}

/** The options of a rule, each with a space in front. */
export function optionText({ protocol, notProtocol, icmp, options }: Condition): string {
  const parts: string[] = [];
  if (protocol !== null) parts.push(`-p ${symbolName('inet_proto', protocol) ?? protocol}`);
  if (notProtocol !== null) parts.push(`! -p ${symbolName('inet_proto', notProtocol) ?? notProtocol}`);
  if (icmp?.type != null) {
    const code = icmp.code === null ? '' : `/${icmp.code}`;
    parts.push(
      protocol === 1
        ? `-m icmp --icmp-type ${icmp.type}${code}`
        : `-m icmp6 --icmpv6-type ${icmp.type}${code}`,
    );
  }
  return [...parts, ...options].map((part) => ` ${part}`).join('');
}

/** The conditions of which one holds where the match does; a text when iptables cannot say it. */
export function matchConditions(match: Match, scope: RuleScope): Condition[] | string {
  const { selectors, operator, keys } = match;
  if (operator === 'any-bit' || operator === 'no-bit') {
    const key = keys.kind === 'inline' ? keys.keys[0]?.[0] : undefined;
    const bits = key?.kind === 'numbers' ? key.low : 0;
    return bitCondition(selectors[0]!.field, bits, operator === 'no-bit');
  }
  const list =
    keys.kind === 'inline'
      ? keys.keys
      : (scope.table.sets.find(({ name }) => name === keys.set)?.elements ?? []);
  return keyConditions(selectors, list, operator === 'not-in', scope);
}

/** One condition per key, or one that excludes them all. */
export function keyConditions(
  selectors: readonly Selector[],
  keys: readonly Key[],
  negated: boolean,
  scope: RuleScope,
): Condition[] | string {
  const only = selectors[0]!;
  const isPorts = selectors.length === 1 && fields[only.field].type === 'inet_service';
  if (isPorts && (negated || keys.length > 1) && keys.length <= 7)
    return portConditions(
      only.field,
      keys.map((key) => key[0]!),
      negated,
      scope,
    );
  if (negated && (keys.length > 1 || selectors.length > 1)) return `excludes several values of ${only.field}`;
  const all: Condition[] = [];
  for (const key of keys) {
    let conditions: Condition[] = [nothing];
    for (const [i, selector] of selectors.entries()) {
      const found = rangeCondition(selector, key[i]!, negated, scope);
      if (typeof found === 'string') return found;
      conditions = conditions.flatMap((a) => found.flatMap((b) => bothConditions(a, b)));
    }
    all.push(...conditions);
  }
  return all;
}

function option(text: string): Condition[] {
  return [{ ...nothing, options: [text] }];
}

/** Bits of `ct state`, `ct status` and `tcp flags`, of which one is set, or none. */
function bitCondition(field: Field, bits: number, negated: boolean): Condition[] | string {
  const not = negated ? '! ' : '';
  const names = (table: Readonly<Record<string, number>>): string =>
    Object.keys(table)
      .filter((name) => (table[name]! & bits) !== 0)
      .map((name) => name.toUpperCase().replace('-', '_'))
      .join(',');
  if (field === 'ct state') return option(`-m conntrack ${not}--ctstate ${names(StateBit)}`);
  if (field === 'ct status') {
    const nat = StatusBit.snat | StatusBit.dnat;
    if ((bits & ~nat) === 0) return option(`-m conntrack ${not}--ctstate ${names(StatusBit)}`);
    return (bits & nat) === 0
      ? option(`-m conntrack ${not}--ctstatus ${names(StatusBit)}`)
      : 'mixes NAT and other bits of ct status';
  }
  const none = `-m tcp ${negated ? '' : '! '}--tcp-flags ${flagNames(bits)} NONE`;
  return field === 'tcp flags' ? [{ ...nothing, protocol: 6, options: [none] }] : `asks for bits of ${field}`;
}

function flagNames(bits: number): string {
  const table = symbols.tcp_flag ?? {};
  const names = Object.keys(table).filter((name) => (table[name]! & bits) !== 0);
  return names.length === 0 ? 'NONE' : names.join(',').toUpperCase();
}

const interfaceOptions: Readonly<Partial<Record<Field, string>>> = {
  'meta iifname': '-i',
  'meta iif': '-i',
  'meta oifname': '-o',
  'meta oif': '-o',
};

/** Built-in chains in which iptables refuses `-i` or `-o`. */
const noInInterface: readonly ChainHook[] = ['output', 'postrouting'];
const noOutInterface: readonly ChainHook[] = ['prerouting', 'input'];

function rangeCondition(
  { field, mask }: Selector,
  range: Range,
  negated: boolean,
  scope: RuleScope,
): Condition[] | string {
  const not = negated ? '! ' : '';
  if (range.kind === 'addresses')
    return mask === null ? addressCondition(field, range, not, scope) : `has a mask on ${field}`;
  if (range.kind === 'name') {
    const name = range.pattern.endsWith('*') ? `${range.pattern.slice(0, -1)}+` : range.pattern;
    if (field === 'ct helper') return option(`-m helper ${not}--helper ${name}`);
    const side = interfaceOptions[field] ?? '-i';
    const lacking = side === '-i' ? noInInterface : noOutInterface;
    if (scope.hook !== null && lacking.includes(scope.hook)) return `asks for ${field} at ${scope.hook}`;
    return option(`${not}${side} ${name}`);
  }
  return numberCondition(field, mask, range, negated, scope);
}

function numberCondition(
  field: Field,
  mask: number | null,
  range: Range & { kind: 'numbers' },
  negated: boolean,
  scope: RuleScope,
): Condition[] | string {
  const { low, high } = range;
  const not = negated ? '! ' : '';
  const single = low === high;
  const text = single ? String(low) : `${low}:${high}`;
  switch (field) {
    case 'meta mark':
    case 'ct mark': {
      if (!single) return `compares ${field} with a range`;
      const value = `0x${low.toString(16)}${mask === null ? '' : `/0x${mask.toString(16)}`}`;
      return option(`-m ${field === 'ct mark' ? 'connmark' : 'mark'} ${not}--mark ${value}`);
    }
    case 'tcp flags':
      if (mask === null || !single) return 'compares all TCP flags';
      return [
        {
          ...nothing,
          protocol: 6,
          options: [`-m tcp ${not}--tcp-flags ${flagNames(mask)} ${flagNames(low)}`],
        },
      ];
    case 'ct state':
    case 'ct status':
      // One state is one bit; several bits of the status at once cannot be asked for.
      return single && mask === null && field === 'ct state'
        ? bitCondition(field, low, negated)
        : `compares all of ${field}`;
    case 'ct direction':
      return option(`-m conntrack --ctdir ${(low === 0) === negated ? 'REPLY' : 'ORIGINAL'}`);
    case 'meta nfproto':
    case 'meta protocol':
      return familyCondition(low, high, negated, scope);
    case 'meta length':
    case 'ip length':
      return option(`-m length ${not}--length ${text}`);
    default:
      return mask === null ? headerCondition(field, range, negated, scope) : `has a mask on ${field}`;
  }
}

/** Protocols, ports and ICMP types. */
function headerCondition(
  field: Field,
  range: Range & { kind: 'numbers' },
  negated: boolean,
  scope: RuleScope,
): Condition[] | string {
  const { low, high } = range;
  const single = low === high;
  const { protocol, nfproto, type } = fields[field];
  if (nfproto !== null && nfproto !== nfprotoOf(scope)) return [];
  if (type === 'inet_proto') {
    if (!single) return `compares ${field} with a range`;
    return [negated ? { ...nothing, notProtocol: low } : { ...nothing, protocol: low }];
  }
  if (type === 'inet_service') return portConditions(field, [range], negated, scope);
  if (protocol === null || !single || negated) return `asks for ${field}`;
  const isType = field.endsWith('type');
  return [{ ...nothing, protocol, icmp: { type: isType ? low : null, code: isType ? null : low } }];
}

function portConditions(
  field: Field,
  ranges: readonly Range[],
  negated: boolean,
  { family }: RuleScope,
): Condition[] | string {
  const { protocol } = fields[field];
  // Without a protocol of its own the rule's must do, and iptables wants it in the rule: one for each.
  const protocols = protocol === null ? [6, 17] : [protocol];
  if (protocol === null && negated) return `excludes ports of any protocol (${family})`;
  const side = field.endsWith('sport') ? 'sports' : 'dports';
  const list = ranges.map((range) => {
    if (range.kind !== 'numbers') return '';
    return range.low === range.high ? String(range.low) : `${range.low}:${range.high}`;
  });
  return protocols.map((number) => ({
    ...nothing,
    protocol: number,
    options: [`-m multiport ${negated ? '! ' : ''}--${side} ${list.join(',')}`],
  }));
}

function familyCondition(low: number, high: number, negated: boolean, scope: RuleScope): Condition[] {
  const own = nfprotoOf(scope);
  return (own >= low && own <= high) === negated ? [] : [nothing];
}

function nfprotoOf({ family }: RuleScope): number {
  return family === 'ip' ? NfProto.ipv4 : NfProto.ipv6;
}

function addressCondition(
  field: Field,
  { low, high }: Range & { kind: 'addresses' },
  not: string,
  scope: RuleScope,
): Condition[] {
  if (fields[field].nfproto !== nfprotoOf(scope)) return [];
  const isSource = field.endsWith('saddr');
  const length = prefixLength(low, high);
  if (length >= 0) return option(`${not}${isSource ? '-s' : '-d'} ${formatAddress(low)}/${length}`);
  return option(
    `-m iprange ${not}--${isSource ? 'src' : 'dst'}-range ${formatAddress(low)}-${formatAddress(high)}`,
  );
}
