import type { GoldenMatch, GoldenNatRule, GoldenRules } from '../golden-sequence.ts';
import type { Draws } from './draws.ts';

/** What a sequence is about: plain filtering or translation, IPv4 or IPv6. */
export interface Setting {
  readonly family: 'ip' | 'ip6';
  readonly nat: boolean;
  /** Connections to port 21 have the FTP helper. */
  readonly ftp: boolean;
}

/** A rule set, one of the usual ones or of rules put together at random. */
export function randomRules(draws: Draws, setting: Setting): GoldenRules {
  const rules = unmarkedRules(draws, setting);
  return draws.happens(0.1) ? { ...rules, marks: draws.one(marks) } : rules;
}

function unmarkedRules(draws: Draws, setting: Setting): GoldenRules {
  if (setting.nat) {
    const nat = draws.one(natRules(setting.family));
    return draws.happens(0.1) ? { ...nat, raw: draws.one(directedZones) } : nat;
  }
  const usual = filterRules(setting.family);
  const rules = draws.happens(0.85) ? draws.one(usual) : { policy: policy(draws), forward: forward(draws) };
  const zoned = draws.happens(0.14) ? { ...rules, raw: draws.one([...rawChains, ...directedZones]) } : rules;
  return setting.ftp ? { ...zoned, ftp: true } : zoned;
}

const marks: NonNullable<GoldenRules['marks']>[] = [
  [{ match: { iif: 'c' }, mark: 5 }],
  [{ match: { ct_state: ['new'] }, mark: 9 }],
  [
    { match: { proto: 'tcp' }, mark: 4_000_000_000 },
    { match: { ct_state: ['established'], iif: 's' }, mark: 1 },
  ],
];

type ForwardRule = GoldenRules['forward'][number];

const invalid: ForwardRule = { match: { ct_state: ['invalid'] }, verdict: 'drop' };
const replies: ForwardRule = { match: { ct_state: ['established', 'related'] }, verdict: 'accept' };
const translated: ForwardRule = { match: { ct_status: 'dnat' }, verdict: 'accept' };

function opening(match: GoldenMatch): ForwardRule {
  return { match: { ct_state: ['new'], ...match }, verdict: 'accept' };
}

function filterRules(family: 'ip' | 'ip6'): GoldenRules[] {
  const echo = family === 'ip' ? ({ proto: 'icmp', icmp_type: 8 } as const) : echo6;
  const services = [
    opening({ iif: 'c', proto: 'tcp', dport: 80 }),
    opening({ iif: 'c', proto: 'tcp', dport: 21 }),
    opening({ iif: 'c', proto: 'udp', dport: 53 }),
    opening({ iif: 'c', ...echo }),
  ];
  const standard = [invalid, replies, ...services];
  const established: ForwardRule = { match: { ct_state: ['established'] }, verdict: 'accept' };
  const untracked: ForwardRule = { match: { ct_state: ['untracked'] }, verdict: 'accept' };
  const synOnly = opening({ iif: 'c', proto: 'tcp', dport: 80, syn_only: true });
  return [
    { policy: 'drop', forward: standard },
    { policy: 'drop', forward: [...standard, opening({ iif: 's' })] },
    {
      policy: 'drop',
      forward: [invalid, replies, synOnly, opening({ iif: 's', proto: 'tcp', syn_only: true })],
    },
    { policy: 'accept', forward: [established] },
    { policy: 'drop', forward: [invalid, established, ...services] },
    { policy: 'drop', forward: [untracked, ...standard] },
  ];
}

const echo6 = { proto: 'icmpv6', icmp_type: 128 } as const;

const rawChains: NonNullable<GoldenRules['raw']>[] = [
  [
    { match: { iif: 'c' }, zone: 1 },
    { match: { iif: 's' }, zone: 2 },
  ],
  [{ match: {}, zone: 7 }],
  [{ match: { iif: 'c' }, zone: 1 }],
  [{ match: { proto: 'tcp' }, notrack: true }],
  [{ match: { proto: 'tcp', iif: 's' }, notrack: true }],
];

/** Zones that hold for one direction: the other side of the connection is in zone 0. */
const directedZones: NonNullable<GoldenRules['raw']>[] = [
  [
    { match: { iif: 'c' }, zone: 1, zone_dir: 'original' },
    { match: { iif: 's' }, zone: 1, zone_dir: 'reply' },
  ],
  [{ match: { iif: 'c' }, zone: 1, zone_dir: 'original' }],
  [{ match: {}, zone: 3, zone_dir: 'original' }],
  [{ match: {}, zone: 3, zone_dir: 'reply' }],
  [
    { match: { iif: 'c' }, zone: 1, zone_dir: 'original' },
    { match: { iif: 's' }, zone: 2 },
  ],
];

function policy(draws: Draws): 'accept' | 'drop' {
  return draws.one(['accept', 'drop']);
}

function forward(draws: Draws): ForwardRule[] {
  return Array.from({ length: draws.whole(1, 5) }, () => ({
    match: randomMatch(draws),
    verdict: draws.happens(0.7) ? 'accept' : 'drop',
  }));
}

function randomMatch(draws: Draws): GoldenMatch {
  const states = (['new', 'established', 'related', 'invalid', 'untracked'] as const).filter(() =>
    draws.happens(0.4),
  );
  const proto = draws.one(['tcp', 'udp'] as const);
  return {
    ...(states.length > 0 ? { ct_state: states } : {}),
    ...(draws.happens(0.4) ? { iif: draws.one(['c', 's'] as const) } : {}),
    ...(draws.happens(0.4) ? { proto } : {}),
  };
}

function natRules(family: 'ip' | 'ip6'): GoldenRules[] {
  const masquerade: GoldenNatRule[] = [{ match: { oif: 's' }, action: 'masquerade' }];
  const outbound = [invalid, replies, opening({ iif: 'c' })];
  const inbound = [invalid, replies, translated];
  const server = family === 'ip' ? '10.0.2.2' : 'fd00:2::2';
  const toServer = (proto: 'tcp' | 'udp', port: number): GoldenNatRule => ({
    match: { iif: 'c', proto, dport: port === 80 ? 8080 : 5353 },
    action: 'dnat',
    to: server,
    ports: [port, port],
  });
  const services = [toServer('tcp', 80), toServer('udp', 53)];
  const toItself = (['tcp', 'udp'] as const).map((proto): GoldenNatRule => ({
    match: { iif: 'c', proto, dport: 81 },
    action: 'redirect',
    ports: [82, 82],
  }));
  const fixed = family === 'ip' ? '10.0.2.50' : 'fd00:2::50';
  const snat: GoldenNatRule[] = [{ match: { oif: 's' }, action: 'snat', to: fixed }];
  const onePort = (proto: 'tcp' | 'udp'): GoldenNatRule => ({
    match: { oif: 's', proto },
    action: 'snat',
    to: fixed,
    ports: [5000, 5000],
  });
  const narrow: GoldenNatRule[] = [
    { match: { oif: 's' }, action: 'snat', to: fixed, ports: [6000, 6002] },
    { match: { oif: 's' }, action: 'snat', to: fixed, ports: [40_000, 40_001] },
    { match: { oif: 's' }, action: 'masquerade', flags: ['random'] },
    { match: { oif: 's' }, action: 'snat', to: fixed, flags: ['fully-random'] },
  ];
  return [
    ...[...poolRules(family), ...narrow].map((rule) => ({
      policy: 'drop' as const,
      forward: outbound,
      post: forEachTransport(rule),
    })),
    { policy: 'drop', forward: outbound, post: [onePort('tcp'), onePort('udp')] },
    { policy: 'drop', forward: outbound, post: masquerade, input: 'drop' },
    { policy: 'drop', forward: outbound, post: masquerade, input: 'accept' },
    { policy: 'accept', forward: [], post: masquerade, input: 'drop' },
    { policy: 'drop', forward: outbound, post: snat },
    { policy: 'drop', forward: [...outbound, opening({ iif: 's' })], post: snat },
    { policy: 'drop', forward: outbound },
    { policy: 'drop', forward: inbound, pre: services, input: 'drop' },
    { policy: 'drop', forward: [...inbound, opening({ iif: 's' })], pre: services, input: 'drop' },
    { policy: 'drop', forward: inbound, pre: services, post: masquerade, input: 'drop' },
    { policy: 'drop', forward: outbound, pre: services },
    { policy: 'drop', forward: outbound, pre: toItself, post: masquerade, input: 'accept' },
  ];
}

/** Several addresses to choose from. */
function poolRules(family: 'ip' | 'ip6'): GoldenNatRule[] {
  const to = family === 'ip' ? '10.0.2.50-10.0.2.53' : 'fd00:2::50-fd00:2::53';
  const rule: GoldenNatRule = { match: { oif: 's' }, action: 'snat', to };
  return [rule, { ...rule, flags: ['persistent'] }, { ...rule, ports: [7000, 7001] }];
}

/** nft wants a protocol where ports are named. */
function forEachTransport(rule: GoldenNatRule): GoldenNatRule[] {
  if (rule.ports === undefined) return [rule];
  return (['tcp', 'udp'] as const).map((proto) => ({ ...rule, match: { ...rule.match, proto } }));
}
