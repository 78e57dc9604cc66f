import { chooseSchemes } from '../results/choose-schemes.ts';
import { runScenario } from '../results/run-scenario.ts';
import type { RunResult } from '../results/run-result.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { ResultHash, type Benchmark, type BenchmarkResult } from './benchmark.ts';

/**
 * One VM with as many entries in its table as a VM has flows at most in Azure, 500,000 in and out, moves under
 * `com-rounds`: everything from reading the file to the recorder's rows.
 */
export const context: Benchmark = {
  name: 'context-500000',
  operation: 'entry',
  size: 500_000,
  sizeSmall: 500,
  run: (size) => runFile('context-500000', ['com-rounds'], [`initial_context[0].entries=${size}`], size),
};

/** 1,000 VMs with 1,000 connections each leave 100 hosts; the operation is the move of a VM under both schemes. */
export const evacuationTraffic: Benchmark = {
  name: 'evacuation-traffic',
  operation: 'migration',
  size: 1000,
  sizeSmall: 2,
  run: (size) => {
    const lists = ['vms', 'initial_context', 'workloads', 'migrations'];
    const counts = lists.map((list) => `${list}[0].count=${size}`);
    return runFile('evacuation-traffic', ['com-rounds', 'stock-drop'], counts, size);
  },
};

/** Runs a scenario of this folder under each scheme; the rows of one are gone before the next begins. */
function runFile(
  file: string,
  schemes: readonly string[],
  overrides: readonly string[],
  operations: number,
): BenchmarkResult {
  const { scenario } = loadScenario(`bench/scenarios/${file}.yaml`, overrides);
  const hash = new ResultHash();
  let packets = 0;
  let events = 0;
  for (const choice of chooseSchemes(scenario, schemes)) {
    const run = runScenario({ scenario, choice, seed: scenario.seed, repetition: 0, replayCommand: '' });
    addRun(hash, run);
    packets += run.packets;
    events += run.events;
  }
  const remark = `${packets.toLocaleString('en')} packets, ${events.toLocaleString('en')} events`;
  return { operations, hash: hash.text, remark };
}

function addRun(hash: ResultHash, { rows, events, packets }: RunResult): void {
  hash.add(events, packets);
  for (const { timeNs } of rows.phases) hash.add(1, timeNs);
  for (const { items, endNs } of rows.contextTasks) hash.add(items, endNs);
  for (const { missing, stale, leftBehind } of rows.contextCompared) {
    hash.add(missing, stale);
    hash.add(leftBehind, 0);
  }
}
