import { ipv4 } from '../../../models/network/address.ts';
import { measuredBlocks } from '../flows/block-flow.ts';
import { microseconds, milliseconds, seconds } from '../../../sim/time.ts';

/*
 * What belongs to the testbed of results/reference/golden-endtoend.json.gz and to nothing else: its machines, its
 * agent, its emulated processors. `meta` of that file describes it; figures are measured there unless said.
 */

export const addresses = {
  client: ipv4(0x0a00_0002),
  attacker: ipv4(0x0a00_0042),
  guest: ipv4(0x0a00_000a),
} as const;

/** meta.flows: 16 KiB each 32 ms. */
export const blocks = { ...measuredBlocks, blockBytes: 16_384 } as const;

/** Times of the script (meta.flows, meta.flow_fields, meta.probes), after what they are named for. */
export const script = {
  /** Flows run so long before the command to migrate that UDP entries count as streams (2 s, nf_conntrack_proto_udp.c). */
  migrateNs: seconds(3),
  lateFlowsAfterMigrateNs: milliseconds(400),
  idleSpeakAfterResumeNs: milliseconds(500),
  /** One connection is opened at once and closed after this, so that its tuple is known (meta.probes). */
  closedAfterNs: seconds(1),
  probesBeforeMigrateNs: milliseconds(200),
  probesAfterStopNs: microseconds(500),
  probesAfterResumeNs: {
    'resume+20ms': milliseconds(20),
    'resume+300ms': milliseconds(300),
    'resume+3s': seconds(3),
  },
  observedAfterResumeNs: seconds(5),
  aliveWindowNs: milliseconds(1500),
  gapsBeforeStopNs: milliseconds(1500),
  /** `t_ms.src_cancelled` of the runs that did not converge. */
  cancelAfterNs: seconds(40),
} as const;

/** The guest's memory besides its load. */
export const guest = {
  /** Pages that are not zero: `normal` pages of the idle runs less those sent twice. */
  nonzeroPages: 33_480,
  /**
   * The traffic writes 500-600 pages in every 100 ms, always about the same; 340 are new after 35 ms and 500 after
   * 65 ms in the runs that do not converge (`bitmap_syncs_ms_pages`).
   */
  trafficPages: 620,
  trafficWritesPerS: 15_000,
} as const;

/** QEMU's stream on this rig. */
export const stream = {
  /** A bucket counts a segment of up to 64 KiB with one header; 1-2 % are sent twice (`qdisc_dropped`). */
  lineShare: 0.98,
  /**
   * What the socket holds, in ns of line rate; it does not change during a run. A writer that waits goes on when a third
   * of it is free, so that the log is read at multiples of that third: in the four runs of 40 s
   * (`bitmap_syncs_ms_pages`) each 33, 34, 36 and 40 ms from the 5th second to the last, in repeat 1 of the moderate
   * load each 47-48 ms, in repeat 2 each 34-38. RESUME comes 65-131 ms after QEMU's own downtime, as that leaves.
   */
  bufferNs: { from: milliseconds(102), to: milliseconds(141) },
  bufferBytesMax: 4_350_000,
  /** The sender shares two processors with the guest: times of the first passes. */
  stallNs: milliseconds(30),
  /**
   * The first pass ends with zero pages, which leave the link idle; what comes after them in one burst fills the
   * bucket's queue (meta.rig.links: 20 ms) for a while: context that is sent within 0.3 s of that pass takes some 20 ms
   * to arrive, and 0-3 ms after a second (`network_ms`, `snapshots`).
   */
  queueNs: milliseconds(20),
  queueStandsNs: milliseconds(300),
  /** From the last byte to RESUME: devices are loaded, the processor starts (`dst_trace`). */
  resumeNs: milliseconds(6),
} as const;

/**
 * From RESUME to the guest's first work, since emulated code is translated anew: its first packet leaves after
 * 0-75 ms (`first_ip_from_guest_after_resume_ms`), its user space writes again after 80-130 ms, a period of its
 * own included.
 */
export const thawNs = milliseconds(60);

/** The agent that copies entries (`derived.context_copy`): dump, encode, link, load. */
export const agent = {
  /** Walk of a table of some 25 entries. */
  dumpNsFixed: microseconds(5_800),
  /** Each entry in the table is dumped (1.3-2 us) and compared or encoded (0.4 us), whether it is sent or not. */
  dumpNsPerEntry: 1_800,
  /** Entries of others in the kernel's one hash table are walked as well (meta.foreign_entries_in_hash). */
  dumpNsPerForeignEntry: 180,
  encodeNsPerEntry: 700,
  bytesPerEntry: 196,
  loadNsPerEntry: 1_700,
  loadNsFixed: microseconds(50),
  /** From an event to the agent's starting on it. */
  startNs: microseconds(400),
} as const;

/**
 * The agent's connection is idle before a copy, and its share grows against a saturating one: about 4 MB/s over
 * its first MB, 18 MB/s over 9.8 MB of which the last are alone on the link.
 */
export const contextShare = {
  initialWeight: 0.1,
  doublingNs: milliseconds(200),
  finalWeight: 1,
  /** With priority: 9.8 MB in 395 ms. */
  priorityWeight: 4,
} as const;
