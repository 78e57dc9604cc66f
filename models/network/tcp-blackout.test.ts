import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { milliseconds, ms, s } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { EndpointHost } from './endpoint-host.ts';
import { IdleConnections } from './idle-connections.ts';
import { packetFrame } from './frame.ts';
import { Link } from './link.ts';
import { makePacket, TcpFlag, type Packet } from './packet.ts';
import type { TcpApplication } from './tcp-application.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';
import { linux6, type TcpSettings } from './tcp-settings.ts';

/** Times in ms, flags as letters, payload. */
type Trace = [number, string, number][];

interface Connection {
  readonly app_send_ms?: number;
  readonly tx_ms_flags_len?: Trace;
  readonly peer_tx_ms_flags_len?: Trace;
  readonly request_in_blackout_ms?: number[];
  readonly retransmissions_ms_back_len?: number[][];
}

interface Run {
  readonly rtt_ms: number;
  readonly D_ms: number;
  readonly D_real_ms: number;
  readonly sysctl?: string | null;
  readonly conns: Record<string, Connection>;
}

interface Measured {
  readonly runs: readonly Run[];
  readonly long: {
    readonly retries2_5: { readonly data_ms: number[]; readonly give_up_ms: number };
    readonly schedules: Record<string, number[]> & {
      readonly keepalive_ms: [number, number][];
      readonly give_up_ms_errno: Record<string, [number, number]>;
    };
  };
}

// Measured, Linux 6.18.44 at 250 ticks a second: both directions cut for D, packets taken at both ends.
const file = new URL('../../results/reference/tcp-blackout.json.gz', import.meta.url);
const measured = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Measured;

/** When the simulated cut begins: late enough for the connection to be idle and its round trip known. */
const cutNs = 5 * s;

/** Client and server on one wire; the server answers every read with 100 bytes. */
class Rig {
  readonly simulation = new Simulation({ scenario: 'blackout', seed: 1, repetition: 0, replayCommand: '' });
  readonly client: EndpointHost;
  readonly clientTrace: Trace = [];
  readonly serverTrace: Trace = [];
  readonly toServer: Link;
  readonly toClient: Link;
  readonly connection: TcpEndpoint;
  endedMs = -1;

  constructor(settings: TcpSettings, rttMs: number) {
    const { simulation } = this;
    const wire = { rateBps: 1e10, delayNs: milliseconds(rttMs / 2), queueBytes: 1e7, lossPerFrame: 0 };
    const draws = new Chance(1, 0).stream('wire', 'loss');
    this.toServer = new Link(simulation, 'to server', wire, draws, () => undefined);
    this.toClient = new Link(simulation, 'to client', wire, draws, () => undefined);
    const idle = new IdleConnections(settings);
    this.client = new EndpointHost(ipv4(1), idle, simulation, simulation, (packet) => {
      this.note(this.clientTrace, packet);
      this.toServer.send(packetFrame(packet, 1, 2));
    });
    const peer = new EndpointHost(ipv4(2), idle, simulation, simulation, (packet) => {
      this.note(this.serverTrace, packet);
      this.toClient.send(packetFrame(packet, 2, 1));
    });
    this.toServer.connect({ send: (frame) => peer.deliver(frame.packet!) });
    this.toClient.connect({ send: (frame) => this.client.deliver(frame.packet!) });
    peer.listenTcp(80, () => this.application(true));
    this.connection = this.client.connectTcp(40000, ipv4(2), 80, 0, this.application(false));
    this.warmUp();
    simulation.run(cutNs);
    this.clientTrace.length = 0;
    this.serverTrace.length = 0;
  }

  cut(durationMs: number): void {
    this.toServer.setUp(false);
    this.toClient.setUp(false);
    if (durationMs === Infinity) return;
    this.simulation.schedule(milliseconds(durationMs), () => this.heal(), undefined);
  }

  cutAnswers(durationMs: number): void {
    this.toClient.setUp(false);
    this.simulation.schedule(milliseconds(durationMs), () => this.heal(), undefined);
  }

  connectAgain(): void {
    this.client.connectTcp(40001, ipv4(2), 80, 1, this.application(false));
  }

  /** A SYN of which no endpoint knows. */
  connectSilently(): void {
    const syn = { source: ipv4(1), destination: ipv4(2), sourcePort: 50_000, destinationPort: 80 };
    const packet = makePacket({ ...syn, tcpFlags: TcpFlag.syn, maximumSegmentBytes: 1460, window: 64_240 });
    this.toServer.send(packetFrame(packet, 1, 2));
  }

  heal(): void {
    this.toServer.setUp(true);
    this.toClient.setUp(true);
  }

  at(atMs: number, action: () => void): void {
    this.simulation.scheduleAt(cutNs + milliseconds(atMs), action, undefined);
  }

  runMs(durationMs: number): void {
    this.simulation.run(cutNs + milliseconds(durationMs));
  }

  /** Exchanges that teach both ends the round trip. */
  private warmUp(): void {
    for (let i = 1; i <= 8; i++)
      this.simulation.schedule(i * 100 * ms, () => this.connection.send(100), undefined);
  }

  private note(trace: Trace, packet: Packet): void {
    const { syn, ack, fin, psh } = TcpFlag;
    const letter = (flag: number, name: string): string => ((packet.tcpFlags & flag) === 0 ? '' : name);
    const flags = letter(syn, 'S') + letter(fin, 'F') + letter(psh, 'P') + letter(ack, 'A');
    trace.push([(this.simulation.nowNs - cutNs) / ms, flags, packet.payloadBytes]);
  }

  private application(answers: boolean): TcpApplication {
    return {
      established: () => undefined,
      delivered: (endpoint) => answers && endpoint.send(100),
      finished: () => undefined,
      closed: () => (this.endedMs = (this.simulation.nowNs - cutNs) / ms),
    };
  }
}

/** The bar: within 5 % or 10 ms. */
function near(simulatedMs: number, measuredMs: number): boolean {
  return Math.abs(simulatedMs - measuredMs) <= Math.max(0.05 * measuredMs, 10);
}

const segments: Record<string, number[]> = {
  tail1: [100],
  'resp-lost': [100],
  tail2: [1000, 1000],
  tail10: new Array<number>(10).fill(1400),
};

function settingsOf(run: Run): TcpSettings {
  return { ...linux6, tailLossProbe: run.sysctl !== 'tcp_early_retrans=0' };
}

/** Simulates one connection of a run; both traces are in ms since the cut. */
function simulate(run: Run, name: string): { client: Trace; server: Trace } {
  const rig = new Rig(settingsOf(run), run.rtt_ms);
  const { app_send_ms: sendMs = 0 } = run.conns[name]!;
  if (name === 'resp-lost') rig.cutAnswers(run.D_real_ms);
  else rig.cut(run.D_real_ms);
  rig.at(sendMs, () => {
    if (name === 'fin') rig.connection.close();
    else if (name === 'syn') rig.connectAgain();
    else for (const bytes of segments[name]!) rig.connection.send(bytes);
  });
  rig.runMs(run.D_real_ms * 3 + 3000);
  return { client: rig.clientTrace, server: rig.serverTrace };
}

/** Packets that take sequence space: data, SYN, FIN. */
function substance(trace: Trace): number[] {
  return trace.filter(([, flags, bytes]) => bytes > 0 || /[SF]/.test(flags)).map(([atMs]) => atMs);
}

function endsAtResend(run: Run, sentMs: readonly number[]): boolean {
  return sentMs.some((atMs) => Math.abs(atMs - run.D_real_ms) < 0.03 * run.D_real_ms + 10);
}

interface Tally {
  packets: number;
  packetsNear: number;
  heals: number;
  healsNear: number;
  wrong: string[];
}

/**
 * Compares what was sent during the blackout, packet by packet, and when the first packet after it left. A cut
 * that ended near a resend (within 3 % and 10 ms) is not counted for the latter: the phase of the kernel's tick
 * decides there.
 */
function compare(tally: Tally, run: Run, name: string, real: number[], simulated: number[]): void {
  const during = real.filter((atMs) => atMs < run.D_real_ms);
  during.forEach((atMs, index) => {
    tally.packets++;
    if (near(simulated[index] ?? Infinity, atMs)) tally.packetsNear++;
    else tally.wrong.push(`${name} rtt ${run.rtt_ms} D ${run.D_real_ms}: ${atMs} ${simulated[index]}`);
  });
  const healed = real.find((atMs) => atMs >= run.D_real_ms);
  if (endsAtResend(run, [...real, ...simulated]) || healed === undefined) return;
  tally.heals++;
  const simulatedHeal = simulated.find((atMs) => atMs >= run.D_real_ms) ?? Infinity;
  if (near(simulatedHeal, healed)) tally.healsNear++;
  else tally.wrong.push(`${name} rtt ${run.rtt_ms} D ${run.D_real_ms} heal: ${healed} ${simulatedHeal}`);
}

/** Runs whose cut lasted as long as it should: the machine was not too busy to keep time. */
const timely = measured.runs.filter((run) => Math.abs(run.D_real_ms - run.D_ms) < 2);

/**
 * Of what the runs show, this part must lie within the bar. Two runs on a busy machine sent everything late by 20 to
 * 130 ms; they are counted too.
 */
const partNear = 0.98;

function expectNear(tally: Tally): void {
  expect(tally.packets).toBeGreaterThan(50);
  expect(tally.packetsNear / tally.packets, tally.wrong.join('\n')).toBeGreaterThanOrEqual(partNear);
  expect(tally.healsNear / tally.heals, tally.wrong.join('\n')).toBeGreaterThanOrEqual(partNear);
}

const noTally = (): Tally => ({ packets: 0, packetsNear: 0, heals: 0, healsNear: 0, wrong: [] });

describe('an endpoint of linux-6.x over a blackout, against a measured one', () => {
  it.each(['tail1', 'tail2', 'tail10', 'fin', 'syn', 'resp-lost'])('sends at the same times: %s', (name) => {
    const tally = noTally();
    for (const run of timely) {
      const connection = run.conns[name]!;
      const simulated = simulate(run, name);
      compare(tally, run, name, substance(connection.tx_ms_flags_len!), substance(simulated.client));
      if (name !== 'resp-lost') continue;
      compare(tally, run, 'server', substance(connection.peer_tx_ms_flags_len!), substance(simulated.server));
    }
    expectNear(tally);
  });

  it('sends a request that falls into the blackout again at the same times', () => {
    const tally = noTally();
    for (const run of timely) {
      const { request_in_blackout_ms: requests, retransmissions_ms_back_len: resends } = run.conns['rr']!;
      const requestMs = requests![0];
      if (requestMs === undefined) continue;
      const rig = new Rig(settingsOf(run), run.rtt_ms);
      rig.cut(run.D_real_ms);
      rig.at(requestMs, () => rig.connection.send(100));
      rig.runMs(run.D_real_ms * 3 + 3000);
      const real = [requestMs, ...resends!.map(([atMs]) => atMs!)];
      compare(tally, run, 'rr', real, substance(rig.clientTrace));
    }
    expectNear(tally);
  });

  it.each(['tail2', 'tail10'])('sends as many packets until all has arrived: %s', (name) => {
    let equal = 0;
    let counted = 0;
    for (const run of timely) {
      const real = substance(run.conns[name]!.tx_ms_flags_len!);
      const simulated = substance(simulate(run, name).client);
      if (endsAtResend(run, [...real, ...simulated])) continue;
      counted++;
      if (real.length === simulated.length && near(simulated.at(-1)!, real.at(-1)!)) equal++;
    }
    expect(counted).toBeGreaterThan(50);
    expect(equal / counted).toBeGreaterThanOrEqual(0.95);
  });
});

/** Sends at the cut, never healed, and says when what was sent and when it was given up. */
function forEver(settings: TcpSettings, action: (rig: Rig) => void): { sentMs: number[]; endedMs: number } {
  const rig = new Rig(settings, 0.1);
  rig.cut(Infinity);
  rig.at(0, () => action(rig));
  rig.runMs(2_000_000);
  return { sentMs: substance(rig.clientTrace), endedMs: rig.endedMs };
}

function expectSchedule(simulated: readonly number[], real: readonly number[]): void {
  real.forEach((atMs, index) =>
    expect(near(simulated[index]!, atMs), `${simulated[index]} ${atMs}`).toBe(true),
  );
}

describe('an endpoint of linux-6.x that is never answered, against a measured one', () => {
  const { schedules, retries2_5: fewRetries } = measured.long;
  const giveUp = (name: string): number => schedules.give_up_ms_errno[name]![0];

  it('sends its SYN at 1, 2, 3, 4, 5, 7, 11, 19, 35, 68 s and gives up at 134 s', () => {
    const { sentMs, endedMs } = forEver(linux6, (rig) => rig.connectAgain());
    expectSchedule(sentMs, schedules['syn_ms']!);
    expect(sentMs).toHaveLength(schedules['syn_ms']!.length);
    expect(near(endedMs, giveUp('syn'))).toBe(true);
  });

  it('sends its SYN and ACK at 1, 3, 7, 15, 31 s', () => {
    const rig = new Rig(linux6, 0.1);
    rig.cutAnswers(100_000);
    rig.at(0, () => rig.connectSilently());
    rig.runMs(100_000);
    const answers = rig.serverTrace.filter(([, flags]) => flags === 'SA').map(([atMs]) => atMs);
    expectSchedule(
      answers,
      schedules['synack_after_raw_syn_s']!.map((atS) => atS * 1000),
    );
    expect(answers).toHaveLength(6);
  });

  it('sends data and FIN ever more rarely', () => {
    expectSchedule(forEver(linux6, (rig) => rig.connection.send(100)).sentMs, schedules['data_ms']!);
    expectSchedule(forEver(linux6, (rig) => rig.connection.shutdown()).sentMs, schedules['fin_ms']!);
  });

  it('gives up after tcp_retries2', () => {
    const { sentMs, endedMs } = forEver({ ...linux6, retriesMax: 5 }, (rig) => rig.connection.send(100));
    expectSchedule(sentMs, fewRetries.data_ms);
    expect(sentMs).toHaveLength(fewRetries.data_ms.length);
    expect(near(endedMs, fewRetries.give_up_ms)).toBe(true);
  });

  it("gives up when the user's patience ends", () => {
    const settings = { ...linux6, userTimeoutNs: 5 * s };
    const { sentMs, endedMs } = forEver(settings, (rig) => rig.connection.send(100));
    expectSchedule(sentMs, schedules['user_timeout_ms']!);
    expect(near(endedMs, giveUp('user-timeout 5000'))).toBe(true);
  });

  it('finds out by keep-alive probes', () => {
    // The last packet before the silence came 2,967 − 3,000 ms before the measurement's zero.
    const rig = new Rig({ ...linux6, keepAlive: { idleNs: 3 * s, intervalNs: 2 * s, probesMax: 4 } }, 0.1);
    rig.connection.send(100);
    rig.runMs(50);
    rig.cut(Infinity);
    rig.clientTrace.length = 0;
    rig.runMs(60_000);
    expectSchedule(
      rig.clientTrace.map(([atMs]) => atMs),
      schedules.keepalive_ms.map(([atMs]) => atMs),
    );
    expect(near(rig.endedMs, giveUp('keepalive 3s/2s/4'))).toBe(true);
  });
});
