import type {
  CompressionPlan,
  CopyCosts,
  LiveLimits,
  MemoryPlan,
  PreCopyPlan,
  QemuRounds,
  WireFormat,
  XenRounds,
} from '../../models/migration/memory/memory-plan.ts';
import { microseconds, milliseconds, seconds } from '../../sim/time.ts';
import type { Mark } from './mark.ts';
import { assumed, published, readInSource } from './mark.ts';

/** A named way of moving memory, with all its numbers. */
export interface MemoryPreset {
  readonly name: string;
  readonly summary: string;
  readonly plan: MemoryPlan;
  readonly mark: Mark;
}

const mebibyte = 2 ** 20;

/**
 * Xen 3.2 on gigabit Ethernet (Hines and Gopalan, VEE 2009, Fig. 4 and 5): 2.9 s before the first page, 22,600
 * pages a second live, 105.5 MiB/s while the guest stands still, 19 ms at the end.
 */
const xenCosts: CopyCosts = {
  setUpNs: milliseconds(2900),
  liveRateBps: 22_600 * 4096 * 8,
  stoppedRateBps: 105.5 * mebibyte * 8,
  endNs: milliseconds(19),
  deviceBytes: 65_536,
};

/** A page and its frame number (`xc_linux_save.c`); Xen before 4.6 sends zero pages like others. */
const xenWire: WireFormat = { dataPageBytes: 4104, zeroPageBytes: 4104, compression: { kind: 'none' } };

/** QEMU 7.2 (`migration/ram.c`): 8 bytes of header; a zero page is the header and one byte. */
const qemuWire: WireFormat = { dataPageBytes: 4104, zeroPageBytes: 9, compression: { kind: 'none' } };

/** Time at both ends of a QEMU migration, as measured with QEMU 7.2: set-up 1-6 ms, 23 ms until the guest runs. */
const qemuCosts: CopyCosts = {
  setUpNs: milliseconds(3),
  liveRateBps: Infinity,
  stoppedRateBps: Infinity,
  endNs: milliseconds(23),
  deviceBytes: 262_144,
};

/** Xen and VMotion end by rules of their own. */
const noLimits: LiveLimits = { roundsMax: Infinity, bytesMax: Infinity, liveNsMax: Infinity, then: 'stop' };

/**
 * QEMU and SimGrid go on for ever when a guest writes too fast. An hour is a choice of ours, long enough for any guest
 * that converges; whoever manages QEMU has a limit of a like length.
 */
const anHour: LiveLimits = { ...noLimits, liveNsMax: seconds(3600), then: 'give-up' };

const xenLegacyRounds: XenRounds = {
  kind: 'xen-legacy',
  rate: { kind: 'fixed', capBps: Infinity },
  roundsMax: 29,
  pagesMin: 50,
  factorMax: 3,
  skipDirtied: true,
  scanOrder: 'linear',
  batchPages: 1024,
};

const qemu: PreCopyPlan & { readonly rounds: QemuRounds } = {
  kind: 'pre-copy',
  costs: qemuCosts,
  wire: qemuWire,
  limits: anHour,
  rounds: {
    kind: 'qemu',
    capBps: 128 * mebibyte * 8,
    downtimeMaxNs: milliseconds(300),
    windowNs: milliseconds(100),
    wakeUpNs: 0,
    stepNsMax: milliseconds(50),
    socketBufferBytes: 3.8e6,
    throttle: { kind: 'none' },
    delta: { kind: 'none' },
    packetPages: 1,
    packetHeaderBytes: 0,
    connections: 1,
    dataPageNs: 3500,
    firstPageNs: 9000,
    zeroPageNs: 670,
  },
};

/**
 * zlib at level 1: 95 MB/s in and 360 MB/s out on a core of 4.5 GHz; zstd 330 and 940 (README of zstd 0.8.2, Silesia
 * corpus). Here for a core of the same kind at 2.7 GHz, on which QEMU's own figures were taken
 * (docs/multi-thread-compression.txt): 8 threads that compress and 2 that unpack are QEMU's default.
 */
const zlibThreads: CompressionPlan = {
  kind: 'threads',
  headerBytes: 12,
  threads: 8,
  unpackThreads: 2,
  pageNs: microseconds(72),
  unpackPageNs: microseconds(19),
  limits: 'wire',
};

/** A thread a channel, two by default. To 8.0 `multifd` counts pages as they were against `max-bandwidth`. */
const zstdChannels: CompressionPlan = {
  kind: 'threads',
  headerBytes: 0,
  threads: 2,
  unpackThreads: 2,
  pageNs: microseconds(20.7),
  unpackPageNs: microseconds(7.3),
  limits: 'memory',
};

const faults = {
  pushBps: Infinity,
  requestNs: microseconds(100),
  resumeNs: microseconds(50),
  preempt: false,
  prePagingPages: 0,
} as const;

/** Every memory plan that has a name, the default first. */
export const memoryPresets: readonly MemoryPreset[] = [
  {
    name: 'qemu',
    summary:
      'QEMU 7.2: windows of 100 ms, 128 MiB/s, stop when the rest takes under 300 ms, give up after 1 h',
    plan: qemu,
    mark: readInSource('QEMU 7.2, migration/migration.c, ram.c and options.c; times measured with QEMU 7.2'),
  },
  {
    name: 'qemu-compress',
    summary: 'as qemu, with data pages compressed by zlib in 8 threads and unpacked in 2',
    plan: { ...qemu, wire: { ...qemuWire, compression: zlibThreads } },
    mark: readInSource('QEMU 7.2, migration/ram.c; speed of zlib: README of zstd 0.8.2, scaled to 2.7 GHz'),
  },
  {
    name: 'qemu-multifd-zstd',
    summary: 'as qemu, in packets of 128 pages that two channels compress by zstd',
    plan: {
      ...qemu,
      rounds: { ...qemu.rounds, packetPages: 128, packetHeaderBytes: 1344, connections: 2 },
      wire: { ...qemuWire, compression: zstdChannels },
    },
    mark: readInSource(
      'QEMU 7.2, migration/multifd.c and multifd-zstd.c; speed: README of zstd 0.8.2, at 2.7 GHz',
    ),
  },
  {
    name: 'xen-legacy',
    summary:
      'Xen 3.x to 4.5: 29 rounds, 50 pages or three times the memory; dirtied pages skipped; no rate limit',
    plan: { kind: 'pre-copy', costs: xenCosts, wire: xenWire, rounds: xenLegacyRounds, limits: noLimits },
    mark: readInSource('Xen 4.1.2, xc_domain_save.c; times: Hines and Gopalan, VEE 2009, Fig. 4 and 5'),
  },
  {
    name: 'xen-2005',
    summary: 'Xen of Clark et al.: as xen-legacy, with the adaptive rate of 100 to 500 Mbit/s',
    plan: {
      kind: 'pre-copy',
      costs: { ...xenCosts, setUpNs: 0, liveRateBps: 370e6, stoppedRateBps: 724e6, endNs: milliseconds(9) },
      wire: xenWire,
      rounds: {
        ...xenLegacyRounds,
        kind: 'xen-2005',
        rate: { kind: 'adaptive', minimumBps: 100e6, maximumBps: 500e6, stepBps: 50e6 },
        scanOrder: 'random',
      },
      limits: noLimits,
    },
    mark: published('Clark et al., NSDI 2005, section 5.3 and Fig. 9; xc_linux_save.c of 2005'),
  },
  {
    name: 'xen-current',
    summary: 'Xen since 4.6: at most 5 live rounds, or fewer than 50 dirty pages',
    plan: {
      kind: 'pre-copy',
      costs: xenCosts,
      wire: xenWire,
      rounds: { ...xenLegacyRounds, kind: 'xen-current', roundsMax: 5, skipDirtied: false },
      limits: noLimits,
    },
    mark: readInSource('Xen, xg_sr_save.c; times: Hines and Gopalan, VEE 2009'),
  },
  {
    name: 'vmotion',
    summary: 'VMware of Nelson et al.: until less than 16 MB are left or a round helps by less than 1 MB',
    plan: {
      kind: 'pre-copy',
      costs: { ...qemuCosts, endNs: milliseconds(100) },
      wire: qemuWire,
      rounds: { kind: 'vmotion', capBps: Infinity, restBytesMax: 16e6, gainBytesMin: 1e6 },
      limits: noLimits,
    },
    mark: assumed('Nelson et al., USENIX 2005, as recalled'),
  },
  {
    name: 'simgrid',
    summary:
      'SimGrid’s plugin: whole rounds until the rest takes under 30 ms, give up after 1 h; no overheads',
    plan: {
      kind: 'pre-copy',
      costs: { ...qemuCosts, setUpNs: 0, endNs: 0, deviceBytes: 0 },
      wire: { dataPageBytes: 4096, zeroPageBytes: 4096, compression: { kind: 'none' } },
      rounds: { kind: 'simgrid', capBps: Infinity, downtimeMaxNs: milliseconds(30) },
      limits: anHour,
    },
    mark: readInSource('SimGrid, live-migration plugin, 2019'),
  },
  {
    name: 'stop-and-copy',
    summary: 'all memory while the guest stands still',
    plan: { kind: 'stop-and-copy', costs: qemuCosts, wire: qemuWire },
    mark: published('Clark et al., NSDI 2005, section 2; times measured with QEMU 7.2'),
  },
  {
    name: 'post-copy',
    summary: 'the guest resumes at once and fetches what it meets, while the rest is pushed',
    plan: { kind: 'post-copy', costs: qemuCosts, wire: qemuWire, faults },
    mark: published('Hines and Gopalan, VEE 2009; times measured with QEMU 7.2, fault times assumed'),
  },
  {
    name: 'hybrid',
    summary: 'one round of pre-copy, then post-copy for the rest',
    plan: {
      kind: 'hybrid',
      costs: qemuCosts,
      wire: qemuWire,
      rounds: qemu.rounds,
      switchAfterNs: seconds(60),
      switchAfterRounds: 1,
      faults,
    },
    mark: assumed('one round as in Hines and Gopalan, VEE 2009; times measured with QEMU 7.2'),
  },
];

/** The memory plan of that name, `undefined` without one. */
export function memoryPreset(name: string): MemoryPreset | undefined {
  return memoryPresets.find((preset) => preset.name === name);
}

/** What schemes use where nothing else is said. */
export const defaultMemory: MemoryPreset = memoryPresets[0]!;
