/**
 * The library: the same pieces of which the command line is made. A scenario is loaded, a cluster is built and run,
 * what it published is measured; a sweep is loaded, planned and run.
 *
 * @packageDocumentation
 */

// Scenarios: from a file, or from text, to a complete description in base units.
export { loadScenario, parseScenario } from './scenarios/load-scenario.ts';
export type { LoadedScenario } from './scenarios/load-scenario.ts';
export type * from './scenarios/scenario.ts';
export { ScenarioError, AssertionError } from './sim/assert.ts';
export type { Problem } from './sim/assert.ts';
export { parseQuantity, formatQuantity } from './scenarios/units.ts';

// Schemes: how a VM and its security context move.
export { schemePresets, findSchemePreset } from './scenarios/presets/scheme-presets.ts';
export type { Scheme } from './models/migration/scheme.ts';
export { asWritten, chooseSchemes } from './results/choose-schemes.ts';
export { control } from './results/scheme-choice.ts';
export type { SchemeChoice } from './results/scheme-choice.ts';

// Clusters: build one, add workloads of your own, run it, and hear what happens.
export { buildCluster } from './scenarios/build-cluster.ts';
export { importAdditions, noAdditions } from './scenarios/additions.ts';
export type { Additions, MakeAdditions, MakeEngine } from './scenarios/additions.ts';
export type { Building } from './scenarios/building.ts';
export type { ClusterOptions, MakeWorkload } from './scenarios/build-cluster.ts';
export type { Cluster, Workload } from './models/cluster.ts';
export { Observations } from './models/observations.ts';
export type * from './models/observations.ts';
export { ItemEngine } from './models/security/item-engine.ts';
export type { Decision, ItemBehaviour, ItemEngineSettings } from './models/security/item-engine.ts';
export type { SecurityEngine } from './models/security/security-engine.ts';
export { udpPacket } from './models/network/udp-endpoint.ts';
export { Protocol, TcpFlag } from './models/network/packet.ts';
export { formatAddress } from './models/network/address.ts';
export type { Passage } from './models/security/nse.ts';
export type { Packet, Intent } from './models/network/packet.ts';
export { Simulation } from './sim/simulation.ts';
export { Chance, Stream } from './sim/random.ts';

// Runs and comparisons: rows and measures.
export { runScenario } from './results/run-scenario.ts';
export type { RunRequest } from './results/run-scenario.ts';
export type { RunResult } from './results/run-result.ts';
export { compareSchemes } from './results/compare.ts';
export type { Comparison, CompareRequest, CompareWatch } from './results/compare.ts';
export { pairRuns, summarizeRun } from './results/summary.ts';
export type { PairedRun, RunSummary } from './results/summary.ts';
export { comparisonTable } from './results/table.ts';

// Sweeps: many runs on several cores, and what they come to.
export { loadSweep, parseSweep } from './scenarios/sweep.ts';
export type { Sweep } from './scenarios/sweep.ts';
export { planSweep } from './results/sweep-plan.ts';
export type { CellGroup, SweepCell, SweepPlan } from './results/sweep-plan.ts';
export { sweepInMemory } from './results/sweep-in-memory.ts';
export { runSweep } from './results/run-sweep.ts';
export type { SweepRun } from './results/run-sweep.ts';
export { sweepStatistics, pairedStatistics, effectStatistics } from './results/sweep-statistics.ts';
export { formatTable } from './results/table-format.ts';
export { meanInterval, wilsonInterval, quantileInterval, zeroEventsBound } from './results/intervals.ts';
export { studentTQuantile } from './results/student-t.ts';
export { quantile, quantiles } from './results/statistics.ts';
