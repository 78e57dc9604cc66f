import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ms } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { EndpointHost } from './endpoint-host.ts';
import { IdleConnections } from './idle-connections.ts';
import { packetFrame } from './frame.ts';
import { Link } from './link.ts';
import type { Packet } from './packet.ts';
import type { TcpApplication } from './tcp-application.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';
import { linux26, linux6, type TcpSettings } from './tcp-settings.ts';
import { bytesThatCameTwice } from './window-undo.ts';

/** A segment that left the sender: when, in ms, and which, counted from 0. */
interface Sent {
  readonly atMs: number;
  readonly segment: number;
  readonly again: boolean;
}

const segmentBytes = 1460;
/** TCP_INFINITE_SSTHRESH of include/net/tcp.h, 0x7fffffff: no loss has told a threshold. */
const infiniteThreshold = 2_147_483_647;

/**
 * A sender over 100 Mbit/s and a round trip of 20 ms. From 1,000 ms on, for a while, its data or the answers are dropped,
 * or held and delivered all at once.
 */
class Rig {
  readonly simulation = new Simulation({ scenario: 'undo', seed: 1, repetition: 0, replayCommand: '' });
  readonly sent: Sent[] = [];
  readonly connection: TcpEndpoint;
  private firstSequence = -1;
  private highest = -1;

  constructor(settings: TcpSettings, cut: 'data' | 'answers', how: 'dropped' | 'held', untilMs: number) {
    const { simulation } = this;
    const wire = { rateBps: 1e8, delayNs: 10 * ms, queueBytes: 1e6, lossPerFrame: 0 };
    const draws = new Chance(1, 0).stream('wire', 'loss');
    const toReceiver = new Link(simulation, 'to receiver', wire, draws, () => undefined);
    const toSender = new Link(simulation, 'to sender', wire, draws, () => undefined);
    const pass = (isCut: boolean, send: () => void): void => {
      const now = simulation.nowNs;
      if (!isCut || now < 1000 * ms || now >= untilMs * ms) send();
      else if (how === 'held') simulation.schedule(untilMs * ms - now, send, undefined);
    };
    const alone = { ...settings, congestionControl: 'new-reno', segmentationOffload: false } as const;
    const idle = new IdleConnections(alone);
    const sender = new EndpointHost(ipv4(1), idle, simulation, simulation, (packet) => {
      this.note(packet);
      pass(cut === 'data', () => toReceiver.send(packetFrame(packet, 1, 2)));
    });
    const receiver = new EndpointHost(ipv4(2), idle, simulation, simulation, (packet) =>
      pass(cut === 'answers', () => toSender.send(packetFrame(packet, 2, 1))),
    );
    toReceiver.connect({ send: (frame) => receiver.deliver(frame.packet!) });
    toSender.connect({ send: (frame) => sender.deliver(frame.packet!) });
    receiver.listenTcp(80, () => silent);
    this.connection = sender.connectTcp(40_000, ipv4(2), 80, 0, silent);
  }

  /** Writes so many bytes now and then every so often, to the end. */
  write(bytes: number, everyMs: number, endMs: number): void {
    for (let atMs = 100; atMs < endMs; atMs += everyMs) {
      this.simulation.schedule(atMs * ms, () => this.connection.send(bytes), undefined);
    }
    this.simulation.run(endMs * ms);
  }

  get again(): Sent[] {
    return this.sent.filter((one) => one.again);
  }

  private note(packet: Packet): void {
    if (packet.payloadBytes === 0) return;
    if (this.firstSequence < 0) this.firstSequence = packet.sequence;
    const segment = ((packet.sequence - this.firstSequence) >>> 0) / segmentBytes;
    this.sent.push({ atMs: this.simulation.nowNs / ms, segment, again: segment <= this.highest });
    this.highest = Math.max(this.highest, segment);
  }
}

const silent: TcpApplication = {
  established: () => undefined,
  delivered: () => undefined,
  finished: () => undefined,
  closed: () => undefined,
};

function bulk(settings: TcpSettings, cut: 'data' | 'answers', how: 'dropped' | 'held'): Rig {
  const rig = new Rig(settings, cut, how, 1500);
  rig.write(20 * segmentBytes, 50, 3000);
  return rig;
}

const stampless = { ...linux6, listen: { ...linux6.listen, timestamps: false } };

// Measured, Linux 6.18.44 without time stamps, the same writes over the same wire: what was sent again, and how often
// the kernel counted TCPSpuriousRTOs and TCPLossUndo.
describe('a sender of linux-6.x over 500 ms of silence, against a measured one', () => {
  it('sends one segment again and then goes on with its window where data were only late', () => {
    // Measured: one segment at the timeout, one spurious timeout, undone.
    const rig = bulk(stampless, 'data', 'held');
    expect(rig.again).toHaveLength(1);
    expect(rig.connection.block.window).toBeGreaterThanOrEqual(40);
    expect(rig.connection.block.threshold).toBe(infiniteThreshold);
  });

  it('sends one segment twice again where answers were lost', () => {
    // Measured: the first segment at both timeouts, one spurious timeout, undone.
    const rig = bulk(stampless, 'answers', 'dropped');
    expect(rig.again.map(({ segment }) => segment)).toEqual([rig.again[0]!.segment, rig.again[0]!.segment]);
    expect(rig.connection.block.threshold).toBe(infiniteThreshold);
  });

  it('sends two new segments before it goes back where data were lost', () => {
    // Measured: 41 sent again; two timeouts, a round trip later two new segments, another one later two lost ones.
    const rig = bulk(stampless, 'data', 'dropped');
    expect(rig.again.length).toBeGreaterThanOrEqual(40);
    expect(rig.again.length).toBeLessThanOrEqual(42);
    const [, second, third, fourth] = rig.again;
    const between = rig.sent.filter(({ atMs }) => atMs > second!.atMs && atMs < third!.atMs);
    expect(between.map(({ again }) => again)).toEqual([false, false]);
    expect(between[0]!.atMs - second!.atMs).toBeCloseTo(20.2, 0);
    expect(third!.atMs - second!.atMs).toBeCloseTo(40.4, 0);
    expect(fourth!.atMs - third!.atMs).toBeLessThan(1);
    expect(rig.connection.block.threshold).toBe(20);
  });
});

describe('a sender of linux-2.6', () => {
  it('goes back though data were only late: it believes a timeout (tcp_frto = 0 until 2.6.24)', () => {
    const rig = bulk({ ...linux26, listen: stampless.listen, initialWindow: 10 }, 'data', 'held');
    expect(rig.again.length).toBeGreaterThan(20);
  });
});

describe('a reduction of the window', () => {
  it('is taken back when the receiver says that all that was sent again had come before (RFC 3708)', () => {
    // One segment in flight, so that no other can tell. Measured, Linux 6.18.44: sent again by the probe and the timeout;
    // the window is 10 again, the threshold none (TCPDSACKUndo 1).
    const rig = new Rig(stampless, 'data', 'held', 1900);
    rig.write(100, 520, 3000);
    expect(rig.again).toHaveLength(2);
    expect(rig.connection.block.threshold).toBe(infiniteThreshold);
    expect(rig.connection.block.window).toBeGreaterThanOrEqual(10);
  });

  it('is proved needless by blocks below what is acknowledged or within the next (RFC 2883, 4)', () => {
    expect(bytesThatCameTwice([100, 200], 300)).toBe(100);
    expect(bytesThatCameTwice([500, 600, 400, 700], 300)).toBe(100);
    expect(bytesThatCameTwice([500, 600, 800, 900], 300)).toBe(0);
    expect(bytesThatCameTwice([500, 600], 300)).toBe(0);
    expect(bytesThatCameTwice(null, 300)).toBe(0);
  });
});
