import { milliseconds, seconds } from '../../sim/time.ts';
import type {
  DeltaPlan,
  LiveLimits,
  QemuRounds,
  ThrottlePlan,
} from '../../models/migration/memory/memory-plan.ts';
import type { RemotePages } from '../../models/migration/memory/post-copy.ts';
import type { QemuPlan } from '../../models/migration/memory/qemu-pre-copy.ts';
import type { SocketCapacity } from '../../models/migration/memory/socket-buffer.ts';
import { fixedSocket } from '../../models/migration/memory/socket-buffer.ts';
import type { QemuRunParams } from './qemu-measurement.ts';

/** QEMU's plan for a measured run: its parameters, and what the rig's machines need for a page. */
export function qemuPlan(params: QemuRunParams): QemuPlan {
  const rounds = qemuRounds(params);
  const wire = { dataPageBytes: 4096 + 8, zeroPageBytes: 8 + 1, compression: { kind: 'none' } } as const;
  const costs = {
    setUpNs: milliseconds(2.5),
    liveRateBps: Infinity,
    stoppedRateBps: Infinity,
    endNs: guestBackNs,
    deviceBytes,
  };
  const switchNs = params.postcopyAtS === null ? Infinity : seconds(params.postcopyAtS) + commandNs;
  const limits: LiveLimits = {
    roundsMax: Infinity,
    bytesMax: Infinity,
    liveNsMax: Math.min(switchNs, params.endsAfterS * 1e9, endlessNs),
    then: params.postcopyAtS === null ? 'give-up' : 'stop',
  };
  const host = { socket: socket(params), stoppedCpuShare: 0.53 };
  return { kind: 'pre-copy', costs, wire, rounds, limits, host };
}

/** From the end of QEMU's own downtime on loopback to the guest's first sign of life; median of the rig. */
const guestBackNs = milliseconds(23);
/** State of the devices of a `pc` machine without disk. */
const deviceBytes = 60_000;
/** A run that states no end of its own and has none is over here: five times the longest measured is 108 s. */
const endlessNs = seconds(120);
/** From the timer that starts post-copy to QEMU's having read the command. */
const commandNs = milliseconds(5);

function qemuRounds(params: QemuRunParams): QemuRounds {
  const multifd = params.capabilities.includes('multifd');
  return {
    kind: 'qemu',
    capBps: params.maxBandwidthBps,
    downtimeMaxNs: milliseconds(params.downtimeLimitMs),
    windowNs: milliseconds(100),
    // Timer slack and whole milliseconds: the windows of all rate-limited runs last 100.45 ms in the median.
    wakeUpNs: milliseconds(0.45),
    stepNsMax: milliseconds(50),
    socketBufferBytes: 0,
    throttle: throttle(params),
    delta: delta(params),
    packetPages: multifd ? 128 : 1,
    packetHeaderBytes: multifd ? 1344 : 0,
    connections: 1,
    dataPageNs: 6_500,
    firstPageNs: 17_000,
    zeroPageNs: 667,
  };
}

/** Payload share of an Ethernet frame with IPv4 and TCP timestamps: 1448 of 1514 bytes that the bucket counts. */
const payloadShare = 1448 / 1514;

/**
 * What the link carries for QEMU. Over loopback the pages of pre-copy cost what the plan says for both ends; in
 * post-copy the destination takes a page in 6.5 us beside the source.
 */
export function qemuLineBps({ linkBps, postcopyAtS }: QemuRunParams): number {
  if (linkBps !== null) return linkBps * payloadShare;
  return postcopyAtS === null ? 20e9 : 5e9;
}

/** What a loopback connection holds that sends in bursts: its buffers have not grown much. */
const loopbackBytes = 500_000;

/** What the token bucket of a link holds when it is full: 20 ms of its rate (`latency` of tc-tbf) and 128 kB. */
function queuedBytes(linkBps: number): number {
  return (linkBps / 8) * 0.02 + 128_000;
}

/**
 * A send buffer beside what the network holds: tcp_sndbuf_expand (net/ipv4/tcp_input.c) asks for room for two
 * windows and counts 2,304 bytes for a segment of 1,448; a window overshoots what the queue holds by a sixth (the
 * first windows of the runs at 256 Mbit/s: 90 ms of line rate).
 */
const bufferForQueue = 2 * (2304 / 1448) * (7 / 6);

/**
 * What is written before it is sent: the buffer grows with the window up to tcp_wmem, 4 MiB and one write more,
 * which the link runs reach after some seconds.
 */
function socket(params: QemuRunParams): SocketCapacity {
  const maximumBytes = 4_350_000;
  if (params.linkBps === null && params.postcopyAtS !== null) return fixedSocket(loopbackBytes);
  const bytesPerS = qemuLineBps(params) / 8;
  // The link runs lose 2.9 % of the line's time in the median, in pauses of some tens of milliseconds; the loop itself
  // accounts for 0.3 % of it.
  const stalls = {
    stallEveryBytes: params.linkBps === null ? Infinity : bytesPerS,
    stallNs: milliseconds(26),
  };
  if (params.socketBufferBytes !== null) {
    // The kernel doubles what is asked for (SO_SNDBUF, net/core/sock.c).
    const bytes = 2 * params.socketBufferBytes;
    return { initialBytes: bytes, maximumBytes: bytes, growthBytesPerS: 0, ...stalls };
  }
  const windowBytes = params.linkBps === null ? Infinity : queuedBytes(params.linkBps) * payloadShare;
  const initialBytes = Math.min(maximumBytes, windowBytes * bufferForQueue);
  return { initialBytes, maximumBytes, growthBytesPerS: bytesPerS * 0.016, ...stalls };
}

function throttle({ capabilities, parameters }: QemuRunParams): ThrottlePlan {
  if (!capabilities.includes('auto-converge')) return { kind: 'none' };
  return {
    kind: 'auto-converge',
    triggerShare: (parameters['throttle-trigger-threshold'] ?? 50) / 100,
    initial: (parameters['cpu-throttle-initial'] ?? 20) / 100,
    increment: (parameters['cpu-throttle-increment'] ?? 10) / 100,
    maximum: (parameters['max-cpu-throttle'] ?? 99) / 100,
  };
}

function delta({ capabilities, parameters, workload }: QemuRunParams): DeltaPlan {
  if (!capabilities.includes('xbzrle')) return { kind: 'none' };
  const cacheBytes = parameters['xbzrle-cache-size'] ?? 64 * 2 ** 20;
  return { kind: 'xbzrle', cachePages: cacheBytes / 4096, changedBytes: workload.writeBytes };
}

/**
 * Post-copy's part of the plan: a page is pushed in 3.5 us and faults follow each other within 4 ms, both measured
 * over loopback. What the token bucket holds also delays pages on a channel of their own.
 */
export function qemuRemotePages(params: QemuRunParams): RemotePages {
  const { capabilities, parameters, linkBps } = params;
  const pushBytesPerS = parameters['max-postcopy-bandwidth'] ?? 0;
  const { costs, wire } = qemuPlan(params);
  const faults = {
    pushBps: pushBytesPerS === 0 ? Infinity : pushBytesPerS * 8,
    requestNs: milliseconds(1),
    resumeNs: milliseconds(3),
    preempt: capabilities.includes('postcopy-preempt'),
    prePagingPages: 0,
  };
  const path = {
    pushPageNs: 3_500,
    queueNs: linkBps === null ? 0 : seconds(queuedBytes(linkBps) / (linkBps / 8)),
    requestsWaitForWindow: pushBytesPerS > 0,
  };
  return { costs: { ...costs, endNs: milliseconds(5) }, wire, faults, path, everything: false };
}
