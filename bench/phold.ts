import { Simulation } from '../sim/simulation.ts';
import { s } from '../sim/time.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { Generator } from './generator.ts';
import { benchmarkIdentity } from './identity.ts';

/**
 * PHOLD: 1,024 logical processes pass 8 messages each on to one another, after 0.1 s and an exponential time of
 * 0.9 s; every message goes to another process. Source: Fujimoto, "Performance of Time Warp under synthetic
 * workloads", SCS Multiconference on Distributed Simulation, 1990.
 */
export const phold: Benchmark = {
  name: 'phold',
  operation: 'message',
  size: 10_000_000,
  sizeSmall: 30_000,
  run: runPhold,
};

const processCount = 1024;
const messagesPerProcess = 8;

interface LogicalProcess {
  readonly id: number;
  received: number;
}

function runPhold(size: number): BenchmarkResult {
  const simulation = new Simulation(benchmarkIdentity);
  const generator = new Generator(2);
  const hash = new ResultHash();
  const processes = Array.from({ length: processCount }, (_, id): LogicalProcess => ({ id, received: 0 }));
  let operations = 0;

  const receive = (process: LogicalProcess): void => {
    hash.add(process.id + process.received++, simulation.nowNs);
    if (++operations >= size) simulation.stop();
    const target = (process.id + 1 + generator.below(processCount - 1)) % processCount;
    simulation.schedule(delayNs(generator), receive, processes[target]!);
  };
  for (let message = 0; message < processCount * messagesPerProcess; message++) {
    simulation.schedule(delayNs(generator), receive, processes[message % processCount]!);
  }
  simulation.run(Infinity);
  return { operations, hash: hash.text, remark: '' };
}

function delayNs(generator: Generator): number {
  return Math.floor(0.1 * s + generator.exponential(0.9 * s) + 0.5);
}
