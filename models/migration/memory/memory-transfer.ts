import type { Stream as Draws } from '../../../sim/random.ts';
import type { Process } from '../../../sim/process.ts';
import type { Signal } from '../../../sim/signal.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import type { GuestClock } from '../../compute/guest-clock.ts';
import type { GuestMemory } from '../../compute/guest-memory.ts';
import type { Stream } from '../../network/stream.ts';

/**
 * Memory under way, as the three scripts that a migration runs one after another. The migration itself pauses
 * the guest between `live` and `stopped` and lets it resume at the destination before `remote`.
 */
export interface MemoryTransfer {
  /** Set-up and rounds, until the stop rule, a limit or `finishLive` ends them. */
  live(): Process;
  /** What is left, while the guest stands still; ends when the destination could resume. */
  stopped(): Process;
  /** Post-copy: pages that follow the running guest, until all are there. Ends at once for other plans. */
  remote(): Process;
  /** How `live` ended; `under-way` until then. */
  readonly verdict: LiveVerdict;
  readonly rounds: readonly RoundRecord[];
  /** Bytes handed to the stream so far. */
  readonly sentBytes: number;
  /**
   * The migration has failed: the round under way ends here, without the bytes of its transfer that had not left
   * (`unsent`, by the signal of a transfer), and the guest is slowed no more.
   */
  breakOff(unsent: ReadonlyMap<Signal<void>, number>): void;
}

/** `converged`: by the stop rule. `limit`: stopped all the same. `gave-up`: the guest stays at the source. */
export type LiveVerdict = 'under-way' | 'converged' | 'limit' | 'gave-up';

export interface RoundRecord {
  /** From 1; the copy in the stop phase is the last one. */
  readonly round: number;
  readonly phase: 'live' | 'stopped' | 'remote';
  readonly startNs: number;
  readonly endNs: number;
  /** Pages sent (zero pages among them), skipped since they were already dirty again, and bytes sent. */
  readonly pages: number;
  readonly skippedPages: number;
  readonly bytes: number;
  /** Pages still to be sent when the round ended, before the log was read. */
  readonly unsentPages: number;
}

/** What a transfer works with, and whom it tells about its rounds: the security context travels with them. */
export interface MemorySurroundings {
  readonly simulation: Simulation;
  readonly clock: GuestClock;
  readonly memory: GuestMemory;
  readonly stream: Stream;
  readonly chance: Draws;
  roundStarted(round: number): void;
  roundEnded(record: RoundRecord): void;
  /** The sending thread's CPU time at the source: takes longer where the host's CPUs are short. */
  work(cpuNs: number): Process;
  /** The same for one compressing thread at the source, and for one at the destination that unpacks. */
  compress(cpuNs: number): Process;
  unpack(cpuNs: number): Process;
  /** The guest's vCPUs sleep for this share of the time from now on, in %. */
  throttled(percent: number): void;
}
