import type { ScanOrder } from '../../compute/guest-memory.ts';

/**
 * How a VM's memory reaches the destination, as data. Durations in ns, sizes in bytes, rates in bit/s;
 * `Infinity` stands for "no limit".
 */
export type MemoryPlan = StopAndCopyPlan | PreCopyPlan | PostCopyPlan | HybridPlan;

/** Everything is copied while the guest stands still (Clark et al., NSDI 2005, section 2: "pure stop-and-copy"). */
export interface StopAndCopyPlan {
  readonly kind: 'stop-and-copy';
  readonly costs: CopyCosts;
  readonly wire: WireFormat;
}

/** Rounds while the guest runs, each sending what the last one missed, until the stop rule says stop. */
export interface PreCopyPlan {
  readonly kind: 'pre-copy';
  readonly costs: CopyCosts;
  readonly wire: WireFormat;
  readonly rounds: LiveRounds;
  readonly limits: LiveLimits;
}

/**
 * The guest resumes at the destination before its memory is there and fetches missing pages as it meets them,
 * while the rest is pushed (Hines and Gopalan, VEE 2009).
 */
export interface PostCopyPlan {
  readonly kind: 'post-copy';
  readonly costs: CopyCosts;
  readonly wire: WireFormat;
  readonly faults: FaultHandling;
}

/** Rounds of pre-copy up to a limit, then post-copy for the rest. */
export interface HybridPlan {
  readonly kind: 'hybrid';
  readonly costs: CopyCosts;
  readonly wire: WireFormat;
  readonly rounds: LiveRounds;
  /** Post-copy starts after this time or this many rounds, whichever comes first. */
  readonly switchAfterNs: number;
  readonly switchAfterRounds: number;
  readonly faults: FaultHandling;
}

/** Fixed times and rates that do not depend on how the guest writes. */
export interface CopyCosts {
  /** From the start of the transfer to the first page. */
  readonly setUpNs: number;
  /** What the hosts can copy at most while the guest runs, and while it stands still. */
  readonly liveRateBps: number;
  readonly stoppedRateBps: number;
  /** From the last page to the moment at which the destination could resume: device state, drivers. */
  readonly endNs: number;
  readonly deviceBytes: number;
}

/** What a page costs on the wire. */
export interface WireFormat {
  readonly dataPageBytes: number;
  /** A zero page as a marker; the same as a data page where zero pages are not looked for. */
  readonly zeroPageBytes: number;
  readonly compression: CompressionPlan;
}

/**
 * `threads`: data pages are compressed before they are sent, each by itself, in threads beside the sending one, and
 * unpacked in threads of the destination. QEMU's `compress` and `multifd-compression` (migration/ram.c, multifd-zlib.c,
 * multifd-zstd.c, 7.2).
 */
export type CompressionPlan =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'threads';
      /** Header of a compressed page. */
      readonly headerBytes: number;
      readonly threads: number;
      readonly unpackThreads: number;
      /** CPU time of one thread for a page. */
      readonly pageNs: number;
      readonly unpackPageNs: number;
      /** What a rate limit counts: bytes on the wire, or pages as they were (`multifd` to 8.0). */
      readonly limits: 'wire' | 'memory';
    };

/** How live rounds go. */
export type LiveRounds = XenRounds | SimGridRounds | VMotionRounds | QemuRounds;

/**
 * Xen up to 4.5 (`xc_linux_save.c`, `xc_domain_save.c`, `xg_save` of 4.1.2): stop after a round when it was the
 * `roundsMax`-th, when fewer than `pagesMin` pages were sent and skipped in it, or when more than `factorMax`
 * times the memory has been sent. `xen-2005` adds the adaptive rate, and with it the rule that a round at the
 * full rate that sent more than the round before is the last. `xen-current` (`xg_sr_save.c`) stops on fewer than
 * `pagesMin` dirty pages, sent live once more, or after `roundsMax` rounds.
 */
export interface XenRounds {
  readonly kind: 'xen-2005' | 'xen-legacy' | 'xen-current';
  readonly rate: LiveRate;
  readonly roundsMax: number;
  readonly pagesMin: number;
  readonly factorMax: number;
  readonly skipDirtied: boolean;
  readonly scanOrder: ScanOrder;
  /** Pages between two looks at the log, with `skipDirtied`. */
  readonly batchPages: number;
}

/** A fixed cap, or one that only rises: to the last round's dirtying plus a step, never above the maximum. */
export type LiveRate =
  | { readonly kind: 'fixed'; readonly capBps: number }
  | {
      readonly kind: 'adaptive';
      readonly minimumBps: number;
      readonly maximumBps: number;
      readonly stepBps: number;
    };

/** Whole rounds until the rest would take no longer than the downtime limit at the last round's rate. */
export interface SimGridRounds {
  readonly kind: 'simgrid';
  readonly capBps: number;
  readonly downtimeMaxNs: number;
}

/**
 * Whole rounds until little is left or a round helps little (Nelson et al., USENIX 2005, as recalled: fewer than
 * 16 MB modified, or less than 1 MB fewer than the round before).
 */
export interface VMotionRounds {
  readonly kind: 'vmotion';
  readonly capBps: number;
  readonly restBytesMax: number;
  readonly gainBytesMin: number;
}

/** QEMU's loop of rate windows (migration/migration.c and ram.c, 7.2). */
export interface QemuRounds {
  readonly kind: 'qemu';
  /** `max-bandwidth`. */
  readonly capBps: number;
  /** `downtime-limit`. */
  readonly downtimeMaxNs: number;
  /** Length of a rate window, and how late the sending thread wakes up after it. */
  readonly windowNs: number;
  readonly wakeUpNs: number;
  /** A step of sending is cut short after this time (MAX_WAIT). */
  readonly stepNsMax: number;
  /** What the socket takes in without blocking. */
  readonly socketBufferBytes: number;
  readonly throttle: ThrottlePlan;
  readonly delta: DeltaPlan;
  /** `multifd` packets; 1 page a packet without. */
  readonly packetPages: number;
  readonly packetHeaderBytes: number;
  /** Over which pages travel: `multifd-channels`, or 1. */
  readonly connections: number;
  /** CPU time for one page while the guest runs: sent before, sent for the first time, zero. */
  readonly dataPageNs: number;
  readonly firstPageNs: number;
  readonly zeroPageNs: number;
}

export type ThrottlePlan =
  | { readonly kind: 'none' }
  /** `auto-converge`: sleeps for vCPUs whose dirtying exceeds a share of what is sent. */
  | {
      readonly kind: 'auto-converge';
      readonly triggerShare: number;
      readonly initial: number;
      readonly increment: number;
      readonly maximum: number;
    }
  /** `dirty-limit`: a guest further than 25 MiB/s above this rate of dirtying is slowed to it. */
  | { readonly kind: 'dirty-limit'; readonly bytesPerS: number };

export type DeltaPlan =
  | { readonly kind: 'none' }
  /** XBZRLE with a direct-mapped cache of so many pages; a page that changed in `changedBytes` places. */
  | { readonly kind: 'xbzrle'; readonly cachePages: number; readonly changedBytes: number };

/**
 * What ends a pre-copy that does not converge by its own rule. The first limit that is reached counts, at the
 * end of a round (`qemu`: of a window).
 */
export interface LiveLimits {
  readonly roundsMax: number;
  readonly bytesMax: number;
  readonly liveNsMax: number;
  /** Stop the guest all the same and copy the rest, or give up and let it run on at the source. */
  readonly then: 'stop' | 'give-up';
}

/** Post-copy: how missing pages come. */
export interface FaultHandling {
  /** Background push; 0 for none: pages come only when the guest meets them. */
  readonly pushBps: number;
  /** From the fault to the source's knowing of it, and from the page's arrival to the guest's next touch. */
  readonly requestNs: number;
  readonly resumeNs: number;
  /** Faulted pages travel on a channel of their own instead of behind what is pushed. */
  readonly preempt: boolean;
  /** Pages that follow a faulted one at once (Hines and Gopalan: pre-paging); 0 for none. */
  readonly prePagingPages: number;
}

/** The rounds of a plan that copies as QEMU does; null for others. */
export function qemuRoundsOf(plan: MemoryPlan): QemuRounds | null {
  const rounds = plan.kind === 'pre-copy' || plan.kind === 'hybrid' ? plan.rounds : null;
  return rounds?.kind === 'qemu' ? rounds : null;
}

/** Over how many TCP connections pages travel: each has a share of a bottleneck, and a window of its own. */
export function memoryConnections(plan: MemoryPlan): number {
  return qemuRoundsOf(plan)?.connections ?? 1;
}
