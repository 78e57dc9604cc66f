import { parseAddress, type Address } from '../../models/network/address.ts';
import { Protocol, TcpFlag } from '../../models/network/packet.ts';
import { StateBit, StatusBit, type Field } from '../../models/security/rule-field.ts';
import { makeRuleset } from '../../models/security/ruleset.ts';
import type {
  Chain,
  Expression,
  MapValue,
  Match,
  Range,
  Rule,
  Ruleset,
} from '../../models/security/ruleset.ts';
import { ScenarioError } from '../../sim/assert.ts';
import type { GoldenMatch, GoldenNatRule, GoldenRules } from './golden-sequence.ts';

/** The rule set of a golden sequence, as nftables would load it (the text in its field `nft`). */
export function goldenRuleset(rules: GoldenRules, family: 4 | 6): Ruleset {
  const chains: Chain[] = [];
  if (rules.raw !== undefined) {
    const raw = rules.raw.map(({ match, zone, zone_dir: direction, notrack }) =>
      rule(match, family, notrack === true ? { kind: 'notrack' } : setZone(zone ?? 0, direction)),
    );
    chains.push(base('raw', 'filter', 'prerouting', -300, 'accept', raw));
  }
  if (rules.marks !== undefined) {
    const marks = rules.marks.map(({ match, mark }) => rule(match, family, setMark(mark)));
    chains.push(base('marks', 'filter', 'prerouting', -140, 'accept', marks));
  }
  const nat = (list: readonly GoldenNatRule[]): Rule[] =>
    list.map((one) => rule(one.match, family, translation(one)));
  if (rules.pre !== undefined) chains.push(base('pre', 'nat', 'prerouting', -100, 'accept', nat(rules.pre)));
  if (rules.post !== undefined)
    chains.push(base('post', 'nat', 'postrouting', 100, 'accept', nat(rules.post)));
  const forward = rules.forward.map(({ match, verdict }) =>
    rule(match, family, { kind: 'verdict', verdict: { kind: verdict } }),
  );
  chains.push(base('forward', 'filter', 'forward', 0, rules.policy, forward));
  if (rules.ftp === true) chains.push(base('helper', 'filter', 'prerouting', -150, 'accept', [helperRule]));
  if (rules.input !== undefined) chains.push(base('input', 'filter', 'input', 0, rules.input, []));
  const named = family === 4 ? ('ip' as const) : ('ip6' as const);
  const helper = { name: 'ftp', type: 'ftp', protocol: 'tcp', family: named } as const;
  const helpers = rules.ftp === true ? [helper] : [];
  return makeRuleset([{ name: 'fw', chains, sets: [], maps: [], counters: [], helpers, family: named }]);
}

function base(
  name: string,
  type: 'filter' | 'nat',
  hook: 'prerouting' | 'input' | 'forward' | 'postrouting',
  priority: number,
  policy: 'accept' | 'drop',
  rules: readonly Rule[],
): Chain {
  return { name, base: { type, hook, priority, policy }, rules };
}

function rule(match: GoldenMatch, family: 4 | 6, statement: Expression): Rule {
  return { expressions: [...matches(match, family), statement], comment: '', place: '' };
}

function setZone(zone: number, direction: 'original' | 'reply' | undefined): Expression {
  const field = direction === undefined ? 'ct zone' : (`ct ${direction} zone` as const);
  return { kind: 'set', field, value: { kind: 'constant', value: values([number(zone)]) } };
}

function setMark(mark: number): Expression {
  return { kind: 'set', field: 'ct mark', value: { kind: 'constant', value: values([number(mark)]) } };
}

const helperRule: Rule = {
  expressions: [equals('tcp dport', number(21)), { kind: 'helper', helper: 'ftp' }],
  comment: '',
  place: '',
};

function translation(nat: GoldenNatRule): Expression {
  const [low, high] = nat.to === undefined ? [] : nat.to.split('-');
  const range: Range | null =
    low === undefined ? null : { kind: 'addresses', low: address(low), high: address(high ?? low) };
  const ports: Range | null =
    nat.ports === undefined ? null : { kind: 'numbers', low: nat.ports[0], high: nat.ports[1] };
  return {
    kind: 'nat',
    action: nat.action,
    addresses: range === null ? null : { kind: 'constant', value: values([range]) },
    ports: ports === null ? null : { kind: 'constant', value: values([ports]) },
    flags: nat.flags ?? [],
  };
}

function matches(match: GoldenMatch, family: 4 | 6): Match[] {
  const list: Match[] = [];
  if (match.iif !== undefined) list.push(equals('meta iifname', { kind: 'name', pattern: `${match.iif}0` }));
  if (match.oif !== undefined) list.push(equals('meta oifname', { kind: 'name', pattern: `${match.oif}0` }));
  if (match.ct_state !== undefined) {
    const bits = match.ct_state.reduce((sum, state) => sum | StateBit[state], 0);
    list.push(bit('ct state', bits));
  }
  if (match.ct_status !== undefined) list.push(bit('ct status', StatusBit[match.ct_status]));
  if (match.saddr !== undefined) {
    const wanted = address(match.saddr);
    list.push(
      equals(family === 4 ? 'ip saddr' : 'ip6 saddr', { kind: 'addresses', low: wanted, high: wanted }),
    );
  }
  if (match.proto !== undefined) list.push(equals('meta l4proto', number(Protocol[match.proto])));
  const transport = match.proto === 'udp' ? 'udp' : 'tcp';
  if (match.dport !== undefined) list.push(equals(`${transport} dport`, number(match.dport)));
  if (match.sport !== undefined) list.push(equals(`${transport} sport`, number(match.sport)));
  if (match.icmp_type !== undefined)
    list.push(equals(match.proto === 'icmpv6' ? 'icmpv6 type' : 'icmp type', number(match.icmp_type)));
  if (match.syn_only === true) {
    const mask = TcpFlag.fin | TcpFlag.syn | TcpFlag.rst | TcpFlag.ack;
    list.push(inKeys('tcp flags', mask, number(TcpFlag.syn)));
  }
  return list;
}

function equals(field: Field, range: Range): Match {
  return inKeys(field, null, range);
}

function inKeys(field: Field, mask: number | null, range: Range): Match {
  return {
    kind: 'match',
    selectors: [{ field, mask }],
    operator: 'in',
    keys: { kind: 'inline', keys: [[range]] },
  };
}

function bit(field: Field, bits: number): Match {
  return {
    kind: 'match',
    selectors: [{ field, mask: null }],
    operator: 'any-bit',
    keys: { kind: 'inline', keys: [[number(bits)]] },
  };
}

function number(value: number): Range {
  return { kind: 'numbers', low: value, high: value };
}

function values(ranges: readonly Range[]): MapValue {
  return { kind: 'values', ranges };
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined)
    throw new ScenarioError([
      { place: 'rules', message: `"${text}" is not an address`, allowed: 'IPv4 or IPv6' },
    ]);
  return parsed;
}
