import type { Process } from '../../../sim/process.ts';
import type { Signal } from '../../../sim/signal.ts';
import { CopyRounds } from './copy-rounds.ts';
import type { PreCopyPlan, QemuRounds } from './memory-plan.ts';
import type { LiveVerdict, MemorySurroundings, MemoryTransfer, RoundRecord } from './memory-transfer.ts';
import type { StopRule } from './stop-rule.ts';
import { createStopRule } from './stop-rule.ts';

/** Pre-copy whose rounds each scan the whole memory: all but QEMU's. */
export interface WholeRoundsPlan extends PreCopyPlan {
  readonly rounds: Exclude<PreCopyPlan['rounds'], QemuRounds>;
}

/**
 * Iterative pre-copy (Clark et al., NSDI 2005, section 4.2): round 1 sends all pages, round n those dirtied in
 * round n-1. Order within a round as in Xen's code: send, test the stop rule, read the log, set the next rate.
 */
export class PreCopy implements MemoryTransfer {
  verdict: LiveVerdict = 'under-way';
  private readonly plan: WholeRoundsPlan;
  private readonly surroundings: MemorySurroundings;
  private readonly copy: CopyRounds;
  private readonly rule: StopRule;

  constructor(plan: WholeRoundsPlan, surroundings: MemorySurroundings) {
    this.plan = plan;
    this.surroundings = surroundings;
    this.copy = new CopyRounds(surroundings, plan.wire);
    this.rule = createStopRule(plan.rounds, surroundings.memory.pages);
  }

  get rounds(): readonly RoundRecord[] {
    return this.copy.records;
  }

  get sentBytes(): number {
    return this.copy.sentBytes;
  }

  breakOff(unsent: ReadonlyMap<Signal<void>, number>): void {
    this.copy.breakOff(unsent);
  }

  *live(): Process {
    const { memory, simulation } = this.surroundings;
    const { costs, rounds } = this.plan;
    const xen = 'scanOrder' in rounds ? rounds : null;
    const startNs = simulation.nowNs;
    // The log is on before anything else is done (xc_domain_save.c), so it fills while the rest is set up.
    memory.trackAll(xen?.scanOrder ?? 'linear');
    if (costs.setUpNs > 0) yield costs.setUpNs;
    while (this.verdict === 'under-way') {
      yield* this.copy.send({
        phase: 'live',
        capBps: Math.min(this.rule.capBps, costs.liveRateBps),
        skipDirtied: xen?.skipDirtied ?? false,
        batchPages: xen?.batchPages ?? Infinity,
        sendsEmpty: false,
      });
      this.verdict = this.decide(simulation.nowNs - startNs);
    }
  }

  *stopped(): Process {
    const { memory } = this.surroundings;
    const { costs } = this.plan;
    memory.sync();
    yield* this.copy.send({
      phase: 'stopped',
      capBps: costs.stoppedRateBps,
      skipDirtied: false,
      batchPages: Infinity,
      sendsEmpty: this.plan.rounds.kind === 'simgrid',
    });
    yield* this.copy.finish(costs);
  }

  *remote(): Process {
    // All pages have arrived.
  }

  private decide(liveNs: number): LiveVerdict {
    const round = this.copy.last;
    if (this.rule.stopsAfterSending(round, this.copy.sentPages)) return 'converged';
    const { limits } = this.plan;
    const limit =
      round.round >= limits.roundsMax || this.sentBytes >= limits.bytesMax || liveNs >= limits.liveNsMax;
    if (limit) return limits.then === 'stop' ? 'limit' : 'gave-up';
    const dirtiedPages = this.surroundings.memory.sync();
    // After a round without pages and without new ones there is no other kind of round, whatever the rule waits for.
    if (round.pages + round.skippedPages + dirtiedPages === 0) return 'converged';
    return this.rule.stopsAfterReading(round, dirtiedPages) ? 'converged' : 'under-way';
  }
}
