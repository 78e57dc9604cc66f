import { Simulation } from '../../sim/simulation.ts';
import { Chance } from '../../sim/random.ts';
import type { Process } from '../../sim/process.ts';
import { milliseconds, ms } from '../../sim/time.ts';
import { GuestClock } from '../../models/compute/guest-clock.ts';
import { createGuestMemory } from '../../models/compute/guest-memory.ts';
import { FixedRateStream } from '../../models/migration/memory/fixed-rate-stream.ts';
import type { MemorySurroundings } from '../../models/migration/memory/memory-transfer.ts';
import { QemuPreCopy } from '../../models/migration/memory/qemu-pre-copy.ts';
import { qemuGuest } from './qemu-guest.ts';
import type { QemuMeasurement, QemuOutcome } from './qemu-measurement.ts';
import { qemuLineBps, qemuPlan } from './qemu-plan.ts';

/** One measured run, simulated from its parameters. */
export function simulateQemuRun(measurement: QemuMeasurement): QemuOutcome {
  const { params, id, rep } = measurement;
  const simulation = new Simulation({
    scenario: id,
    seed: 1,
    repetition: rep,
    replayCommand: 'nseh validate qemu',
  });
  const clock = new GuestClock(simulation);
  const chance = new Chance(1, rep);
  const access = qemuGuest(params, measurement.pageRateBefore);
  const surroundings: MemorySurroundings = {
    simulation,
    clock,
    memory: createGuestMemory(access, clock, chance.stream(id, 'memory writes')),
    stream: new FixedRateStream(simulation, { rateBps: qemuLineBps(params), delayNs: 0 }),
    chance: chance.stream(id, 'migration'),
    roundStarted: ignore,
    roundEnded: ignore,
  };
  const plan = qemuPlan(params);
  const run = new PreCopyRun(surroundings, new QemuPreCopy(plan, surroundings));
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

function ignore(): void {
  // Nothing travels with the rounds of a lone migration.
}
