import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, readJournals } from '../results/journal.ts';
import { runColumns } from '../results/run-columns.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { Generator } from './generator.ts';

/** Runs that end are written to a journal, flushed every thousand, and read back: what a sweep adds to its runs. */
export const sweepJournal: Benchmark = {
  name: 'sweep-journal',
  operation: 'run',
  size: 100_000,
  sizeSmall: 500,
  run: writeAndRead,
};

function writeAndRead(size: number): BenchmarkResult {
  const directory = mkdtempSync(join(tmpdir(), 'nseh-bench-'));
  const journal = new Journal(directory, { index: 1, count: 1 });
  const generator = new Generator(11);
  for (let rep = 0; rep < size; rep++) {
    const values = runColumns.map(() => generator.exponentialNs(1e6) / 1000);
    journal.append({ cell: 'c0'.repeat(32), rep, wallMs: 5, values, failure: null });
    if (rep % 1000 === 999) journal.flush();
  }
  journal.close();
  const hash = new ResultHash();
  let operations = 0;
  for (const { rep, values } of readJournals(directory)) {
    operations++;
    for (const value of values ?? []) hash.add(Number(value) | 0, rep);
  }
  rmSync(directory, { recursive: true });
  return { operations, hash: hash.text, remark: '' };
}
