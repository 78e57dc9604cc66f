// npm run bench -- [NAME…] [--json] [--peers | --sweeps | --short-runs N]
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { measureApart } from './measure.ts';
import type { Measurement } from './measure.ts';
import { comparePeers } from './peers.ts';
import { benchmarks } from './registry.ts';
import { compareSweepSpeed, runManyShort, timeLength } from './sweep-speed.ts';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    sweeps: { type: 'boolean', default: false },
    'short-runs': { type: 'string' },
    // Only for the processes that compareSweepSpeed starts.
    alone: { type: 'string' },
  },
});

if (options.alone !== undefined) {
  timeLength(options.alone, print);
} else if (options['short-runs'] !== undefined) {
  await runManyShort(Number(options['short-runs']), print);
} else if (options.peers) {
  comparePeers(await select(names), options.json, print);
} else if (options.sweeps) {
  await compareSweepSpeed(3, print);
} else {
  for (const benchmark of await select(names)) {
    const measurement = measureApart(benchmark);
    print(options.json ? JSON.stringify(measurement) : line(measurement, benchmark.operation));
  }
}

/** The benchmarks of these names, all for none; says what there is and ends with code 2 when one does not exist. */
async function select(wanted: readonly string[]): Promise<readonly Benchmark[]> {
  const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    const known = benchmarks.map((benchmark) => benchmark.name).join(', ');
    process.stderr.write(`no benchmark is called ${unknown.join(', ')} (there are: ${known})\n`);
    process.exit(2);
  }
  const chosen = benchmarks.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  return Promise.all(chosen.map((entry) => entry.load()));
}

function line(measurement: Measurement, operation: string): string {
  const { name, operations, hash, peak_bytes, remark } = measurement;
  return [
    name.padEnd(24),
    `${operations.toLocaleString('en')} ${operation}s`.padStart(28),
    `hash ${hash}`,
    rate(measurement),
    `peak ${Math.round(peak_bytes / 2 ** 20)} MiB`,
    remark,
  ]
    .join('  ')
    .trimEnd();
}

/** In millions a second; where that says nothing, such as of migrations, with the seconds of all of them. */
function rate({ cpu_s, per_cpu_s }: Measurement): string {
  if (per_cpu_s >= 10_000) return `${(per_cpu_s / 1e6).toFixed(2).padStart(6)} M per CPU s`;
  return `${cpu_s.toFixed(1).padStart(6)} CPU s, ${per_cpu_s.toPrecision(3)} per CPU s`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
