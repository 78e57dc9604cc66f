import { describe, expect, it } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ipv4 } from './address.ts';
import { EndpointHost } from './endpoint-host.ts';
import { IdleConnections } from './idle-connections.ts';
import { packetFrame } from './frame.ts';
import { GuestClock } from '../compute/guest-clock.ts';
import { GuestTimers } from '../compute/guest-timers.ts';
import { Link } from './link.ts';
import { TcpFlag, type Packet } from './packet.ts';
import type { TcpApplication, TcpOutcome } from './tcp-application.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';
import { linux26, linux6, type TcpSettings } from './tcp-settings.ts';

/** Counts what one end sees. */
class Recorder implements TcpApplication {
  endpoint: TcpEndpoint | null = null;
  established(endpoint: TcpEndpoint): void {
    this.endpoint = endpoint;
  }
  receivedBytes = 0;
  deliveredNs: number[] = [];
  outcome: TcpOutcome | null = null;
  endedNs = -1;
  private readonly simulation: Simulation;
  constructor(simulation: Simulation) {
    this.simulation = simulation;
  }
  delivered(_endpoint: TcpEndpoint, bytes: number): void {
    this.receivedBytes += bytes;
    this.deliveredNs.push(this.simulation.nowNs);
  }
  finished(endpoint: TcpEndpoint): void {
    endpoint.close();
  }
  closed(_endpoint: TcpEndpoint, how: TcpOutcome): void {
    this.outcome = how;
    this.endedNs = this.simulation.nowNs;
  }
}

interface Sent {
  readonly timeNs: number;
  readonly packet: Packet;
}

/** Two hosts, a link each way, and everything that leaves the client. */
class Pair {
  readonly simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  readonly client: EndpointHost;
  readonly server: EndpointHost;
  readonly toServer: Link;
  readonly toClient: Link;
  readonly clientSide = new Recorder(this.simulation);
  readonly serverSide = new Recorder(this.simulation);
  readonly sent: Sent[] = [];
  readonly answers: Sent[] = [];

  constructor(
    settings: TcpSettings,
    wire: { rateBps: number; delayNs: number; queueBytes: number; lossPerFrame: number },
    timers: 'frozen' | 'catch-up' | 'running' = 'running',
  ) {
    const { simulation } = this;
    const chance = new Chance(7, 0);
    const drop = (): void => undefined;
    this.toServer = new Link(simulation, 'up', wire, chance.stream('up', 'loss'), drop);
    this.toClient = new Link(
      simulation,
      'down',
      { ...wire, lossPerFrame: 0 },
      chance.stream('down', 'loss'),
      drop,
    );
    this.guestClock = new GuestClock(simulation);
    const guestTimers = new GuestTimers(simulation, this.guestClock, timers);
    const idle = new IdleConnections(settings);
    this.client = new EndpointHost(ipv4(1), idle, guestTimers, simulation, (packet) => {
      this.sent.push({ timeNs: simulation.nowNs, packet });
      this.toServer.send(packetFrame(packet, 1, 2));
    });
    this.server = new EndpointHost(ipv4(2), idle, simulation, simulation, (packet) => {
      this.answers.push({ timeNs: simulation.nowNs, packet });
      this.toClient.send(packetFrame(packet, 2, 1));
    });
    this.toServer.connect({ send: (frame) => this.server.deliver(frame.packet!) });
    this.toClient.connect({ send: (frame) => this.client.deliver(frame.packet!) });
    this.server.listenTcp(80, () => this.serverSide);
  }
  readonly guestClock: GuestClock;

  open(): TcpEndpoint {
    return this.client.connectTcp(40000, ipv4(2), 80, 0, this.clientSide);
  }
  cut(): void {
    this.toServer.setUp(false);
    this.toClient.setUp(false);
  }
  heal(): void {
    this.toServer.setUp(true);
    this.toClient.setUp(true);
  }
}

const fast = { rateBps: 1e12, delayNs: 1000, queueBytes: 1e9, lossPerFrame: 0 };

/** An established, idle connection whose RTT is known, cut at 10 s. */
function cutAtTenSeconds(settings: TcpSettings): { pair: Pair; end: TcpEndpoint } {
  const pair = new Pair(settings, fast);
  const end = pair.open();
  pair.simulation.run(10 * s);
  pair.cut();
  pair.sent.length = 0;
  return { pair, end };
}

describe('a connection over a blackout, of linux-2.6 (RTO 200 ms, doubled each time, round trip far below)', () => {
  // A segment is sent as the blackout begins; resends at 0.2, 0.6, 1.4, 3.0, 6.2, 12.6 s (RFC 6298, 5.5).
  it.each([
    [50, 0.2, 1],
    [60, 0.2, 1],
    [165, 0.2, 1],
    [210, 0.6, 2],
    [300, 0.6, 2],
    [500, 0.6, 2],
    [1000, 1.4, 3],
    [1500, 3.0, 4],
    [2900, 3.0, 4],
    [3500, 6.2, 5],
    [8000, 12.6, 6],
  ])('of %i ms goes on at %f s with resend number %i', (blackoutMs, atS, tries) => {
    const { pair, end } = cutAtTenSeconds(linux26);
    end.send(1000);
    pair.simulation.schedule(blackoutMs * ms, () => pair.heal(), undefined);
    pair.simulation.run(40 * s);
    expect(pair.serverSide.receivedBytes).toBe(1000);
    const deliveredS = (pair.serverSide.deliveredNs[0]! - 10 * s) / s;
    expect(deliveredS).toBeCloseTo(atS, 3);
    const resends = pair.sent.filter(({ packet }) => packet.payloadBytes > 0).length - 1;
    expect(resends).toBe(tries);
  });

  it('that does not end is given up after 15 retries, at 924.6 s', () => {
    // 0.2 × (2^10 − 1) = 204.6 s of doubling, then 6 × 120 s.
    const { pair, end } = cutAtTenSeconds(linux26);
    end.send(1000);
    pair.simulation.run(2000 * s);
    expect(pair.clientSide.outcome).toBe('timed-out');
    expect((pair.clientSide.endedNs - 10 * s) / s).toBeCloseTo(924.6, 2);
    expect(pair.sent.length).toBe(16);
  });
});

describe('a TCP connection', () => {
  it('opens with three packets and closes with FINs both ways', () => {
    const pair = new Pair(linux6, fast);
    const end = pair.open();
    pair.simulation.run(1 * s);
    expect(end.state).toBe('established');
    expect(pair.sent.map(({ packet }) => packet.tcpFlags)).toEqual([TcpFlag.syn, TcpFlag.ack]);
    expect(pair.answers.map(({ packet }) => packet.tcpFlags)).toEqual([TcpFlag.syn | TcpFlag.ack]);
    end.close();
    pair.simulation.run(100 * s);
    expect(pair.clientSide.outcome).toBe('closed');
    expect(pair.serverSide.outcome).toBe('closed');
    expect(pair.client.connectionCount + pair.server.connectionCount).toBe(0);
  });

  it('acknowledges a FIN by its own, or after 40 ms where its application does not close', () => {
    const answersTo = (finished: (end: TcpEndpoint) => void): [number, number][] => {
      const pair = new Pair(linux6, fast);
      const end = pair.open();
      pair.serverSide.finished = finished;
      pair.simulation.run(1 * s);
      const opened = pair.answers.length;
      end.close();
      pair.simulation.run(2 * s);
      return pair.answers.slice(opened).map(({ timeNs, packet }) => [(timeNs - 1 * s) / ms, packet.tcpFlags]);
    };
    const both = answersTo((end) => end.close());
    expect(both.map(([, flags]) => flags)).toEqual([TcpFlag.fin | TcpFlag.ack]);
    // Measured, Linux 6.18.44, recorder.py: 42.4 to 44.5 ms, with 250 ticks a second.
    const late = answersTo(() => undefined);
    expect(late.map(([, flags]) => flags)).toEqual([TcpFlag.ack]);
    expect(late[0]![0]).toBeGreaterThanOrEqual(40);
    expect(late[0]![0]).toBeLessThanOrEqual(48);
  });

  it('delivers every byte once and in order over a link that loses two frames in a hundred', () => {
    const pair = new Pair(linux6, { rateBps: 1e8, delayNs: 5 * ms, queueBytes: 1e6, lossPerFrame: 0.02 });
    const end = pair.open();
    end.send(3_000_000);
    pair.simulation.run(60 * s);
    expect(pair.serverSide.receivedBytes).toBe(3_000_000);
    expect(end.owedBytes).toBe(0);
  });

  it('is refused by a RST where nobody listens', () => {
    const pair = new Pair(linux6, fast);
    pair.client.connectTcp(40000, ipv4(2), 81, 0, pair.clientSide);
    pair.simulation.run(1 * s);
    expect(pair.clientSide.outcome).toBe('reset');
  });

  it('acknowledges messages of one way at once (measured, Linux 6.18.44, 24 messages of 100 bytes 60 ms apart)', () => {
    const pair = new Pair(linux6, fast);
    const end = pair.open();
    pair.simulation.run(1 * s);
    pair.answers.length = 0;
    for (let i = 0; i < 24; i++) {
      end.send(100);
      pair.simulation.run(1 * s + (i + 1) * 60 * ms);
    }
    const waitsNs = pair.answers.map(({ timeNs }, i) => timeNs - (1 * s + i * 60 * ms));
    expect(waitsNs).toHaveLength(24);
    expect(Math.max(...waitsNs)).toBeLessThan(1 * ms);
  });

  it('delays the acknowledgement of one request by 40 ms where it answers others by data, and that of two not', () => {
    // TCP_DELACK_MIN is 40 ms; the second message waits for nothing (net/ipv4/tcp.c, __tcp_cleanup_rbuf, ICSK_ACK_PUSHED2).
    const pair = new Pair(linux6, fast);
    const end = pair.open();
    pair.simulation.run(1 * s);
    const answering = pair.serverSide.endpoint!;
    end.send(100);
    pair.simulation.run(1 * s + 1 * ms);
    answering.send(100);
    pair.simulation.run(1 * s + 10 * ms);
    const acknowledged = (): boolean => end.block.unacknowledged === end.block.nextOffset;
    end.send(100);
    pair.simulation.run(1 * s + 45 * ms);
    expect(acknowledged()).toBe(false);
    end.send(100);
    pair.simulation.run(1 * s + 46 * ms);
    expect(acknowledged()).toBe(true);
  });

  it('shows what it would send next without sending it', () => {
    const { pair, end } = cutAtTenSeconds(linux6);
    const asked = end.nextPacket();
    expect(asked).toMatchObject({ payloadBytes: 1, tcpFlags: TcpFlag.ack | TcpFlag.psh });
    expect(pair.sent).toHaveLength(0);
    end.send(1);
    expect(pair.sent[0]!.packet.sequence).toBe(asked!.sequence);
  });
});

describe('a congestion window', () => {
  it.each([linux26, linux6])('stays as it is while data arrive after a hole ($age)', (settings) => {
    // Only data acknowledged in order open it (RFC 5681, 3.1; net/ipv4/tcp_input.c, tcp_may_raise_cwnd).
    const pair = new Pair({ ...settings, segmentationOffload: false, initialWindow: 10 }, fast);
    const end = pair.open();
    pair.simulation.run(1 * s);
    const windows: number[] = [];
    let arrived = 0;
    pair.toServer.connect({
      // The first of ten segments is lost; the others come 1 ms apart.
      send: (frame) => {
        if (frame.packet!.payloadBytes === 0 || arrived++ === 0) return;
        pair.simulation.schedule(arrived * ms, () => pair.server.deliver(frame.packet!), undefined);
      },
    });
    pair.toClient.connect({
      send: (frame) => {
        pair.client.deliver(frame.packet!);
        windows.push(end.block.window);
      },
    });
    end.send(10 * 1460);
    pair.simulation.run(1 * s + 50 * ms);
    expect(windows.slice(0, 2)).toEqual([10, 10]);
  });
});

describe('the timers of a paused guest', () => {
  function paused(mode: 'frozen' | 'catch-up' | 'running'): number[] {
    const pair = new Pair(linux26, fast, mode);
    const end = pair.open();
    pair.simulation.run(10 * s);
    pair.cut();
    pair.sent.length = 0;
    end.send(100);
    // Paused from 0.1 s to 1.1 s after the send.
    pair.simulation.schedule(100 * ms, () => pair.guestClock.setRate(0, 'pause'), undefined);
    pair.simulation.schedule(1100 * ms, () => pair.guestClock.setRate(1, 'pause'), undefined);
    pair.simulation.run(12 * s);
    return pair.sent.map(({ timeNs }) => Math.round((timeNs - 10 * s) / ms));
  }

  it('stand still when frozen', () => {
    // 0.2 s and 0.6 s of guest time, a second later.
    expect(paused('frozen')).toEqual([0, 1200, 1600]);
  });

  it('expire at the resume when catching up', () => {
    // Due at 0.2 s, fires at 1.1 s; the next one 0.4 s after.
    expect(paused('catch-up')).toEqual([0, 1100, 1500]);
  });

  it('take no notice when running', () => {
    expect(paused('running')).toEqual([0, 200, 600, 1400]);
  });
});

describe('a lost retransmission', () => {
  const wire = { rateBps: 1e12, delayNs: 50 * ms, queueBytes: 1e9, lossPerFrame: 0 };

  /** A bulk transfer that loses its 200th segment twice; when that was sent, and the thresholds then. */
  function loseTwice(settings: TcpSettings): { sentNs: number[]; thresholds: number[] } {
    const pair = new Pair({ ...settings, segmentationOffload: false, congestionControl: 'new-reno' }, wire);
    const end = pair.open();
    const sentNs: number[] = [];
    const thresholds: number[] = [];
    pair.toServer.connect({
      send: (frame) => {
        const packet = frame.packet!;
        const lost = packet.payloadBytes > 0 && packet.sequence === 199 * 1448 + firstDataSequence(pair);
        if (lost) {
          sentNs.push(pair.simulation.nowNs - wire.delayNs);
          thresholds.push(end.block.threshold);
        }
        if (!lost || sentNs.length > 2) pair.server.deliver(packet);
      },
    });
    pair.simulation.schedule(1 * s, () => end.send(20e6), null);
    pair.simulation.run(5 * s);
    return { sentNs, thresholds };
  }

  function firstDataSequence(pair: Pair): number {
    return pair.sent.find(({ packet }) => packet.payloadBytes > 0)!.packet.sequence;
  }

  it('is sent again at the timeout, which selective acknowledgements do not put off (RFC 6298, 5.3)', () => {
    // RTO = SRTT + 200 ms = 300 ms after the retransmission.
    const { sentNs } = loseTwice(linux26);
    expect(sentNs.length).toBe(3);
    expect((sentNs[2]! - sentNs[1]!) / ms).toBeGreaterThanOrEqual(300);
    expect((sentNs[2]! - sentNs[1]!) / ms).toBeLessThan(310);
  });

  it('halves the threshold once, for the loss that recovery has answered (tcp_enter_loss)', () => {
    const { thresholds } = loseTwice(linux26);
    expect(thresholds[1]).toBeLessThan(Infinity);
    expect(thresholds[2]).toBe(thresholds[1]);
  });

  it('is found by RACK one round trip later in Linux 6 (RFC 8985, 6.2)', () => {
    const { sentNs } = loseTwice(linux6);
    expect(sentNs.length).toBe(3);
    expect((sentNs[2]! - sentNs[1]!) / ms).toBeGreaterThanOrEqual(100);
    expect((sentNs[2]! - sentNs[1]!) / ms).toBeLessThan(130);
  });
});
