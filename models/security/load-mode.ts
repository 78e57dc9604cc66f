import type { LoadMode } from './security-engine.ts';

/**
 * What of an entry a way of copying carries. Tuples, timeout, zone and TCP state come with all of them.
 *
 * Sources: what `conntrack -L -o save | --load-file`, raw ctnetlink replays and conntrackd put into their
 * messages, and what the kernel takes from them (Linux 6.18, nf_conntrack_netlink.c); measured on 6.18.44.
 */
export interface LoadPlan {
  /** TCP flags: none, as dumped, or what the tool thinks; without a mask in the message the kernel takes none. */
  readonly tcpFlags: 'none' | 'dumped' | 'of-the-tool';
  /** Sets BE_LIBERAL in both directions on top. */
  readonly liberal: boolean;
  /** Window scales; the kernel takes them only where both directions' flags say that scaling is on. */
  readonly scales: boolean;
  /** `conntrack -o save` writes no mark. */
  readonly mark: boolean;
  readonly helper: boolean;
  /** The connection that announced this one. */
  readonly master: boolean;
  /** What becomes of the EXPECTED status bit; the kernel refuses a message that sets it. */
  readonly expectedBit: 'sent' | 'cleared';
  /** Translation: not sent; sent beside the translated reply tuple; with the reply tuple put back; … */
  readonly nat: 'none' | 'attributes' | 'set-up' | 'command-line' | 'kept';
  readonly stopsAtFailure: boolean;
  /** Windows, lifetimes to the tick instead of whole seconds, and everything else a kernel knows. */
  readonly whole: boolean;
}

const netlink: LoadPlan = {
  tcpFlags: 'dumped',
  liberal: false,
  scales: true,
  mark: true,
  helper: true,
  master: true,
  expectedBit: 'cleared',
  nat: 'none',
  stopsAtFailure: false,
  whole: false,
};

const commandLine: LoadPlan = {
  ...netlink,
  tcpFlags: 'of-the-tool',
  scales: false,
  mark: false,
  helper: false,
  master: false,
  expectedBit: 'sent',
  nat: 'command-line',
  stopsAtFailure: true,
};

export const loadPlans: Readonly<Record<LoadMode, LoadPlan>> = {
  // Replayed as dumped: the dump's flag masks are zero, so the kernel changes no flag.
  naive: { ...netlink, tcpFlags: 'none', expectedBit: 'sent' },
  noflags: {
    ...netlink,
    tcpFlags: 'none',
    scales: false,
    helper: false,
    master: false,
    expectedBit: 'sent',
  },
  flags: netlink,
  liberal: { ...netlink, liberal: true },
  save: commandLine,
  savefix: { ...commandLine, expectedBit: 'cleared' },
  // The kernel compares the translation with the reply tuple that is already there and sees nothing to do.
  natattr: { ...netlink, nat: 'attributes' },
  nat: { ...netlink, nat: 'set-up' },
  liberalnat: { ...netlink, liberal: true, nat: 'set-up' },
  // What no Linux interface offers.
  full: { ...netlink, nat: 'kept', whole: true },
};
