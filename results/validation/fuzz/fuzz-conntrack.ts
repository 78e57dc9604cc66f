import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Chance } from '../../../sim/random.ts';
import { goldenFile } from '../golden-sequence.ts';
import { readForm } from '../read-form.ts';
import { FuzzRun, type Keeping } from './fuzz-run.ts';
import { randomSequence, type PlannedSequence } from './random-sequence.ts';

/*
 * npm run fuzz:conntrack -- --seed 1 --minutes 5 --parallel 2
 * Random packet sequences, played by this machine's kernel and by the model; the first difference of each that
 * disagrees is printed, and the sequence, shrunk, is kept in results/reference/fuzz-conntrack.json.gz. With --play
 * FILE, sequences made by hand instead: a JSON list in the form of results/reference/golden-conntrack.json.gz, where
 * what the kernel did may be missing. --keep all keeps also those that agree, no none.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '5' },
    parallel: { type: 'string', default: '2' },
    play: { type: 'string' },
    keep: { type: 'string', default: 'yes' },
  },
});

const missing = whatIsMissing();
if (missing === null) {
  const next =
    values.play === undefined
      ? randomSequences(Number(values.seed), Number(values.first), Number(values.minutes) * 60)
      : writtenSequences(values.play);
  const report = await new FuzzRun(keeping(values.keep)).play(next, Number(values.parallel));
  console.log(JSON.stringify(report, null, 1));
  process.exitCode = report.disagreeing > 0 ? 1 : 0;
} else {
  console.log(`fuzz:conntrack is skipped: ${missing}`);
}

function keeping(text: string): Keeping {
  return text === 'yes' || text === 'all' ? text : 'no';
}

/** Random sequences of one seed, from a first number on, until the time is up. */
function randomSequences(seed: number, first: number, durationS: number): () => PlannedSequence | null {
  const chance = new Chance(seed, 0);
  const endMs = performance.now() + durationS * 1000;
  let number = first;
  return () => (performance.now() < endMs ? randomSequence(chance, seed, number++) : null);
}

function writtenSequences(file: string): () => PlannedSequence | null {
  const sequences = readForm(goldenFile, planned(JSON.parse(readFileSync(file, 'utf8'))), file);
  let number = 0;
  return () => sequences[number++] ?? null;
}

function planned(data: unknown): unknown {
  return Array.isArray(data) ? data.map((sequence: object) => ({ ...sequence, expect: [] })) : data;
}

function whatIsMissing(): string | null {
  if (process.getuid?.() !== 0) return 'it needs root, for network namespaces';
  for (const tool of ['python3', 'nft', 'conntrack', 'ip'])
    if (spawnSync('which', [tool]).status !== 0) return `${tool} is not installed`;
  return null;
}
