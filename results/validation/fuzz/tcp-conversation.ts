import type { GoldenStep } from '../golden-sequence.ts';
import type { Draws } from './draws.ts';

/** A step without its time. */
export type Shot = Omit<GoldenStep, 't_ms'>;

/** One end of a conversation: what it sent, and what it has of the other. */
interface End {
  readonly dir: 'c2s' | 's2c';
  readonly address: Partial<Shot>;
  isn: number;
  /** Next sequence number to send. */
  next: number;
  /** Next number expected of the other end: what this end acknowledges. */
  expected: number;
  window: number;
  scale: number | null;
  sack: boolean;
}

/**
 * Two TCP ends that talk mostly as they should, and now and then lose, repeat, delay, reset, or send something
 * near an edge of the window test. Not a TCP: what matters is that its packets reach every corner.
 */
export class TcpConversation {
  private readonly draws: Draws;
  private readonly client: End;
  private readonly server: End;
  private readonly sent: Shot[] = [];
  private delayed: Shot | null = null;
  private opening: number;

  /** `client` is the end that opens the connection, by packets that go in direction `dir`. */
  constructor(draws: Draws, client: Partial<Shot>, server: Partial<Shot>, dir: 'c2s' | 's2c') {
    this.draws = draws;
    this.client = randomEnd(draws, dir, client);
    this.server = randomEnd(draws, dir === 'c2s' ? 's2c' : 'c2s', server);
    // A conversation picked up in its middle has exchanged its numbers before.
    this.opening = draws.happens(0.8) ? 0 : 3;
    if (this.opening === 3) {
      this.client.expected = this.server.next;
      this.server.expected = this.client.next;
    }
  }

  /** The next packets, none if they are lost. */
  shots(): Shot[] {
    const draws = this.draws;
    if (this.delayed !== null && draws.happens(0.3)) {
      const late = this.delayed;
      this.delayed = null;
      return [late];
    }
    const shots = this.opening < 3 && draws.happens(0.85) ? [this.handshake()] : this.talk();
    this.sent.push(...shots);
    if (draws.happens(0.07)) return [];
    if (shots.length === 1 && this.delayed === null && draws.happens(0.08)) {
      this.delayed = shots[0]!;
      return [];
    }
    return shots;
  }

  private handshake(): Shot {
    const client = this.client;
    const server = this.server;
    const number = this.opening;
    this.opening++;
    if (number === 0) return this.syn(client, server, this.draws.happens(0.9) ? 'S' : 'SEC');
    if (number === 1) return this.syn(server, client, 'SA');
    client.expected = server.next;
    return this.segment(client, 'A', 0);
  }

  private syn(from: End, to: End, flags: string): Shot {
    const shot = {
      ...this.segment(from, flags, 0),
      seq: from.isn,
      ack: flags.includes('A') ? to.isn + 1 : 0,
      ...(from.scale === null ? {} : { wscale: from.scale }),
      ...(from.sack ? { sack_perm: true } : {}),
      ...(this.draws.happens(0.7) ? { mss: 1460 } : {}),
    };
    from.next = from.isn + 1;
    to.expected = from.next;
    return shot;
  }

  private talk(): Shot[] {
    const draws = this.draws;
    const client = draws.happens(0.5);
    const from = client ? this.client : this.server;
    const to = client ? this.server : this.client;
    const kind = draws.weighted(kinds);
    switch (kind) {
      case 'data':
        return this.data(from, to);
      case 'ack':
        from.expected = to.next;
        return [this.segment(from, 'A', 0)];
      case 'fin':
        return [this.fin(from, to)];
      case 'close':
        return [
          this.fin(from, to),
          ...(draws.happens(0.6) ? [this.segment(to, 'A', 0)] : []),
          this.fin(to, from),
          this.segment(from, 'A', 0),
        ];
      case 'reset':
        return [this.reset(from, to)];
      case 'again':
        return this.again();
      case 'syn':
        if (draws.happens(0.6))
          from.isn = draws.happens(0.5) ? draws.whole(0, 2 ** 32 - 1) : from.next + 64000;
        return [this.syn(from, to, draws.happens(0.7) ? 'S' : 'SA')];
      case 'window':
        from.window = draws.one([0, 1, 10, 1000, 10000, 65535]);
        return [this.segment(from, 'A', 0)];
      case 'keepalive':
        return [{ ...this.segment(from, 'A', draws.whole(0, 1)), seq: from.next - 1 }];
      case 'edge':
        return [this.edge(from, to)];
      case 'odd':
        return [{ ...this.edge(from, to), flags: draws.one(oddFlags) }];
    }
  }

  private data(from: End, to: End): Shot[] {
    const draws = this.draws;
    const shots: Shot[] = [];
    for (let count = draws.whole(1, 3); count > 0; count--) {
      const data = this.segment(from, 'PA', draws.one([1, 10, 100, 1000, 1460, 4000]));
      from.next += data.len ?? 0;
      shots.push(data);
    }
    if (draws.happens(0.6)) {
      to.expected = from.next;
      shots.push(this.segment(to, 'A', 0));
    }
    return shots;
  }

  private fin(from: End, to: End): Shot {
    const draws = this.draws;
    const fin = this.segment(from, draws.happens(0.9) ? 'FA' : 'F', draws.happens(0.2) ? 10 : 0);
    from.next += (fin.len ?? 0) + 1;
    if (draws.happens(0.8)) to.expected = from.next;
    return fin;
  }

  private reset(from: End, to: End): Shot {
    const draws = this.draws;
    const seq = draws.happens(0.4) ? from.next : this.near(from, to);
    const flags = draws.happens(0.5) ? 'R' : 'RA';
    return { ...this.segment(from, flags, 0), seq, ack: flags === 'R' ? 0 : from.expected };
  }

  /** A packet once more; now and then several times, since the tracker counts repetitions. */
  private again(): Shot[] {
    const draws = this.draws;
    const old = this.sent.length === 0 ? this.segment(this.client, 'A', 0) : draws.one(this.sent.slice(-6));
    return Array.from({ length: draws.happens(0.25) ? 4 : 1 }, () => old);
  }

  private edge(from: End, to: End): Shot {
    const draws = this.draws;
    const moved = draws.happens(0.7) ? { seq: this.near(from, to) } : {};
    const acked = draws.happens(0.5) ? { ack: from.expected + draws.one(offsets) } : {};
    const blocks =
      from.sack && draws.happens(0.3)
        ? { sack: [[to.next + 100, to.next + draws.one([200, 1100, 70000])] as [number, number]] }
        : {};
    const bad = draws.happens(0.05) ? { checksum: 'bad' as const } : {};
    const length = draws.one([0, 0, 1, 100, 1460]);
    return { ...this.segment(from, length > 0 ? 'PA' : 'A', length), ...moved, ...acked, ...blocks, ...bad };
  }

  /** A sequence number near the edges that the receiver's window draws. */
  private near(from: End, to: End): number {
    const draws = this.draws;
    const windowBytes =
      to.window * 2 ** (from.scale !== null && to.scale !== null ? Math.min(to.scale, 14) : 0);
    const edge = draws.one([
      from.next,
      to.expected,
      to.expected + windowBytes,
      to.expected + 2 * windowBytes,
    ]);
    return edge + draws.one(offsets);
  }

  private segment(from: End, flags: string, length: number): Shot {
    const acks = flags.includes('A');
    const ends = { proto: 'tcp' as const, dir: from.dir, ...from.address };
    return { ...ends, flags, seq: from.next, ack: acks ? from.expected : 0, win: from.window, len: length };
  }
}

const kinds = {
  data: 34,
  ack: 14,
  fin: 6,
  close: 5,
  reset: 6,
  again: 9,
  syn: 6,
  window: 4,
  keepalive: 3,
  edge: 10,
  odd: 5,
} as const;

const oddFlags = [
  '',
  'F',
  'FA',
  'S',
  'SA',
  'R',
  'RA',
  'A',
  'PA',
  'U',
  'UA',
  'FPU',
  'SF',
  'SR',
  'FR',
  'SAP',
  'RAF',
];

const offsets = [
  0,
  1,
  -1,
  2,
  -2,
  999,
  1000,
  1001,
  -1000,
  9999,
  10000,
  10001,
  65535,
  66000,
  -66000,
  -66001,
  70000,
  2 ** 20,
  -(2 ** 20),
  2 ** 31,
  2 ** 31 - 1,
  123456789,
  3000000000,
];

function randomEnd(draws: Draws, dir: 'c2s' | 's2c', address: Partial<Shot>): End {
  const isn = draws.happens(0.15) ? 2 ** 32 - draws.whole(1, 3000) : draws.whole(1, 2 ** 32 - 1);
  return {
    dir,
    address,
    isn,
    next: isn + 1,
    expected: 0,
    window: draws.one([1, 1000, 10000, 29200, 65535]),
    scale: draws.happens(0.5) ? draws.one([0, 1, 2, 7, 7, 14, 15]) : null,
    sack: draws.happens(0.4),
  };
}
