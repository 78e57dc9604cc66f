import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAddress } from '../models/network/address.ts';
import { verifyRun } from '../results/verify-run.ts';
import { openCapture } from '../scenarios/import/open-capture.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import type { RecordedSpec } from '../scenarios/workload-spec.ts';
import { ScenarioError } from '../sim/assert.ts';
import { importCapture } from './import-capture.ts';
import { nseh } from './try-nseh.ts';

const shipped = fileURLToPath(new URL('../scenarios/workloads/sort-service.pcap', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nseh-recorded-'));
copyFileSync(shipped, join(folder, 'sort.pcap'));

const world = `format: 1
until: 20 s
hosts: [{ name: a }, { name: b }]
vms: [{ name: guest, host: a, address: 10.0.0.10, memory: 64 MiB, policy: none }]
migrations: [{ vm: guest, destination: b, at: 9 s }]
`;
const client = 'peers: [{ name: client, address: 192.0.2.7 }]\n';
const anybody = 'peers: [{ name: anybody, address: 203.0.113.1 }]\n';

function scenario(name: string, parts: string): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, world + parts);
  return path;
}

function naming(capture: string): string {
  return `workloads: [{ name: sort, kind: recorded, vm: guest, capture: ${capture} }]\n`;
}

function flowsOf(path: string): RecordedSpec['flows'] {
  const [workload] = loadScenario(path, []).scenario.workloads;
  return workload?.kind === 'recorded' ? workload.flows : [];
}

function problemsOf(path: string): string[] {
  try {
    loadScenario(path, []);
  } catch (error) {
    if (error instanceof ScenarioError) {
      return error.problems.map(({ message, allowed }) => `${message} (${allowed})`);
    }
    throw error;
  }
  return [];
}

describe('a workload that names a capture', () => {
  const referring = scenario('referring', client + naming('{ file: sort.pcap, address: 10.0.0.10 }'));

  it('plays the flows that the import writes, wherever it is loaded from', () => {
    const { text } = importCapture(shipped, { vm: 'guest', address: '10.0.0.10', refer: false });
    const written = flowsOf(scenario('written', text)).map((flow) => ({ ...flow, peer: 'client' }));
    expect(written.map(({ port }) => port)).toEqual([80, 9000, 53]);
    expect(flowsOf(referring)).toEqual(written);
  });

  it('is what the import prints on request', () => {
    const file = join(folder, 'sort.pcap');
    const { text } = importCapture(file, { vm: 'guest', address: '10.0.0.10', refer: true });
    expect(text.length).toBeLessThan(400);
    expect(flowsOf(scenario('printed', text))).toHaveLength(3);
  });

  it('takes one machine for all other ends where it says so', () => {
    const path = scenario(
      'one-peer',
      anybody + naming('{ file: sort.pcap, address: 10.0.0.10, peer: anybody }'),
    );
    expect(flowsOf(path).map(({ peer }) => peer)).toEqual(['anybody', 'anybody', 'anybody']);
  });

  it('is run from its manifest again, without the capture', async () => {
    const path = scenario('gone', client + naming('{ file: gone.pcap, address: 10.0.0.10 }'));
    copyFileSync(shipped, join(folder, 'gone.pcap'));
    const run = await nseh('run', path, '--out', join(folder, 'out'));
    expect(run.exitCode).toBe(0);
    writeFileSync(join(folder, 'gone.pcap'), '');
    const files = await verifyRun(join(folder, 'out', 'gone', 'com-rounds-s1-r0'));
    expect(files.filter(({ same }) => !same)).toEqual([]);
  });

  it('says what is wrong with the capture, and what would do', () => {
    const cases: [string, string, string][] = [
      ['missing', client + naming('{ file: nowhere.pcap }'), '"nowhere.pcap": there is no such file'],
      ['empty', client + naming('{ file: empty.pcap }'), '"empty.pcap": is empty'],
      ['other', client + naming('{ file: other.yaml }'), '"other.yaml": is neither pcap nor pcapng'],
      [
        'nobody',
        client + naming('{ file: sort.pcap, address: 10.9.9.9 }'),
        '"sort.pcap": holds no flow of 10.9.9.9 (a trace with TCP or UDP packets of one machine at least; the most flows has 192.0.2.7)',
      ],
      [
        'strangers',
        anybody + naming('{ file: sort.pcap, address: 10.0.0.10 }'),
        '"sort.pcap" has flows with 192.0.2.7, which no peer or other VM has as its address (peers as `nseh import pcap --refer`',
      ],
      [
        'unknown-peer',
        client + naming('{ file: sort.pcap, peer: server }'),
        'unknown peer or other VM "server" (client)',
      ],
      [
        'both',
        `${client}workloads: [{ name: sort, kind: recorded, vm: guest, capture: { file: sort.pcap }, flows: [{ peer: client, port: 80, at: 0 s, messages: [] }] }]\n`,
        'holds flows beside those of its capture (either flows:',
      ],
    ];
    writeFileSync(join(folder, 'empty.pcap'), '');
    for (const [name, parts, problem] of cases) {
      expect(problemsOf(scenario(name, parts))).toEqual([expect.stringContaining(problem)]);
    }
  });

  it('plays what there is of a capture that ends within a packet, and says so', () => {
    writeFileSync(join(folder, 'cut.pcap'), readFileSync(shipped).subarray(0, -10));
    const path = scenario('cut', client + naming('{ file: cut.pcap, address: 10.0.0.10 }'));
    const { warnings } = loadScenario(path, []);
    expect(warnings.map(({ message }) => message)).toContain(
      '"cut.pcap": 1 × file-truncated: what is missing is not played',
    );
    expect(flowsOf(path)).toHaveLength(3);
  });
});

describe('a connection of a capture that was closed by halves', () => {
  const trace = join(folder, 'halves', 'halves', 'none-s1-r0', 'guest.pcapng');
  beforeAll(async () => {
    const path = scenario('halves', `${client}${naming('{ file: sort.pcap, address: 10.0.0.10 }')}`);
    await nseh('run', path, '--scheme', 'none', '--pcap', 'guest', '--out', join(folder, 'halves'));
  });

  // As tshark -r sort-service.pcap prints them: FINs 201.982 and 1412.204 ms after the SYN, answers from 609 ms on.
  it('is closed so, at the same times, in the capture of a run', () => {
    const opened = openCapture(trace, parseAddress('10.0.0.10')!);
    const sorting = opened.ok ? opened.flows.find(({ port }) => port === 9000) : undefined;
    expect(sorting?.closes).toBe('peer');
    expect(sorting!.closesAtNs / 1e6).toBeCloseTo(201.98, 0);
    expect(sorting!.otherClosesAtNs / 1e6).toBeCloseTo(1412.2, 0);
    const answers = sorting!.messages.filter(({ speaker }) => speaker === 'vm');
    expect(answers.map(({ bytes }) => bytes)).toEqual([40_000, 40_000, 40_000]);
    for (const [index, atMs] of [609.2, 1011, 1412.1].entries()) {
      expect(Math.abs(answers[index]!.atNs / 1e6 - atMs)).toBeLessThan(1);
    }
  });

  it.skipIf(spawnSync('tshark', ['--version']).status !== 0)(
    'is read so by tshark (skipped where it is not installed)',
    () => {
      const fields = ['-T', 'fields', '-e', 'tcp.srcport', '-e', 'tcp.time_relative'];
      const ends = ['-r', trace, '-Y', 'tcp.port == 9000 && tcp.flags.fin == 1', ...fields];
      const rows = spawnSync('tshark', ends).stdout.toString().trim().split('\n');
      const seen = rows.map((row) => row.split('\t').map(Number));
      expect(seen.map(([port]) => port === 9000)).toEqual([false, true]);
      expect(seen[0]![1]).toBeCloseTo(0.202, 3);
      expect(seen[1]![1]).toBeCloseTo(1.412, 2);
    },
  );

  it.each([
    ['closes: nobody, other_closes_at: 2 s', 'nobody closed before'],
    ['closes: peer, closes_at: 2 s, other_closes_at: 1 s', 'is before the first end closed'],
    ['closes: peer, closes_at: 500 ms, other_closes_at: 2 s', 'is said after this end had closed'],
  ])('says what cannot be: %s', (ends, problem) => {
    const flow = `{ peer: client, port: 80, at: 0 s, messages: ['peer 1 s 1 B'], ${ends} }`;
    const parts = `${client}workloads: [{ name: sort, kind: recorded, vm: guest, flows: [${flow}] }]\n`;
    expect(problemsOf(scenario('cannot-be', parts))).toEqual([expect.stringContaining(problem)]);
  });
});
