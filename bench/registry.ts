import type { Benchmark } from './benchmark.ts';
import type { Law } from './hold.ts';

/** A benchmark by name; its code is loaded when it is wanted, since code that is loaded is heap that is collected. */
export interface BenchmarkEntry {
  readonly name: string;
  load(): Promise<Benchmark>;
}

/** All benchmarks, in the order in which they are run and printed. Add one by adding a file and a line here. */
export const benchmarks: readonly BenchmarkEntry[] = [
  held('hold-100', 100, 'exponential'),
  held('hold-10000', 10_000, 'exponential'),
  held('hold-1000000', 1_000_000, 'exponential'),
  { name: 'phold', load: async () => (await import('./phold.ts')).phold },
  { name: 'timer-churn', load: async () => (await import('./timer-churn.ts')).timerChurn },
  { name: 'mm1', load: async () => (await import('./mm1.ts')).mm1 },
  hops('packet-hops', 1000),
  hops('packet-hops-100', 100),
  { name: 'dumbbell', load: async () => (await import('./dumbbell.ts')).dumbbellPackets },
  { name: 'evacuation', load: async () => (await import('./evacuation.ts')).evacuation },
  {
    name: 'evacuation-oversubscribed',
    load: async () => (await import('./evacuation.ts')).evacuationOversubscribed,
  },
  { name: 'evacuation-large', load: async () => (await import('./evacuation.ts')).evacuationLarge },
  held('hold-10000-equal', 10_000, 'equal'),
  held('hold-10000-bimodal', 10_000, 'bimodal'),
  held('hold-10000-heavy-tailed', 10_000, 'heavy-tailed'),
  held('hold-10000-bursty', 10_000, 'bursty'),
  established('conntrack-1000', 1_000, 1_000),
  established('conntrack-10000', 10_000, 10_000),
  established('conntrack-1000000-hot-1000', 1_000_000, 1_000),
  established('conntrack-1000000', 1_000_000, 1_000_000),
  { name: 'conntrack-new', load: async () => (await import('./connections.ts')).newConnections },
  { name: 'rules-10000', load: async () => (await import('./rule-table.ts')).ruleChain(10_000) },
  { name: 'context-500000', load: async () => (await import('./scenario-runs.ts')).context },
  { name: 'evacuation-traffic', load: async () => (await import('./scenario-runs.ts')).evacuationTraffic },
  { name: 'sweep-journal', load: async () => (await import('./sweep-journal.ts')).sweepJournal },
];

function hops(name: string, connections: number): BenchmarkEntry {
  return { name, load: async () => (await import('./packet-hops.ts')).packetHops(name, connections) };
}

function held(name: string, pending: number, law: Law): BenchmarkEntry {
  return { name, load: async () => (await import('./hold.ts')).hold(pending, law) };
}

function established(name: string, live: number, hot: number): BenchmarkEntry {
  return { name, load: async () => (await import('./connections.ts')).establishedPackets(live, hot) };
}
