import { until } from '../sim/process.ts';
import type { Process } from '../sim/process.ts';
import { Signal } from '../sim/signal.ts';
import { Simulation } from '../sim/simulation.ts';
import { ms } from '../sim/time.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { Generator } from './generator.ts';
import { benchmarkIdentity } from './identity.ts';

/**
 * M/M/1 with load 0.9, as two generator processes: a source and a server. In units of the mean service time the
 * mean sojourn is 1 / (1 - 0.9) = 10 (Kleinrock, "Queueing Systems" I, 1975, equation 3.26).
 */
export const mm1: Benchmark = {
  name: 'mm1',
  operation: 'customer',
  size: 1_000_000,
  sizeSmall: 20_000,
  run: runMm1,
};

const serviceNs = ms;
const interarrivalNs = serviceNs / 0.9;

function runMm1(size: number): BenchmarkResult {
  const simulation = new Simulation(benchmarkIdentity);
  const line = new WaitingLine();
  const hash = new ResultHash();
  let served = 0;
  let sojournSumNs = 0;

  function* source(): Process {
    const generator = new Generator(4);
    for (let customer = 0; customer < size; customer++) {
      yield generator.exponentialNs(interarrivalNs);
      line.enter(simulation.nowNs);
    }
  }

  function* server(): Process {
    const generator = new Generator(5);
    while (served < size) {
      if (line.empty) yield* until(line.nextArrival());
      yield generator.exponentialNs(serviceNs);
      const sojournNs = simulation.nowNs - line.leave();
      sojournSumNs += sojournNs;
      served++;
      hash.add(sojournNs | 0, simulation.nowNs);
    }
  }

  simulation.spawn(source());
  simulation.spawn(server());
  simulation.run(Infinity);
  const meanSojourn = sojournSumNs / served / serviceNs;
  return { operations: served, hash: hash.text, remark: `mean sojourn ${meanSojourn.toFixed(4)}, theory 10` };
}

/** The arrival times of those who wait or are served, first come, first served. */
class WaitingLine {
  private arrivalsNs = new Float64Array(16);
  private first = 0;
  private count = 0;
  private arrival: Signal<void> | null = null;

  get empty(): boolean {
    return this.count === 0;
  }

  nextArrival(): Signal<void> {
    this.arrival = new Signal<void>();
    return this.arrival;
  }

  enter(timeNs: number): void {
    if (this.count === this.arrivalsNs.length) this.grow();
    this.arrivalsNs[(this.first + this.count++) % this.arrivalsNs.length] = timeNs;
    const arrival = this.arrival;
    this.arrival = null;
    arrival?.fire();
  }

  leave(): number {
    const timeNs = this.arrivalsNs[this.first]!;
    this.first = (this.first + 1) % this.arrivalsNs.length;
    this.count--;
    return timeNs;
  }

  private grow(): void {
    const grown = new Float64Array(2 * this.arrivalsNs.length);
    grown.set(this.arrivalsNs.subarray(this.first));
    grown.set(this.arrivalsNs.subarray(0, this.first), this.arrivalsNs.length - this.first);
    this.arrivalsNs = grown;
    this.first = 0;
  }
}
