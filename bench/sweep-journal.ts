import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../results/journal.ts';
import { mergeSweep, readSweep } from '../results/merge-sweep.ts';
import { runColumns } from '../results/run-columns.ts';
import { manifestFile, planColumns, planFile } from '../results/sweep-files.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { Generator } from './generator.ts';

/** Runs that end are written to a journal, flushed every thousand, and merged into runs.csv and Parquet. */
export const sweepJournal: Benchmark = {
  name: 'sweep-journal',
  operation: 'run',
  size: 100_000,
  sizeSmall: 500,
  run: writeAndMerge,
};

function writeAndMerge(size: number): BenchmarkResult {
  const directory = mkdtempSync(join(tmpdir(), 'nseh-bench-'));
  const journal = new Journal(directory, { index: 1, count: 1 });
  const sha256 = 'c0'.repeat(32);
  const generator = new Generator(11);
  for (let rep = 0; rep < size; rep++) {
    const values = runColumns.map(() => generator.exponentialNs(1e6) / 1000);
    journal.append({ cell: sha256, rep, wallMs: 5, values, failure: null });
    if (rep % 1000 === 999) journal.flush();
  }
  journal.close();
  const plan = `${planColumns.join(',')}\n0,${sha256},1,${size},${size},none\n`;
  writeFileSync(join(directory, planFile), plan);
  writeFileSync(join(directory, manifestFile), '{}\n');
  const state = readSweep(directory);
  mergeSweep(directory, state);
  const hash = new ResultHash();
  hash.add(statSync(join(directory, 'runs.csv')).size, statSync(join(directory, 'runs.parquet')).size);
  for (const { rep, values } of state.cells[0]!.runs.values())
    for (const value of values ?? []) hash.add(Number(value) | 0, rep);
  rmSync(directory, { recursive: true });
  return { operations: state.finished, hash: hash.text, remark: '' };
}
