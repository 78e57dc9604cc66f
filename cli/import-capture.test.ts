import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAddress } from '../models/network/address.ts';
import { makePacket, Protocol, type Packet } from '../models/network/packet.ts';
import { writePcapng } from '../results/trace/write-capture.ts';
import { parseScenario } from '../scenarios/load-scenario.ts';
import { ScenarioError } from '../sim/assert.ts';
import { importCapture } from './import-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'nseh-capture-'));

function capture(name: string, packets: readonly Packet[]): string {
  const path = join(folder, name);
  const traced = packets.map((packet, index) => ({
    ...{ timeNs: BigInt(index) * 1_000_000n, interface: 'eth0', packet, comment: '' },
  }));
  writeFileSync(path, writePcapng(traced));
  return path;
}

const client = parseAddress('192.0.2.1')!;
const server = parseAddress('10.0.0.10')!;
const question = makePacket({
  ...{ source: client, destination: server, protocol: Protocol.udp },
  ...{ sourcePort: 5555, destinationPort: 53, payloadBytes: 30 },
});
const answer = makePacket({
  ...{ source: server, destination: client, protocol: Protocol.udp },
  ...{ sourcePort: 53, destinationPort: 5555, payloadBytes: 99 },
});

test('what is printed is part of a scenario that plays the capture again', () => {
  const file = capture('two questions.pcapng', [question, answer, question, answer]);
  const { text, counts, problems } = importCapture(file, { vm: 'web', address: '10.0.0.10', refer: false });
  expect(counts).toEqual({ records: 4, packets: 4, flows: 1 });
  expect(problems).toEqual([]);
  const scenario = `format: 1
until: 10 s
hosts: [{ name: a }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: none }]
migrations: []
${text}`;
  const [workload] = parseScenario('s.yaml', scenario, []).scenario.workloads;
  expect(workload).toMatchObject({
    ...{ kind: 'recorded', name: 'two-questions', vm: 'web' },
    flows: [
      {
        ...{ peer: 'peer-1', protocol: 'udp', initiator: 'peer', port: 53, atNs: 0, closes: 'nobody' },
        messages: [
          { speaker: 'peer', atNs: 0, bytes: 30 },
          { speaker: 'vm', atNs: 1e6, bytes: 99 },
          { speaker: 'peer', atNs: 2e6, bytes: 30 },
          { speaker: 'vm', atNs: 3e6, bytes: 99 },
        ],
      },
    ],
  });
});

function problemOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(({ message }) => message).join('; ');
    throw error;
  }
  return '';
}

test('a trace without flows is refused by name', () => {
  const empty = capture('empty.pcapng', []);
  expect(problemOf(() => importCapture(empty, { vm: 'vm', refer: false }))).toBe('holds no flow');
  const other = capture('other.pcapng', [question]);
  expect(problemOf(() => importCapture(other, { vm: 'vm', address: '10.9.9.9', refer: false }))).toBe(
    'holds no flow of 10.9.9.9',
  );
  expect(problemOf(() => importCapture(other, { vm: 'vm', address: 'here', refer: false }))).toBe(
    '"here" is no address',
  );
});
