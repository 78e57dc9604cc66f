import { milliseconds, seconds } from '../../sim/time.ts';
import type {
  DeltaPlan,
  FaultHandling,
  LiveLimits,
  QemuRounds,
  ThrottlePlan,
} from '../../models/migration/memory/memory-plan.ts';
import type { QemuPlan } from '../../models/migration/memory/qemu-pre-copy.ts';
import type { QemuRunParams } from './qemu-measurement.ts';

/** QEMU's plan for a measured run: its parameters, and what the rig's machines need for a page. */
export function qemuPlan(params: QemuRunParams): QemuPlan {
  const rounds = qemuRounds(params);
  const wire = { dataPageBytes: 4096 + 8, zeroPageBytes: 8 + 1 };
  const costs = {
    setUpNs: milliseconds(2.5),
    liveRateBps: Infinity,
    stoppedRateBps: Infinity,
    endNs: guestBackNs,
    deviceBytes,
  };
  const limits: LiveLimits = {
    roundsMax: Infinity,
    bytesMax: Infinity,
    liveNsMax: params.endsAfterS * 1e9,
    then: 'give-up',
  };
  return { kind: 'pre-copy', costs, wire, rounds, limits };
}

/** From the end of QEMU's own downtime on loopback to the guest's first sign of life; median of the rig. */
const guestBackNs = milliseconds(23);
/** State of the devices of a `pc` machine without disk. */
const deviceBytes = 60_000;
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
    socketBufferBytes: socketBufferBytes(params),
    throttle: throttle(params),
    delta: delta(params),
    packetPages: multifd ? 128 : 1,
    packetHeaderBytes: multifd ? 1344 : 0,
    dataPageNs: 3_500,
    firstPageNs: 9_000,
    zeroPageNs: 667,
  };
}

/** Payload share of an Ethernet frame with IPv4 and TCP timestamps: 1448 of 1514 bytes that the bucket counts. */
const payloadShare = 1448 / 1514;

/** What the link carries for QEMU; loopback moves pages as fast as the processors copy them. */
export function qemuLineBps({ linkBps }: QemuRunParams): number {
  return linkBps === null ? 20e9 : linkBps * payloadShare;
}

function socketBufferBytes({ linkBps, socketBufferBytes: fixedBytes }: QemuRunParams): number {
  // The kernel doubles what is asked for (SO_SNDBUF, net/core/sock.c).
  if (fixedBytes !== null) return 2 * fixedBytes;
  if (linkBps === null) return 4_194_304;
  // tcp_sndbuf_expand: twice the window, 4352 bytes of memory a segment; the window fills the bucket's queue.
  const queueBytes = (linkBps / 8) * 0.02 + 128_000;
  return 2 * (4352 / 1448) * queueBytes;
}

function throttle({ capabilities, parameters }: QemuRunParams): ThrottlePlan {
  if (!capabilities.includes('auto-converge')) return { kind: 'none' };
  return {
    kind: 'auto-converge',
    triggerShare: (parameters['throttle-trigger-threshold'] ?? 50) / 100,
    initial: parameters['cpu-throttle-initial'] ?? 20,
    increment: parameters['cpu-throttle-increment'] ?? 10,
    maximum: parameters['max-cpu-throttle'] ?? 99,
  };
}

function delta({ capabilities, parameters, workload }: QemuRunParams): DeltaPlan {
  if (!capabilities.includes('xbzrle')) return { kind: 'none' };
  const cacheBytes = parameters['xbzrle-cache-size'] ?? 64 * 2 ** 20;
  return { kind: 'xbzrle', cachePages: cacheBytes / 4096, changedBytes: workload.writeBytes };
}

function faultHandling({ capabilities, parameters }: QemuRunParams): FaultHandling {
  const pushBytesPerS = parameters['max-postcopy-bandwidth'] ?? 0;
  return {
    pushBps: pushBytesPerS === 0 ? Infinity : pushBytesPerS * 8,
    requestNs: milliseconds(1),
    resumeNs: milliseconds(2),
    preempt: capabilities.includes('postcopy-preempt'),
    prePagingPages: 0,
  };
}
