import { beforeAll, describe, expect, it } from 'vitest';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { compareSchemes } from './compare.ts';
import { control, noMarks } from './scheme-choice.ts';
import type { RunSummary } from './summary.ts';

const file = 'scenarios/research/overhead.yaml';

function atRest(override: string): RunSummary {
  return summaries(['until=5100 ms', override], [])[0]!;
}

/** The control alone, or the control and schemes. */
function summaries(overrides: readonly string[], names: readonly string[]): readonly RunSummary[] {
  const { scenario } = loadScenario(file, overrides);
  const chosen = scenario.schemes.filter(({ name }) => names.includes(name));
  return compareSchemes({
    ...{ scenario, seed: 1, repetition: 0, replayCommand: () => '' },
    choices: [control, ...chosen.map((scheme) => ({ name: scheme.name, scheme, marks: noMarks }))],
  }).schemes;
}

function filteringNsPerConnection({ host_cpu, connections }: RunSummary): number {
  return (host_cpu[0]!.filtering_cpus * 5.1e9) / connections.total;
}

describe('the overhead of filtering at rest, on a host with one slow CPU', () => {
  let without: RunSummary;
  let engine: RunSummary;
  let tracking: RunSummary;

  beforeAll(() => {
    without = atRest('hosts[0].nse=[]');
    engine = atRest('seed=1');
    tracking = atRest('hosts[0].change_tracking.always=true');
  }, 120_000);

  it('comes out as throughput that is lost and latency that is won by nobody', () => {
    const goodputs = [without, engine, tracking].map((run) => run.goodput_mbps.before!);
    expect(goodputs).toEqual([...goodputs].sort((a, b) => b - a));
    const latencies = [without, engine, tracking].map((run) => run.message_latency_ms.p50!);
    expect(latencies).toEqual([...latencies].sort((a, b) => a - b));
  });

  it('is the CPU time of what was done: nothing without an engine, an entry more a connection with reports', () => {
    expect(without.host_cpu[0]!.filtering_cpus).toBe(0);
    // 1.2 us for each entry that is reported, on a CPU a tenth as fast.
    const moreNs = filteringNsPerConnection(tracking) - filteringNsPerConnection(engine);
    expect(Math.abs(moreNs - 12_000)).toBeLessThan(0.1 * 12_000);
  });
});

describe('the overhead of a move', () => {
  it('is copying at both ends, and context only where context moves', () => {
    const [, stock, com] = summaries(['vms[0].memory=16 MiB', 'until=7 s'], ['stock-accept', 'com-rounds']);
    const during = (run: RunSummary | undefined, host: string): RunSummary['host_cpu'][number] =>
      run!.host_cpu.find((use) => use.host === host && use.period === 'during')!;
    for (const run of [stock, com]) {
      expect(during(run, 'host-0').copying_cpus).toBeGreaterThan(0.05);
      expect(during(run, 'host-1').copying_cpus).toBeCloseTo(during(run, 'host-0').copying_cpus, 2);
    }
    expect(during(stock, 'host-0').context_cpus).toBe(0);
    expect(during(com, 'host-0').context_cpus).toBeGreaterThan(0.001);
    expect(com!.goodput_mbps.during).toBeLessThan(com!.goodput_mbps.before!);
  }, 120_000);
});
