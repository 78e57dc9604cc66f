import { GuestClock } from '../models/compute/guest-clock.ts';
import { createGuestMemory } from '../models/compute/guest-memory.ts';
import { cpuBound, pageBytes } from '../models/compute/memory-access.ts';
import { createMemoryTransfer } from '../models/migration/memory/create-memory-transfer.ts';
import type { MemoryPlan } from '../models/migration/memory/memory-plan.ts';
import type { MemorySurroundings } from '../models/migration/memory/memory-transfer.ts';
import { wholeCpu } from '../models/migration/memory/whole-cpu.ts';
import { FluidNetwork } from '../models/network/fluid-network.ts';
import { Link } from '../models/network/link.ts';
import type { Stream } from '../models/network/stream.ts';
import type { Process } from '../sim/process.ts';
import { Chance } from '../sim/random.ts';
import { Simulation } from '../sim/simulation.ts';
import { milliseconds, seconds } from '../sim/time.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { benchmarkIdentity } from './identity.ts';

/**
 * The job on which SimGrid 3.32 was measured: 4.9-5.5 s of CPU and 75 MB. 100 hosts are emptied onto 100 others,
 * each two of its 10 VMs of 4 GB at a time, over NICs of 10 Gbit/s and a backbone of 2 Tbit/s, under SimGrid's
 * rules: dirtying of 0.3 × U(0.5, 1.5) of the migration speed, a working set of a tenth, 30 ms of downtime.
 */
export const evacuation: Benchmark = evacuationOver('evacuation', 1000, 20e9, Infinity);

/** The same over a backbone of 400 Gbit/s, on which SimGrid does not end: a limit of 30 rounds ends it here. */
export const evacuationOversubscribed: Benchmark = evacuationOver('evacuation-oversubscribed', 1000, 4e9, 30);

/** Ten times as many: 1,000 hosts emptied onto 1,000 others. The time may grow no worse than n log n. */
export const evacuationLarge: Benchmark = evacuationOver('evacuation-large', 10_000, 20e9, Infinity);

const vmsPerHost = 10;
const nicBps = 10e9;
const usable = 0.97 / 1.05;
const messageNs = milliseconds(1.301);
/** SimGrid’s flows have their share at once. */
const streamSettings = { intervalNs: milliseconds(10), age: 'linux-6.x', start: 'at-once' } as const;
const pages = Math.round(4e9 / pageBytes);
const writtenPages = Math.round(pages / 10);

function planUpTo(roundsMax: number): MemoryPlan {
  return {
    kind: 'pre-copy',
    costs: {
      setUpNs: 0,
      liveRateBps: Infinity,
      stoppedRateBps: Infinity,
      endNs: messageNs,
      deviceBytes: 0,
    },
    wire: { dataPageBytes: pageBytes, zeroPageBytes: pageBytes, compression: { kind: 'none' } },
    rounds: { kind: 'simgrid', capBps: Infinity, downtimeMaxNs: milliseconds(30) },
    limits: { roundsMax, bytesMax: Infinity, liveNsMax: seconds(600), then: 'stop' },
  };
}

/** The backbone has so much for each pair of hosts, whatever the size. */
function evacuationOver(name: string, size: number, backboneBps: number, roundsMax: number): Benchmark {
  return {
    name,
    operation: 'migration',
    size,
    sizeSmall: 100,
    run: (vms) => evacuate(vms, (vms / vmsPerHost) * backboneBps, planUpTo(roundsMax)),
  };
}

function evacuate(size: number, backboneBps: number, plan: MemoryPlan): BenchmarkResult {
  const simulation = new Simulation(benchmarkIdentity);
  const chance = new Chance(1, 1);
  const fluid = new FluidNetwork(simulation, streamSettings);
  const hash = new ResultHash();
  let moved = 0;
  let rounds = 0;

  function* evacuateHost(host: number, lane: number, path: readonly Link[]): Process {
    for (let vm = lane; vm < vmsPerHost; vm += 2) {
      const index = host * vmsPerHost + vm;
      const surroundings = createGuest(simulation, chance, index, fluid.stream(path, 1));
      const transfer = createMemoryTransfer(plan, surroundings);
      yield* transfer.live();
      surroundings.clock.setRate(0, 'pause');
      yield* transfer.stopped();
      moved++;
      rounds += transfer.rounds.length;
      hash.add(index, simulation.nowNs);
    }
  }

  const backbone = link(simulation, backboneBps, 0);
  for (let host = 0; host < size / vmsPerHost; host++) {
    const path = [link(simulation, nicBps, messageNs), backbone, link(simulation, nicBps, 0)];
    simulation.spawn(evacuateHost(host, 0, path));
    simulation.spawn(evacuateHost(host, 1, path));
  }
  simulation.run(Infinity);
  const remark = `${rounds} rounds, ends at ${(simulation.nowNs / 1e9).toFixed(3)} s`;
  return { operations: moved, hash: hash.text, remark };
}

function link(simulation: Simulation, rateBps: number, delayNs: number): Link {
  const settings = { rateBps: rateBps * usable, delayNs, queueBytes: 0, lossPerFrame: 0 };
  return new Link(simulation, 'wire', settings, new Chance(1, 1).stream('wire', 'loss'), ignore);
}

function createGuest(
  simulation: Simulation,
  chance: Chance,
  index: number,
  stream: Stream,
): MemorySurroundings {
  const draws = chance.stream(`vm ${index}`, 'dirtying');
  const intensity = 0.3 * (0.5 + draws.uniform(0));
  const clock = new GuestClock(simulation);
  const memory = createGuestMemory(
    {
      detail: 'expected',
      regions: [
        {
          kind: 'sweep',
          pages: writtenPages,
          writesPerS: (0.97 * nicBps * intensity) / 8 / pageBytes,
          startPage: 0,
          schedule: { kind: 'constant' },
        },
        { kind: 'unwritten', pages: pages - writtenPages, content: 'data' },
      ],
      pacing: cpuBound,
    },
    clock,
    draws,
  );
  const told = { roundStarted: ignore, roundEnded: ignore, throttled: ignore, ...threads };
  return { simulation, clock, memory, stream, chance: draws, ...told };
}

const threads = { work: wholeCpu, compress: wholeCpu, unpack: wholeCpu };

function ignore(): void {
  // Nothing travels with the rounds.
}
