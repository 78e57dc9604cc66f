import type { Process } from '../../../sim/process.ts';
import { Chance } from '../../../sim/random.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { GuestClock } from '../../compute/guest-clock.ts';
import { createGuestMemory } from '../../compute/guest-memory.ts';
import type { MemoryAccess } from '../../compute/memory-access.ts';
import type { Stream } from '../../network/stream.ts';
import { createMemoryTransfer } from './create-memory-transfer.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { MemorySurroundings, MemoryTransfer } from './memory-transfer.ts';
import { wholeCpu } from './whole-cpu.ts';

/** One guest moved by itself: no hosts, no network but one stream. */
export interface LoneTransfer {
  readonly plan: MemoryPlan;
  readonly access: MemoryAccess;
  readonly seed: number;
  readonly repetition: number;
  createStream(simulation: Simulation): Stream;
}

export interface LoneTransferResult {
  readonly transfer: MemoryTransfer;
  /** Request to pause, pause to resume, request to last page; in ns. A guest that stays has no downtime. */
  readonly liveNs: number;
  readonly downtimeNs: number;
  readonly totalNs: number;
}

/** Runs a memory plan from request to end: what published cases and measured migrations are held against. */
export function runTransfer(lone: LoneTransfer): LoneTransferResult {
  const simulation = new Simulation({
    scenario: 'lone transfer',
    seed: lone.seed,
    repetition: lone.repetition,
    replayCommand: 'npx vitest run models/migration/memory',
  });
  const clock = new GuestClock(simulation);
  const chance = new Chance(lone.seed, lone.repetition);
  const surroundings: MemorySurroundings = {
    simulation,
    clock,
    memory: createGuestMemory(lone.access, clock, chance.stream('guest', 'memory writes')),
    stream: lone.createStream(simulation),
    chance: chance.stream('guest', 'migration'),
    roundStarted: ignore,
    roundEnded: ignore,
    throttled: ignore,
    work: wholeCpu,
    compress: wholeCpu,
    unpack: wholeCpu,
  };
  const transfer = createMemoryTransfer(lone.plan, surroundings);
  const times = { liveNs: 0, downtimeNs: 0, totalNs: 0 };
  simulation.spawn(move(transfer, surroundings, times));
  simulation.run(Infinity);
  return { transfer, ...times };
}

function* move(
  transfer: MemoryTransfer,
  { simulation, clock }: MemorySurroundings,
  times: { liveNs: number; downtimeNs: number; totalNs: number },
): Process {
  yield* transfer.live();
  times.liveNs = simulation.nowNs;
  if (transfer.verdict !== 'gave-up') {
    clock.setRate(0, 'pause');
    yield* transfer.stopped();
    times.downtimeNs = simulation.nowNs - times.liveNs;
    clock.setRate(1, 'pause');
    yield* transfer.remote();
  }
  times.totalNs = simulation.nowNs;
}

function ignore(): void {
  // Nothing travels with the rounds.
}
