import { beforeAll, describe, expect, it } from 'vitest';
import { ms, s } from '../sim/time.ts';
import { buildCluster } from '../scenarios/build-cluster.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';

// Clark et al., NSDI 2005, Fig. 8: 870 Mbit/s before, 765 while 100 Mbit/s migrate. The same scenario with less
// memory, fewer clients and an earlier start: what is shared is the same. Headers and acknowledgements are 1 to 2 %
// of the bytes, more where segments are smaller: the bands are 2 %.

const link = ['hosts[0].copy_cost=0 s', 'vms[0].data_cost=0 s'];
const processor = ['hosts[0].link.rate=10 Gbit/s'];

/** Payload that reaches the clients, Mbit/s, in two seconds before the move and while memory is copied. */
function goodput(overrides: readonly string[]): { beforeMbps: number; duringMbps: number } {
  const { scenario } = loadScenario('scenarios/research/clark-figure-8.yaml', [
    ...['vms[0].memory=64 MiB', 'workloads[0].connections=40', 'migrations[0].at=3 s', 'until=6 s'],
    ...overrides,
  ]);
  const scheme = scenario.schemes.find(({ name }) => name === 'stock-drop')!;
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme, replayCommand: '' });
  let startNs = Infinity;
  cluster.observations.migrationPhase.subscribe(({ phase, timeNs }) => {
    if (phase === 'round') startNs = Math.min(startNs, timeNs);
  });
  let before = 0;
  let during = 0;
  cluster.observations.packetDelivered.subscribe(({ to, timeNs, packet }) => {
    if (to !== 'peer') return;
    if (timeNs >= 1 * s && timeNs < 3 * s) before += packet.payloadBytes;
    // What waits in a queue of 70 ms when the move begins is not the move's.
    if (timeNs >= startNs + 500 * ms && timeNs < startNs + 2500 * ms) during += packet.payloadBytes;
  });
  cluster.run();
  return { beforeMbps: (before * 8) / 2e6, duringMbps: (during * 8) / 2e6 };
}

describe('what a web server’s clients lose to a migration at 100 Mbit/s', () => {
  let byLink: ReturnType<typeof goodput>;
  let byProcessor: ReturnType<typeof goodput>;
  let byBoth: ReturnType<typeof goodput>;

  beforeAll(() => {
    byLink = goodput(link);
    byProcessor = goodput(processor);
    byBoth = goodput([]);
  }, 240_000);

  it('is 870 Mbit/s to begin with, which is what the scenario was set to', () => {
    for (const { beforeMbps } of [byLink, byProcessor, byBoth]) {
      expect(Math.abs(beforeMbps - 870)).toBeLessThan(0.02 * 870);
    }
  });

  it('by the link alone is the migration’s rate less its own headers: 775 Mbit/s are left', () => {
    // (916.5 - 100) × 1460 / 1538.
    expect(Math.abs(byLink.duringMbps - 775)).toBeLessThan(0.02 * 775);
  });

  it('by the processor alone is 12 %: 766 Mbit/s are left', () => {
    // 870 × (1 - 0.12).
    expect(Math.abs(byProcessor.duringMbps - 766)).toBeLessThan(0.02 * 766);
  });

  it('by both is what the scarcer of the two leaves, not the sum: 766 Mbit/s', () => {
    expect(Math.abs(byBoth.duringMbps - 766)).toBeLessThan(0.02 * 766);
  });
});
