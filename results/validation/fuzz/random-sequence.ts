import type { Chance } from '../../../sim/random.ts';
import type { GoldenSequence, GoldenStep } from '../golden-sequence.ts';
import { Draws } from './draws.ts';
import { randomRules, type Setting } from './fuzz-rules.ts';
import { FtpConversation } from './ftp-conversation.ts';
import { TcpConversation, type Shot } from './tcp-conversation.ts';

/** A sequence to be played: a recording without what the kernel did. */
export type PlannedSequence = Omit<GoldenSequence, 'expect'>;

/** The `index`-th random sequence: some flows mixed with each other, and what is done to the firewall meanwhile. */
export function randomSequence(chance: Chance, seed: number, index: number): PlannedSequence {
  const draws = new Draws(chance.stream(`sequence ${String(index)}`, 'fuzz'));
  const family = draws.happens(0.25) ? 'ip6' : 'ip';
  const nat = draws.happens(0.3);
  const setting: Setting = { family, nat, ftp: !nat && draws.happens(0.2) };
  const v6 = setting.family === 'ip6';
  const plain = v6 ? 'fuzz-v6' : 'fuzz';
  const rules = randomRules(draws, setting);
  return {
    name: `fuzz-${String(seed)}-${String(index)}`,
    category: setting.nat ? (v6 ? 'v6-nat' : 'nat-fuzz') : plain,
    family: setting.family,
    sysctls: randomSysctls(draws),
    rules,
    other_rules: {},
    packets: new Mixture(draws, setting, rules.pre !== undefined).steps(),
  };
}

function randomSysctls(draws: Draws): Record<string, number> {
  const sysctls: Record<string, number> = {};
  for (const name of ['tcp_loose', 'checksum']) if (draws.happens(0.12)) sysctls[name] = 0;
  for (const name of ['tcp_be_liberal', 'tcp_ignore_invalid_rst']) if (draws.happens(0.12)) sysctls[name] = 1;
  if (draws.happens(0.1)) sysctls['tcp_max_retrans'] = draws.whole(1, 4);
  if (draws.happens(0.025)) sysctls['nf_conntrack_max'] = draws.whole(1, 5);
  const short = draws.happens(0.3) ? 0.4 : 0;
  for (const name of timeouts) if (draws.happens(short)) sysctls[name] = draws.one([1, 2, 3, 20]);
  return sysctls;
}

const timeouts = [
  ...['syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close']
    .concat(['max_retrans', 'unacknowledged'])
    .map((name) => `tcp_timeout_${name}`),
  ...['udp_timeout', 'udp_timeout_stream', 'icmp_timeout', 'icmpv6_timeout', 'generic_timeout'],
];

/** Between packets; longer than one step of the recorder takes. */
const gapMs = 8;

class Mixture {
  private readonly draws: Draws;
  private readonly setting: Setting;
  /** Whether services are reached through a port of the firewall. */
  private readonly forwarded: boolean;
  private readonly flows: (() => Shot[])[] = [];
  private readonly made: GoldenStep[] = [];
  private datagrams = 0;
  private addressGone = false;
  private nowMs = 0;

  constructor(draws: Draws, setting: Setting, forwarded: boolean) {
    this.draws = draws;
    this.setting = setting;
    this.forwarded = forwarded;
    const count = draws.one([1, 1, 1, 2, 3]);
    for (let flow = 0; flow < count; flow++) this.flows.push(this.flow(flow));
  }

  steps(): GoldenStep[] {
    const draws = this.draws;
    const length = draws.whole(4, 28);
    const slow = draws.happens(0.35);
    for (let turns = 0; turns < 80 && this.made.length < length; turns++) {
      if (draws.happens(0.05) && this.made.length > 0) this.add([this.operation()]);
      else if (draws.happens(0.06)) this.add(this.error());
      else this.add(this.cut(draws.one(this.flows)()));
      if (slow && draws.happens(0.12)) this.nowMs += draws.one([400, 1300, 2300, 3300]);
    }
    return this.made;
  }

  private add(shots: readonly Shot[]): void {
    for (const shot of shots) {
      this.made.push({ ...shot, t_ms: this.nowMs });
      this.nowMs += gapMs;
    }
  }

  /** Now and then one of the packets goes in fragments: in order or not, at once or in two lots, or with a loss. */
  private cut(shots: readonly Shot[]): readonly Shot[] {
    const draws = this.draws;
    if (shots.length === 0 || !draws.happens(0.06)) return shots;
    const at = draws.whole(0, shots.length - 1);
    const shot = { ...shots[at]!, len: draws.whole(200, 2400) };
    if (shot.text !== undefined) return shots;
    const size = draws.one([64, 200, 1000]) + 8 * draws.whole(0, 3);
    const id = (this.datagrams++ % 5000) + 1;
    const count = Math.ceil((shot.len + headerBytes(shot)) / size);
    const order = Array.from({ length: count }, (_, part) => part);
    if (draws.happens(0.4)) order.sort(() => draws.whole(-1, 1));
    if (draws.happens(0.15)) order.splice(draws.whole(0, count - 1), 1);
    const halves = draws.happens(0.4) ? [order.slice(0, 1), order.slice(1)] : [order];
    const pieces = halves
      .filter((parts) => parts.length > 0)
      .map((parts): Shot => ({ ...shot, frag: { size, parts: parts.length === count ? null : parts, id } }));
    return [...shots.slice(0, at), ...pieces, ...shots.slice(at + 1)];
  }

  private flow(number: number): () => Shot[] {
    const draws = this.draws;
    if (this.setting.ftp && draws.happens(0.7)) return this.ftp(number);
    const kind = draws.weighted({ tcp: 68, udp: 15, query: 13, other: this.setting.nat ? 0 : 4 });
    if (kind === 'query') return this.queries(number);
    const ports = { tcp: [80, 8080, 81], udp: [53, 5353, 54], other: [0] }[kind];
    const port = draws.happens(0.93) ? (ports[this.forwarded ? 1 : 0] ?? 0) : draws.one(ports);
    // Two conversations on the same ports: the second finds what the first left behind.
    const sport = 40000 + (draws.happens(0.2) ? 0 : number);
    const [client, server] = this.ends(number, sport, port, draws.happens(0.05));
    if (kind === 'tcp') {
      const called = !this.setting.nat && draws.happens(0.1);
      const talk = called
        ? new TcpConversation(draws, server, client, 's2c')
        : new TcpConversation(draws, client, server, 'c2s');
      return () => talk.shots();
    }
    const proto = kind === 'udp' ? ('udp' as const) : 253;
    return () => {
      const sum =
        kind === 'udp' && draws.happens(0.05) ? { checksum: draws.one(['bad', 'none'] as const) } : {};
      const length = draws.whole(4, 100);
      const dir = draws.happens(0.6) ? 'c2s' : 's2c';
      return [{ dir, proto, len: length, ...(dir === 'c2s' ? client : server), ...sum }];
    };
  }

  /** The fields that both ends' packets bear; translated peers answer to what they saw. */
  private ends(
    flow: number,
    sport: number,
    dport: number,
    reversed: boolean,
  ): [Partial<Shot>, Partial<Shot>] {
    const [c, s] = this.addresses(dport === 8080 || dport === 5353);
    const asked = reversed ? { sport: dport, dport: sport } : { sport, dport };
    if (dport === 0)
      return [
        { flow, src: c, dst: s },
        { flow, src: s, dst: c },
      ];
    const there = { flow, src: c, dst: s, ...asked };
    if (this.setting.nat) return [there, { flow, reply: this.draws.happens(0.8) ? 'last' : 'first' }];
    return [there, { flow, src: s, dst: c, sport: asked.dport, dport: asked.sport }];
  }

  private addresses(translated: boolean): [string, string] {
    const { nat, family } = this.setting;
    // Two clients that use the same port meet behind one address.
    const client = nat && this.draws.happens(0.35) ? 3 : 2;
    return family === 'ip'
      ? [`10.0.1.${client}`, translated && nat ? '10.0.1.1' : '10.0.2.2']
      : [`fd00:1::${client}`, translated && nat ? 'fd00:1::1' : 'fd00:2::2'];
  }

  private ftp(number: number): () => Shot[] {
    const [c, s] = this.addresses(false);
    const talk = new FtpConversation(this.draws, c, s, number);
    return () => talk.shots();
  }

  private queries(flow: number): () => Shot[] {
    const draws = this.draws;
    const v6 = this.setting.family === 'ip6';
    const [c, s] = this.addresses(false);
    const id = 100 + flow;
    const proto = v6 ? ('icmpv6' as const) : ('icmp' as const);
    const kinds = v6 ? queries6 : queries4;
    const [asks, answers] = draws.happens(0.75) ? kinds[0]! : draws.one(kinds);
    const request = { flow, proto, type: asks, code: 0, id, len: 20 };
    const { nat } = this.setting;
    return () => {
      const seq = draws.whole(1, 9);
      const bad = draws.happens(0.03) ? { checksum: 'bad' as const } : {};
      const common = { ...request, ...bad, seq, code: draws.happens(0.04) ? 1 : 0 };
      if (draws.happens(0.05))
        return [{ ...common, type: draws.one(v6 ? odd6 : odd4), dir: 'c2s', src: c, dst: s }];
      if (draws.happens(0.55)) return [{ ...common, dir: 'c2s', src: c, dst: s }];
      const type = draws.happens(0.95) ? answers : asks;
      if (!nat) return [{ ...common, type, dir: 's2c', src: s, dst: c }];
      const answer: Shot = { flow, reply: 'last', proto, type, code: 0, len: 20, dir: 's2c', seq };
      return [answer];
    };
  }

  /** An ICMP error about an earlier packet, from its receiver, a router on the way, or its sender. */
  private error(): Shot[] {
    const draws = this.draws;
    const quotable = this.made.flatMap(({ op, inner, frag }, index) =>
      op === undefined && frag === undefined && (inner === undefined || index % 8 === 0) ? [index] : [],
    );
    if (quotable.length === 0) return [];
    const inner = draws.one(quotable);
    const { dir } = this.made[inner]!;
    const v6 = this.setting.family === 'ip6';
    const from = draws.happens(0.85) === (dir === 'c2s') ? 's' : 'c';
    const hosts = draws.happens(0.7) ? '2' : '99';
    const subnet = from === 'c' ? '1' : '2';
    const src = v6 ? `fd00:${subnet}::${hosts}` : `10.0.${subnet}.${hosts}`;
    const [type, code] = draws.one(v6 ? errors6 : errors4);
    const short = draws.happens(0.2) ? { inner_bytes: (v6 ? 40 : 20) + draws.one(quotedBytes) } : {};
    const bad = draws.happens(0.05) ? { checksum: 'bad' as const } : {};
    const ports = this.made[inner]!.sport !== undefined;
    const other = ports && draws.happens(0.05) && !this.setting.nat ? { inner_sport: 41000 } : {};
    const proto = v6 ? ('icmpv6' as const) : ('icmp' as const);
    const shot: Shot = {
      dir: from === 'c' ? 'c2s' : 's2c',
      proto,
      src,
      type,
      code,
      inner,
      ...short,
      ...bad,
      ...other,
    };
    return [{ ...shot, flow: 90 }];
  }

  /** The address behind which connections are masqueraded goes, and comes back. */
  private readdressing(): string {
    this.addressGone = !this.addressGone;
    const own = this.setting.family === 'ip' ? '10.0.2.1/24 dev s0' : 'fd00:2::1/64 dev s0';
    if (this.addressGone) return `addr del ${own}`;
    return `addr add ${own}${this.setting.family === 'ip' ? '' : ' nodad'}`;
  }

  private operation(): Shot {
    const draws = this.draws;
    const ip = this.setting.nat ? 25 : 0;
    const op = draws.weighted({ reload: 40, flush: 10, delete: 5, rules: 15, sysctl: 15, observe: 15, ip });
    if (op === 'reload') return { op, mode: draws.one(this.setting.nat ? natModes : modes) };
    if (op === 'ip') return { op, cmd: this.readdressing() };
    if (op === 'rules') return { op, rules: randomRules(draws, this.setting) };
    if (op === 'sysctl') {
      return { op, set: { tcp_loose: draws.whole(0, 1), ...randomSysctls(draws) } };
    }
    return { op };
  }
}

/** Bytes of the header that the recorder writes after that of IP. */
function headerBytes({ proto, mss, sack_perm, wscale, sack }: Shot): number {
  if (typeof proto === 'number') return 0;
  if (proto !== 'tcp') return 8;
  const options =
    (mss === undefined ? 0 : 4) +
    (sack_perm === true ? 2 : 0) +
    (wscale === undefined ? 0 : 3) +
    (sack === undefined ? 0 : 2 + 8 * sack.length);
  return 20 + 4 * Math.ceil(options / 4);
}

/** Types of ICMP queries and of their answers; echo first. */
const queries4: (readonly [number, number])[] = [
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
];

const queries6: (readonly [number, number])[] = [
  [128, 129],
  [139, 140],
];

/** Types that are neither query nor error: routers and neighbours, groups, and some that nobody knows. */
const odd4 = [1, 9, 10, 30, 40, 42, 255];
const odd6 = [130, 133, 135, 136, 137, 138, 143, 160, 200, 255];

/** How much of the quoted packet is there behind its IP header: around what ports and ICMP headers need. */
const quotedBytes = [0, 2, 3, 4, 6, 7, 8, 12, 19, 20, 60];

const modes = ['save', 'noflags', 'naive', 'flags', 'liberal'];
const natModes = [...modes, 'natattr', 'nat', 'liberalnat', 'nat', 'liberalnat'];

const errors4: (readonly [number, number])[] = [
  [3, 0],
  [3, 1],
  [3, 3],
  [11, 0],
  [12, 0],
  [4, 0],
  [5, 1],
];

const errors6: (readonly [number, number])[] = [
  [1, 4],
  [1, 0],
  [2, 0],
  [3, 0],
  [4, 0],
  [100, 0],
];
