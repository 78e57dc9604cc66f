import { describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { ms, s } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { EndpointHost } from './endpoint-host.ts';
import { IdleConnections } from './idle-connections.ts';
import { linux26Listen, linuxListen, type ListenSettings } from './listen-queue.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from './packet.ts';
import type { TcpApplication } from './tcp-application.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';
import { linux6, type TcpSettings } from './tcp-settings.ts';

/** A server, clients that answer, and a flooder that does not; a link of 1 ms each way. */
class World {
  readonly simulation = new Simulation({ scenario: 'listen', seed: 1, repetition: 0, replayCommand: '' });
  readonly sent: Packet[] = [];
  readonly client: EndpointHost;
  readonly server: EndpointHost;
  established = 0;
  readonly accepted: TcpEndpoint[] = [];
  delivered = 0;
  /** Packets of the client that are lost, by when they are sent. */
  lose: (packet: Packet) => boolean = () => false;
  loseAnswers = false;

  constructor(listen: Partial<ListenSettings>, client: Partial<TcpSettings> = {}) {
    const { simulation } = this;
    const settings = { ...linux6, listen: { ...linuxListen, ...listen } };
    const ofServer = new IdleConnections(settings);
    const ofClient = new IdleConnections({ ...settings, ...client });
    this.server = new EndpointHost(ipv4(2), ofServer, simulation, simulation, (packet) => {
      this.sent.push(packet);
      if (packet.destination.w3 === 1 && !this.loseAnswers)
        simulation.schedule(1 * ms, (late: Packet) => this.client.deliver(late), packet);
    });
    this.client = new EndpointHost(ipv4(1), ofClient, simulation, simulation, (packet) => {
      if (!this.lose(packet))
        simulation.schedule(1 * ms, (late: Packet) => this.server.deliver(late), packet);
    });
    this.server.listenTcp(80, () => this.application);
  }

  readonly application: TcpApplication = {
    established: (end) => {
      this.established++;
      this.accepted.push(end);
    },
    delivered: (_, bytes) => (this.delivered += bytes),
    finished: () => undefined,
    closed: () => undefined,
  };

  /** So many SYNs of a flood, whose SYN/ACKs nobody takes. */
  flood(count: number, from = 0): void {
    for (let nth = from; nth < from + count; nth++) {
      this.server.deliver(
        makePacket({
          ...{ source: ipv4(0x0a00_0000 + nth), sourcePort: 1000, destination: ipv4(2), destinationPort: 80 },
          ...{ protocol: Protocol.tcp, tcpFlags: TcpFlag.syn, flow: 1_000_000 + nth, window: 1000 },
        }),
      );
    }
  }

  /** A connection of the client that sends 3000 bytes. */
  connect(): void {
    const opened: TcpApplication = { ...this.application, established: (end) => end.send(3000) };
    this.client.connectTcp(40_000, ipv4(2), 80, 7, opened);
  }

  answers(): Packet[] {
    return this.sent.filter(({ tcpFlags }) => tcpFlags === (TcpFlag.syn | TcpFlag.ack));
  }
}

describe('a listener whose queue is full of handshakes', () => {
  it('holds one more than its backlog, and sends cookies to all beyond it', () => {
    const world = new World({ backlog: 4 });
    world.flood(8);
    expect(world.answers()).toHaveLength(8);
    expect(world.server.connectionCount).toBe(5);
  });

  it('takes a client by its cookie, with what timestamps keep of its options', () => {
    for (const timestamps of [true, false]) {
      const world = new World({ backlog: 4, timestamps });
      world.flood(8);
      world.connect();
      world.simulation.run(100 * ms);
      expect(world.established).toBe(1);
      expect(world.delivered).toBe(3000);
      const answer = world.answers().find(({ flow }) => flow === 7)!;
      expect(answer.windowScale).toBe(timestamps ? 7 : -1);
      expect(answer.sackPermitted).toBe(timestamps);
      expect(answer.maximumSegmentBytes).toBe(1460);
    }
  });

  it('forgets all options of a client without timestamps, and keeps what it offered of one with them', () => {
    // Measured, Linux 6.18.44: results/reference/tcp-closing.json.gz, the cookies.
    const answers = (client: Partial<TcpSettings>): [number, boolean, boolean] => {
      const world = new World({ synCookies: 'always' }, client);
      world.simulation.run(1 * s);
      world.connect();
      world.simulation.run(2 * s);
      expect(world.delivered).toBe(3000);
      const [{ windowScale, sackPermitted, timestamp }] = world.answers() as [Packet];
      // The latest time that ends in the options, of the millisecond 1001: 64 * 15 + 16 + 7, or without SACK 7.
      if (timestamp >= 0) expect(timestamp).toBe(sackPermitted ? 983 : 967);
      const last = world.sent.at(-1)!;
      expect(last.timestamp >= 0).toBe(timestamp >= 0);
      return [windowScale, sackPermitted, timestamp >= 0];
    };
    expect(answers({})).toEqual([7, true, true]);
    expect(answers({ selectiveAcknowledgement: false })).toEqual([7, false, true]);
    expect(answers({ listen: { ...linuxListen, timestamps: false } })).toEqual([-1, false, false]);
  });

  it('waits three seconds for its first data where a cookie without timestamps has told no round trip', () => {
    const world = new World({ backlog: 4, timestamps: false });
    world.flood(8);
    world.lose = ({ payloadBytes }) => payloadBytes > 0;
    world.connect();
    world.simulation.run(2 * s);
    world.loseAnswers = true;
    world.accepted[0]!.send(100);
    const data = (): number => world.sent.filter(({ payloadBytes }) => payloadBytes > 0).length;
    world.simulation.run(4.9 * s);
    expect(data()).toBe(1);
    // The timeout of RFC 6298, 5.7; a timer of Linux may be an eighth late.
    world.simulation.run(5.4 * s);
    expect(data()).toBe(2);
  });

  it('sends no cookie again, but takes the first data for its acknowledgement', () => {
    const world = new World({ backlog: 4 });
    world.flood(8);
    // The SYN is the first packet, the acknowledgement the second.
    let sent = 0;
    world.lose = () => ++sent === 2;
    world.connect();
    world.simulation.run(900 * ms);
    expect(world.delivered).toBe(3000);
    expect(world.answers().filter(({ flow }) => flow === 7)).toHaveLength(1);
  });

  it('without cookies lets no SYN in until old handshakes are given up', () => {
    const world = new World({ backlog: 4, synCookies: 'never', synBacklog: 4096 });
    world.flood(8);
    world.connect();
    world.simulation.run(6 * s);
    expect(world.established).toBe(0);
    // More than half of the queue are old: two retries instead of five. SYN/ACKs at 0, 1 and 3 s, given up at 7 s; the
    // client's SYNs are sent at 0, 1, 2, 3, 4, 5, 7 and 11 s.
    world.simulation.run(12 * s);
    expect(world.established).toBe(1);
    expect(world.answers().filter(({ flow }) => flow === 1_000_000)).toHaveLength(3);
  });

  it('without cookies keeps a quarter of tcp_max_syn_backlog for peers that it knows', () => {
    const world = new World({ synCookies: 'never', synBacklog: 16 });
    world.flood(100);
    // Refused as soon as 16 less those there are below 4: with 13.
    expect(world.server.connectionCount).toBe(13);
  });
});

describe('a listener of Linux 2.6', () => {
  it('holds 256 handshakes at a backlog of 128 and drops the SYNs beyond them', () => {
    const world = new World(linux26Listen);
    world.flood(400);
    // 129 rounded up to a power of two; no cookies.
    expect(world.server.connectionCount).toBe(256);
    expect(world.answers()).toHaveLength(256);
  });

  it.each([
    // min(backlog, tcp_max_syn_backlog), at least 8, and one more, up to a power of two.
    [1, 1024, 16],
    [15, 1024, 16],
    [16, 1024, 32],
    [4096, 1024, 2048],
  ])('with a backlog of %d and tcp_max_syn_backlog %d has %d places', (backlog, synBacklog, places) => {
    // With cookies, so that no quarter is kept for known peers.
    const world = new World({ ...linux26Listen, backlog, synBacklog, synCookies: 'when-full' });
    world.flood(3000);
    expect(world.server.connectionCount).toBe(places);
  });

  it('gives old handshakes up after two retries when half of its places are taken by such', () => {
    const early = (count: number): number => {
      const world = new World({ ...linux26Listen, backlog: 15 });
      world.flood(count);
      world.simulation.run(8 * s);
      return world.server.connectionCount;
    };
    // 16 places. With half of them taken: SYN/ACKs at 0, 1 and 3 s, given up at 7 s; otherwise at 63 s.
    expect(early(8)).toBeLessThan(8);
    expect(early(7)).toBe(7);
  });
});

describe('a listener that is not crowded', () => {
  it('sends a SYN/ACK again five times', () => {
    const world = new World({});
    world.flood(1);
    world.simulation.run(100 * s);
    // At 0, 1, 3, 7, 15 and 31 s; given up at 63 s.
    expect(world.answers()).toHaveLength(6);
    expect(world.server.connectionCount).toBe(0);
  });

  it('resets an acknowledgement of a cookie that it has not sent', () => {
    const world = new World({});
    world.flood(1);
    const [answer] = world.answers();
    world.server.deliver(
      makePacket({
        ...{
          source: ipv4(0x0a00_0001),
          sourcePort: 1000,
          destination: ipv4(2),
          destinationPort: 80,
          flow: 3,
        },
        ...{ protocol: Protocol.tcp, tcpFlags: TcpFlag.ack, acknowledgement: answer!.sequence + 1 },
      }),
    );
    expect(world.sent.at(-1)!.tcpFlags).toBe(TcpFlag.rst);
  });

  it('forgets after two minutes that it has sent cookies', () => {
    const late = (afterNs: number): number => {
      const world = new World({ backlog: 0, synCookies: 'always' });
      world.flood(1);
      const [answer] = world.answers();
      world.simulation.run(afterNs);
      world.server.deliver(
        makePacket({
          ...{ source: ipv4(0x0a00_0000), sourcePort: 1000, destination: ipv4(2), destinationPort: 80 },
          ...{ protocol: Protocol.tcp, tcpFlags: TcpFlag.ack, flow: 1_000_000, sequence: 1 },
          acknowledgement: (answer!.sequence + 1) >>> 0,
        }),
      );
      return world.established;
    };
    expect(late(119 * s)).toBe(1);
    expect(late(121 * s)).toBe(0);
  });
});
