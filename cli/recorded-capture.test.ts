import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { verifyRun } from '../results/verify-run.ts';
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
