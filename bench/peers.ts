import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFile } from '../results/project-file.ts';
import { quantile } from '../results/statistics.ts';
import type { Benchmark } from './benchmark.ts';
import { dumbbellPackets } from './dumbbell.ts';
import { compareDumbbellGrid } from './dumbbell-grid.ts';
import { measureApart } from './measure.ts';

/** A program in C++ that does the work of the benchmarks; what it prints begins like a measurement of ours. */
interface Peer {
  readonly name: string;
  readonly source: string;
  /** Names of libraries with spaces between. */
  readonly pkgConfig: string | null;
}

const peers: readonly Peer[] = [
  { name: 'C++ std::priority_queue', source: 'queue.cc', pkgConfig: null },
  { name: 'ns-3 default scheduler', source: 'ns3.cc', pkgConfig: 'ns3-core' },
  {
    name: 'ns-3 TcpNewReno',
    source: 'dumbbell.cc',
    pkgConfig: 'ns3-applications ns3-point-to-point ns3-traffic-control',
  },
];

const rounds = 5;

interface Comparison {
  readonly name: string;
  readonly peer: string;
  readonly per_cpu_s: number;
  readonly peer_per_cpu_s: number;
  readonly ratio_median: number;
  readonly ratio_min: number;
  readonly ratio_max: number;
  readonly same_hash: boolean;
}

/**
 * Runs each benchmark here and in each peer that can be built, five times, interleaved so that a busy machine
 * hits all alike, and prints the medians of the ratios of their rates.
 */
export function comparePeers(
  benchmarks: readonly Benchmark[],
  json: boolean,
  print: (text: string) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'nseh-peers-'));
  const built = peers.filter((peer) => build(peer, folder));
  for (const benchmark of benchmarks) {
    for (const comparison of compare(benchmark, built, folder)) {
      print(json ? JSON.stringify(comparison) : line(comparison));
    }
  }
  const tcp = built.find((peer) => peer.source === 'dumbbell.cc');
  if (tcp !== undefined && benchmarks.includes(dumbbellPackets)) {
    compareDumbbellGrid(join(folder, programName(tcp)), json, print);
  }
  rmSync(folder, { recursive: true });
}

/** Says why and returns false when the peer cannot be built on this machine. */
function build(peer: Peer, folder: string): boolean {
  const flags = peer.pkgConfig === null ? [] : libraryFlags(peer.pkgConfig);
  const source = projectFile(`bench/peers/${peer.source}`);
  const output = join(folder, programName(peer));
  const compiler = flags && spawnSync('g++', ['-O2', '-o', output, source, ...flags], { encoding: 'utf8' });
  if (compiler?.status === 0) return true;
  const reason =
    compiler === null ? `pkg-config does not find ${peer.pkgConfig ?? ''}` : compilerReason(compiler);
  process.stderr.write(`left out: ${peer.name} (${reason})\n`);
  return false;
}

function compilerReason(compiler: { readonly error?: Error; readonly stderr: string | null }): string {
  if (compiler.error) return 'there is no g++';
  return (compiler.stderr ?? '').split('\n')[0] ?? 'g++ failed';
}

function libraryFlags(name: string): string[] | null {
  const config = spawnSync('pkg-config', ['--cflags', '--libs', ...name.split(' ')], { encoding: 'utf8' });
  return config.status === 0 ? config.stdout.split(/\s+/).filter((flag) => flag !== '') : null;
}

function compare(benchmark: Benchmark, built: readonly Peer[], folder: string): Comparison[] {
  const own: number[] = [];
  const others = built.map((peer) => ({ peer, rates: [] as number[], hash: '' }));
  let hash = '';
  for (let round = 0; round < rounds; round++) {
    const measured = measureApart(benchmark);
    own.push(measured.per_cpu_s);
    hash = measured.hash;
    for (const other of others) {
      const result = runPeer(join(folder, programName(other.peer)), benchmark);
      if (result === null) continue;
      other.rates.push(result.per_cpu_s);
      other.hash = result.hash;
    }
  }
  return others
    .filter((other) => other.rates.length > 0)
    .map(({ peer, rates, hash: peerHash }) => {
      const ratios = own.map((rate, round) => rate / rates[round]!);
      return {
        name: benchmark.name,
        peer: peer.name,
        per_cpu_s: median(own),
        peer_per_cpu_s: median(rates),
        ratio_median: median(ratios),
        ratio_min: Math.min(...ratios),
        ratio_max: Math.max(...ratios),
        same_hash: hash === peerHash,
      };
    });
}

/** Null for a benchmark that the peer does not have. */
function runPeer(program: string, benchmark: Benchmark): { per_cpu_s: number; hash: string } | null {
  const run = spawnSync(program, [benchmark.name, String(benchmark.size)], { encoding: 'utf8' });
  return run.status === 0 ? (JSON.parse(run.stdout) as { per_cpu_s: number; hash: string }) : null;
}

function line(comparison: Comparison): string {
  const { name, peer, per_cpu_s, peer_per_cpu_s, ratio_median, ratio_min, ratio_max, same_hash } = comparison;
  return [
    name.padEnd(24),
    `${(per_cpu_s / 1e6).toFixed(2).padStart(6)} M per CPU s,`,
    `${ratio_median.toFixed(2)} (${ratio_min.toFixed(2)}–${ratio_max.toFixed(2)}) × ${peer}`,
    `at ${(peer_per_cpu_s / 1e6).toFixed(2)} M,`,
    same_hash ? 'same hash' : 'other hash',
  ].join(' ');
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5) ?? NaN;
}

function programName(peer: Peer): string {
  return peer.source.replace(/\.cc$/, '');
}
