import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Chance } from '../../../sim/random.ts';
import { FuzzRun } from './fuzz-run.ts';

/*
 * npm run fuzz:conntrack -- --seed 1 --minutes 5 --parallel 2
 * Random packet sequences, played by this machine's kernel and by the model; the first difference of each that
 * disagrees is printed, and the sequence, shrunk, is kept in results/reference/fuzz-conntrack.json.gz.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '5' },
    parallel: { type: 'string', default: '2' },
    keep: { type: 'string', default: 'yes' },
  },
});

const missing = whatIsMissing();
if (missing === null) {
  const seed = Number(values.seed);
  const run = new FuzzRun(new Chance(seed, 0), seed, Number(values.first), values.keep === 'yes');
  const report = await run.play(Number(values.minutes) * 60, Number(values.parallel));
  console.log(JSON.stringify(report, null, 1));
  process.exitCode = report.disagreeing > 0 ? 1 : 0;
} else {
  console.log(`fuzz:conntrack is skipped: ${missing}`);
}

function whatIsMissing(): string | null {
  if (process.getuid?.() !== 0) return 'it needs root, for network namespaces';
  for (const tool of ['python3', 'nft', 'conntrack', 'ip'])
    if (spawnSync('which', [tool]).status !== 0) return `${tool} is not installed`;
  return null;
}
