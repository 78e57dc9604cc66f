import { Simulation } from '../sim/simulation.ts';
import { s } from '../sim/time.ts';
import { Timer } from '../sim/timer.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { Generator } from './generator.ts';
import { benchmarkIdentity } from './identity.ts';

/**
 * Retransmission timers: 10,000 connections get acknowledgements in exponential gaps of 1 s, and each arms its
 * connection's timer anew. The timeout is ln(10) gaps, so that one timer in ten expires.
 */
export const timerChurn: Benchmark = {
  name: 'timer-churn',
  operation: 'acknowledgement',
  size: 10_000_000,
  sizeSmall: 30_000,
  run: runTimerChurn,
};

const connectionCount = 10_000;
const timeoutNs = 2_302_585_093;

interface Connection {
  readonly id: number;
  readonly timer: Timer;
}

function runTimerChurn(size: number): BenchmarkResult {
  const simulation = new Simulation(benchmarkIdentity);
  const generator = new Generator(3);
  const hash = new ResultHash();
  let operations = 0;
  let expired = 0;

  const acknowledge = (connection: Connection): void => {
    hash.add(connection.id, simulation.nowNs);
    if (++operations >= size) simulation.stop();
    connection.timer.arm(timeoutNs);
    simulation.schedule(generator.exponentialNs(s), acknowledge, connection);
  };
  for (let id = 0; id < connectionCount; id++) {
    const timer = new Timer(simulation, () => {
      expired++;
      hash.add(id + 0x10000, simulation.nowNs);
    });
    simulation.schedule(generator.exponentialNs(s), acknowledge, { id, timer });
  }
  simulation.run(Infinity);
  return {
    operations,
    hash: hash.text,
    remark: `${((100 * expired) / operations).toFixed(1)} % of timers expired`,
  };
}
