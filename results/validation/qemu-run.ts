import { Simulation } from '../../sim/simulation.ts';
import { Chance } from '../../sim/random.ts';
import type { Process } from '../../sim/process.ts';
import { milliseconds, ms } from '../../sim/time.ts';
import { GuestClock } from '../../models/compute/guest-clock.ts';
import { ExactGuestMemory } from '../../models/compute/exact-guest-memory.ts';
import { pageClasses } from '../../models/compute/page-class.ts';
import { FixedRateStream } from '../../models/migration/memory/fixed-rate-stream.ts';
import type { MemorySurroundings } from '../../models/migration/memory/memory-transfer.ts';
import { PostCopy } from '../../models/migration/memory/post-copy.ts';
import { wholeCpu } from '../../models/migration/memory/whole-cpu.ts';
import { QemuPreCopy } from '../../models/migration/memory/qemu-pre-copy.ts';
import { qemuGuest } from './qemu-guest.ts';
import type { QemuMeasurement, QemuOutcome } from './qemu-measurement.ts';
import { qemuLineBps, qemuPlan, qemuRemotePages } from './qemu-plan.ts';

/** One measured run, simulated once from its parameters; repetitions differ in what the guest writes and when hosts pause. */
export function simulateQemuRun(measurement: QemuMeasurement, repetition: number): QemuOutcome {
  const { params, id } = measurement;
  const simulation = new Simulation({
    scenario: id,
    seed: 1,
    repetition,
    replayCommand: 'nseh validate qemu',
  });
  const clock = new GuestClock(simulation);
  const chance = new Chance(1, repetition);
  const { regions, habits } = qemuGuest(params, measurement.pageRateBefore);
  const writes = chance.stream(id, 'memory writes');
  const surroundings: MemorySurroundings = {
    simulation,
    clock,
    memory: new ExactGuestMemory(pageClasses(regions, null), habits, clock, writes),
    stream: new FixedRateStream(simulation, { rateBps: qemuLineBps(params), delayNs: 0 }),
    chance: chance.stream(id, 'migration'),
    roundStarted: ignore,
    roundEnded: ignore,
    throttled: ignore,
    work: wholeCpu,
    compress: wholeCpu,
    unpack: wholeCpu,
  };
  const preCopy = new QemuPreCopy(qemuPlan(params), surroundings);
  const run =
    params.postcopyAtS === null
      ? new PreCopyRun(surroundings, preCopy)
      : new PostCopyRun(
          surroundings,
          preCopy,
          new PostCopy(qemuRemotePages(params), surroundings, preCopy.socket),
        );
  simulation.spawn(run.process());
  simulation.run(Infinity);
  return run.outcome;
}

/** A migration with the times that QEMU and the guest's client report. */
class PreCopyRun {
  private readonly surroundings: MemorySurroundings;
  private readonly transfer: QemuPreCopy;
  private stopNs = 0;
  private backNs = 0;
  private silentSinceNs = 0;

  constructor(surroundings: MemorySurroundings, transfer: QemuPreCopy) {
    this.surroundings = surroundings;
    this.transfer = transfer;
  }

  get outcome(): QemuOutcome {
    const { transfer } = this;
    const counts = { transferred_bytes: transfer.sentBytes, sync_count: transfer.syncs.length };
    if (transfer.verdict === 'gave-up') {
      return { status: 'cancelled', total_ms: null, ...counts, downtime_ms: null, client_gap_ms: null };
    }
    return {
      status: 'completed',
      total_ms: transfer.lastWriteNs / ms,
      ...counts,
      downtime_ms: (transfer.lastWriteNs - this.stopNs) / ms,
      client_gap_ms: (this.backNs - this.silentSinceNs) / ms,
    };
  }

  *process(): Process {
    const { transfer } = this;
    const { simulation, clock } = this.surroundings;
    yield* transfer.live();
    if (transfer.verdict === 'gave-up') return;
    this.stopNs = simulation.nowNs;
    this.silentSinceNs = this.stopNs - transfer.throttle.asleepNs;
    clock.setRate(0, 'pause');
    yield milliseconds(2);
    yield* transfer.stopped();
    this.backNs = simulation.nowNs;
  }
}

/** A migration that goes over to post-copy unless it converges before. */
class PostCopyRun {
  private readonly surroundings: MemorySurroundings;
  private readonly preCopy: QemuPreCopy;
  private readonly postCopy: PostCopy;
  private stopNs = 0;
  private endNs = 0;

  constructor(surroundings: MemorySurroundings, preCopy: QemuPreCopy, postCopy: PostCopy) {
    this.surroundings = surroundings;
    this.preCopy = preCopy;
    this.postCopy = postCopy;
  }

  get outcome(): QemuOutcome {
    const { preCopy, postCopy } = this;
    return {
      status: 'completed',
      total_ms: this.endNs / ms,
      transferred_bytes: preCopy.sentBytes + postCopy.sentBytes,
      // The log is read once more after the stop.
      sync_count: preCopy.syncs.length + 1,
      downtime_ms: (postCopy.lastWriteNs - this.stopNs) / ms,
      client_gap_ms: (postCopy.backNs - this.stopNs) / ms,
    };
  }

  *process(): Process {
    const { simulation, clock } = this.surroundings;
    yield* this.preCopy.live();
    this.stopNs = simulation.nowNs;
    clock.setRate(0, 'pause');
    yield milliseconds(2);
    yield* this.postCopy.stopped();
    clock.setRate(1, 'pause');
    yield* this.postCopy.remote();
    this.endNs = simulation.nowNs;
  }
}

function ignore(): void {
  // Nothing travels with the rounds of a lone migration.
}
