import type { Benchmark } from './benchmark.ts';
import { establishedPackets, newConnections } from './connections.ts';
import { dumbbellPackets } from './dumbbell.ts';
import { evacuation, evacuationLarge, evacuationOversubscribed } from './evacuation.ts';
import { hold } from './hold.ts';
import { mm1 } from './mm1.ts';
import { packetHops } from './packet-hops.ts';
import { phold } from './phold.ts';
import { context, evacuationTraffic } from './scenario-runs.ts';
import { sweepJournal } from './sweep-journal.ts';
import { ruleChain } from './rule-table.ts';
import { timerChurn } from './timer-churn.ts';

/** All benchmarks, in the order in which they are run and printed. Add one by adding a file and a line here. */
export const benchmarks: readonly Benchmark[] = [
  hold(100, 'exponential'),
  hold(10_000, 'exponential'),
  hold(1_000_000, 'exponential'),
  phold,
  timerChurn,
  mm1,
  packetHops,
  dumbbellPackets,
  evacuation,
  evacuationOversubscribed,
  evacuationLarge,
  hold(10_000, 'equal'),
  hold(10_000, 'bimodal'),
  hold(10_000, 'heavy-tailed'),
  hold(10_000, 'bursty'),
  establishedPackets(1_000, 1_000),
  establishedPackets(10_000, 10_000),
  establishedPackets(1_000_000, 1_000),
  establishedPackets(1_000_000, 1_000_000),
  newConnections,
  ruleChain(10_000),
  context,
  evacuationTraffic,
  sweepJournal,
];
