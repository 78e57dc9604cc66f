import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './benchmark.ts';

/** One line of the output; the names are those of the JSON form. */
export interface Measurement {
  readonly name: string;
  readonly operations: number;
  readonly hash: string;
  /** Seconds of processor time, all threads of the process included, and operations per second of it. */
  readonly cpu_s: number;
  readonly per_cpu_s: number;
  /** The largest resident set of the process. */
  readonly peak_bytes: number;
  readonly remark: string;
}

/** Runs the benchmark in a process of its own with no code but its own, so that none inherits another's heap or compiled code. */
export function measureApart(benchmark: Benchmark): Measurement {
  const own = fileURLToPath(import.meta.url);
  const entry = own.replace(/measure(\.[jt]s)$/, 'measure-one$1');
  const output = execFileSync(process.execPath, [...process.execArgv, entry, benchmark.name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output) as Measurement;
}

/** Runs the benchmark in this process, compilation of its code included. */
export function measureHere(benchmark: Benchmark): Measurement {
  const before = process.cpuUsage();
  const { operations, hash, remark } = benchmark.run(benchmark.size);
  const used = process.cpuUsage(before);
  const cpuS = (used.user + used.system) / 1e6;
  return {
    name: benchmark.name,
    operations,
    hash,
    cpu_s: cpuS,
    per_cpu_s: operations / cpuS,
    peak_bytes: process.resourceUsage().maxRSS * 1024,
    remark,
  };
}
