import { assert } from '../../../sim/assert.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { milliseconds, ms, s } from '../../../sim/time.ts';
import { ipv4 } from '../../../models/network/address.ts';
import { EndpointHost } from '../../../models/network/endpoint-host.ts';
import { IdleConnections } from '../../../models/network/idle-connections.ts';
import { linuxListen } from '../../../models/network/listen-queue.ts';
import {
  changedPacket,
  partOf,
  TcpFlag,
  timestampBytes,
  type Packet,
} from '../../../models/network/packet.ts';
import type { TcpApplication } from '../../../models/network/tcp-application.ts';
import type { TcpEndpoint } from '../../../models/network/tcp-endpoint.ts';
import { linux6, type TcpSettings } from '../../../models/network/tcp-settings.ts';
import { flagLetters } from '../wire-view.ts';
import type { Act, EndName, EndpointCase, PathFault, SentPacket } from './endpoint-case.ts';

/**
 * What simulated ends of `linux-6.x` send in a case, bare acknowledgements left out; the clock
 * behind the ticks of the kernel says `clockMs` at 0 ms, which is no whole tick where nobody asks.
 */
export function replayEndpoints(spec: EndpointCase, clockMs = 1051.7 + spec.leadMs): SentPacket[] {
  return new EndpointReplay(spec, clockMs).run();
}

/** What the recorder's path adds each way: less where it is busy with a packet for as long as the packet takes. */
const pathNs = 0.1 * ms;
const ratedPathNs = 0.05 * ms;

/** The ends meet so long before what goes before 0 ms. */
const meetNs = 50 * ms;

/** What a frame takes beside its payload: Ethernet with its gap, and the headers of IP and TCP with timestamps. */
const frameBytes = 38 + 52;

class EndpointReplay {
  private readonly spec: EndpointCase;
  private readonly simulation = new Simulation({
    scenario: 'endpoints',
    seed: 1,
    repetition: 0,
    replayCommand: '',
  });
  private readonly settings: TcpSettings;
  private readonly zeroNs: number;
  private readonly hosts: Record<EndName, EndpointHost>;
  private readonly ends: Record<EndName, TcpEndpoint | null> = { c: null, s: null };
  private readonly sent: SentPacket[] = [];
  private readonly firstNumbers: Record<EndName, number> = { c: -1, s: -1 };
  private readonly counts: Record<EndName, number> = { c: 0, s: 0 };
  /** When the path has sent all that came to it. */
  private readonly freeNs: Record<EndName, number> = { c: 0, s: 0 };
  private receivedBytes = 0;
  private receivedBeforeZero = -1;

  constructor(spec: EndpointCase, clockMs: number) {
    this.spec = spec;
    this.settings = settingsOf(spec);
    this.zeroNs = Math.round(clockMs * ms);
    const ofServer = new IdleConnections(this.settings);
    const ofClient = new IdleConnections(
      settingsOf({ ...spec, sysctls: { ...spec.sysctls, ...spec.clientSysctls } }),
    );
    const host = (end: EndName): EndpointHost =>
      new EndpointHost(
        ipv4(end === 'c' ? 1 : 2),
        end === 'c' ? ofClient : ofServer,
        this.simulation,
        this.simulation,
        (packet) => this.cutUp(end, packet),
      );
    this.hosts = { c: host('c'), s: host('s') };
    this.hosts.s.listenTcp(80, () => this.application('s'));
  }

  run(): SentPacket[] {
    const { leadMs, script, runMs } = this.spec;
    const meetsNs = this.zeroNs - Math.round(leadMs * ms) - meetNs;
    if (leadMs > 0) this.simulation.scheduleAt(meetsNs, () => this.connect(), undefined);
    for (const act of script) {
      const atNs = Math.round(this.zeroNs + act[0] * ms);
      this.simulation.scheduleAt(atNs, () => this.act(act), undefined);
    }
    this.simulation.run(Math.round(this.zeroNs + runMs * ms));
    return this.sent;
  }

  private get nowMs(): number {
    return (this.simulation.nowNs - this.zeroNs) / ms;
  }

  private connect(): void {
    this.ends.c = this.hosts.c.connectTcp(40_000, ipv4(2), 80, 0, this.application('c'));
  }

  private act([, name, what, bytes]: Act): void {
    if (what === 'connect') this.connect();
    const end = this.ends[name];
    if (end === null) return;
    if (what === 'send') end.send(bytes!);
    else if (what === 'shutdown') end.shutdown();
    else if (what === 'close') end.close();
    else if (what === 'abort') end.abort();
    else if (what === 'vanish') {
      this.hosts[name].forget(end);
      this.ends[name] = null;
    } else assert(what === 'connect', 'a case says what the ends do');
  }

  private application(name: EndName): TcpApplication {
    return {
      established: (end) => {
        this.ends[name] = end;
      },
      delivered: (end, bytes) => {
        if (name === 's') this.answer(end, bytes);
      },
      finished: (end) => {
        if (this.spec.closesAtEof?.includes(name) === true) end.close();
      },
      closed: () => {
        this.ends[name] = null;
      },
    };
  }

  private answer(end: TcpEndpoint, bytes: number): void {
    const started = this.nowMs >= -1;
    if (started && this.receivedBeforeZero < 0) this.receivedBeforeZero = this.receivedBytes;
    const [per, answerBytes] = started ? this.spec.answerFromZero : this.spec.answer;
    const before = this.receivedBytes - Math.max(0, this.receivedBeforeZero);
    this.receivedBytes += bytes;
    const answers = Math.floor((before + bytes) / per) - Math.floor(before / per);
    for (let i = 0; i < answers; i++) end.send(answerBytes);
  }

  /** The recorder sees single segments. */
  private cutUp(name: EndName, packet: Packet): void {
    const size = this.settings.segmentBytesMax - (packet.timestamp >= 0 ? timestampBytes : 0);
    if (packet.payloadBytes <= size) {
      this.carry(name, packet);
      return;
    }
    for (let at = 0; at < packet.payloadBytes; at += size) {
      const end = Math.min(at + size, packet.payloadBytes);
      const inner = packet.tcpFlags & ~(TcpFlag.psh | TcpFlag.fin);
      const tcpFlags = end === packet.payloadBytes ? packet.tcpFlags : inner;
      this.carry(name, changedPacket(partOf(packet, at, end), { tcpFlags }));
    }
  }

  private carry(name: EndName, packet: Packet): void {
    const other = name === 'c' ? 's' : 'c';
    if ((packet.tcpFlags & TcpFlag.syn) !== 0) this.firstNumbers[name] = packet.sequence;
    const atMs = this.nowMs;
    if (atMs >= 0) this.counts[name]++;
    const dropped = this.drops(name, atMs);
    const takesNumbers = (packet.tcpFlags & (TcpFlag.syn | TcpFlag.fin | TcpFlag.rst)) !== 0;
    if (atMs > -1 && (packet.payloadBytes > 0 || takesNumbers)) {
      const number = (packet.sequence - this.firstNumbers[name]) >>> 0;
      const acknowledges = (packet.tcpFlags & TcpFlag.ack) !== 0;
      const acknowledged = acknowledges ? (packet.acknowledgement - this.firstNumbers[other]) >>> 0 : 0;
      this.sent.push([
        ...([atMs, name, flagLetters(packet.tcpFlags)] as const),
        ...([number, packet.payloadBytes, acknowledged, dropped ? 1 : 0] as const),
        optionsText(packet),
      ]);
    }
    if (dropped) return;
    const hold = this.spec.holds?.find((fault) => strikes(fault, name, atMs));
    const waitNs = hold === undefined ? 0 : milliseconds(hold[2] - atMs);
    const delayNs = Math.round(waitNs + this.wireNs(name, packet) + (this.spec.rttMs / 2) * ms);
    this.simulation.schedule(delayNs, () => this.hosts[other].deliver(packet), undefined);
  }

  /** How long a packet waits for those before it and then takes, at the rate of the path and by the path's own doing. */
  private wireNs(name: EndName, packet: Packet): number {
    const { rateMbps } = this.spec;
    if (rateMbps === undefined) return pathNs;
    const { nowNs } = this.simulation;
    const ownNs = ((packet.payloadBytes + frameBytes) * 8000) / rateMbps;
    this.freeNs[name] = Math.max(nowNs, this.freeNs[name]) + ownNs;
    return this.freeNs[name] - nowNs + ratedPathNs;
  }

  private drops(name: EndName, atMs: number): boolean {
    const { cuts, drop } = this.spec;
    if (cuts?.some((fault) => strikes(fault, name, atMs)) === true) return true;
    const counted = drop?.some(([end, count]) => end === name && count === this.counts[name]);
    return atMs >= 0 && counted === true;
  }
}

/** Kinds of a SYN's options in ascending order, the window's shift beside its kind. */
function optionsText(packet: Packet): string {
  if ((packet.tcpFlags & TcpFlag.syn) === 0) return '';
  const scale = packet.windowScale >= 0 ? [`3:${packet.windowScale}`] : [];
  const rest = [...(packet.sackPermitted ? ['4'] : []), ...(packet.timestamp >= 0 ? ['8'] : [])];
  return ['2', ...scale, ...rest].join(' ');
}

function strikes([ends, startMs, endMs]: PathFault, name: EndName, atMs: number): boolean {
  return ends.includes(name) && startMs <= atMs && atMs < endMs;
}

function settingsOf({
  sysctls = {},
  keepAlive,
  userTimeoutMs,
}: Pick<EndpointCase, 'sysctls' | 'keepAlive' | 'userTimeoutMs'>): TcpSettings {
  return {
    ...linux6,
    retriesMax: sysctls['net.ipv4.tcp_retries2'] ?? linux6.retriesMax,
    orphanRetriesMax: sysctls['net.ipv4.tcp_orphan_retries'] ?? linux6.orphanRetriesMax,
    finTimeoutNs: (sysctls['net.ipv4.tcp_fin_timeout'] ?? linux6.finTimeoutNs / s) * s,
    selectiveAcknowledgement: sysctls['net.ipv4.tcp_sack'] !== 0,
    listen: {
      ...linuxListen,
      synCookies: sysctls['net.ipv4.tcp_syncookies'] === 2 ? 'always' : linuxListen.synCookies,
      timestamps: sysctls['net.ipv4.tcp_timestamps'] !== 0,
    },
    synRetries: sysctls['net.ipv4.tcp_syn_retries'] ?? linux6.synRetries,
    synAckRetries: sysctls['net.ipv4.tcp_synack_retries'] ?? linux6.synAckRetries,
    tailLossProbe: sysctls['net.ipv4.tcp_early_retrans'] !== 0,
    userTimeoutNs: userTimeoutMs === undefined ? Infinity : userTimeoutMs * ms,
    keepAlive:
      keepAlive === undefined
        ? null
        : { idleNs: keepAlive[0] * s, intervalNs: keepAlive[1] * s, probesMax: keepAlive[2] },
  };
}
