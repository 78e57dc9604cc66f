import { parseAddress } from '../models/network/address.ts';
import type { Address } from '../models/network/address.ts';
import { linuxDefaults } from '../models/security/tracking-settings.ts';
import { assert } from '../sim/assert.ts';
import { microseconds, milliseconds, seconds } from '../sim/time.ts';
import { wholeRuleset } from '../scenarios/import/imported-ruleset.ts';
import { importNftJson } from '../scenarios/import/nft-json.ts';
import { findSchemePreset } from '../scenarios/presets/scheme-presets.ts';
import { schemePresets } from '../scenarios/presets/scheme-presets.ts';
import { usualTcp } from '../scenarios/tcp-settings-of.ts';
import type { HostSpec, LinkSpec, Scenario } from '../scenarios/scenario.ts';

const link: LinkSpec = {
  rateBps: 10e9,
  delayNs: microseconds(20),
  queueBytes: 2 ** 20,
  lossPerFrame: 0,
  jitterNs: 0,
  reorders: false,
  queueing: 'drop-tail',
};

/** A small world for tests of runs: two hosts, one guest of 64 MiB with 20 connections, attacks and probes, 6 s. */
export function handMadeScenario(schemeName: string): Scenario {
  const scheme = findSchemePreset(schemeName)?.scheme;
  assert(scheme !== undefined, 'the scheme of a test is a preset');
  return {
    ...{ format: 1, name: 'by-hand', description: 'two hosts, one guest', seed: 1, repetitions: 1 },
    startWindowNs: { from: 0, to: milliseconds(200) },
    untilNs: seconds(8),
    hosts: [host('a'), host('b')],
    peers: [{ name: 'client', address: address('192.0.2.1'), link, returnLink: link }],
    ...{ switchLearnNs: microseconds(10), sharingIntervalNs: milliseconds(10), streamStart: 'slow-start' },
    ...{ tcp: usualTcp, overlay: 'none', middleboxes: [], modules: [] },
    virtualMachines: [
      {
        ...{
          name: 'web',
          host: 'a',
          address: address('198.51.100.10'),
          memoryBytes: 64 * 2 ** 20,
          timers: 'frozen',
          ...{ aliases: [], vcpus: 1, loadCpus: 0, cpuWeight: 256, frameNs: 0, byteNs: 0 },
        },
        memory: {
          detail: 'expected',
          regions: [
            { kind: 'unwritten', pages: 15_384, content: 'data' },
            { kind: 'uniform', pages: 1000, writesPerS: 2000, schedule: { kind: 'constant' } },
          ],
          pacing: { cpuShare: 1, backlogNs: 0, backlogJitterNs: 0 },
        },
        policy: wholeRuleset(importNftJson(JSON.stringify({ nftables: rules }), 'rules.json')),
      },
    ],
    workloads: [
      {
        ...{
          kind: 'request-response',
          name: 'requests',
          vm: 'web',
          peer: 'client',
          initiator: 'peer',
          asks: 'peer',
        },
        ...{ port: 80, connections: 20, requestBytes: 200, responseBytes: 4000 },
        think: { kind: 'exponential', meanNs: milliseconds(200) },
        ...{ startNs: 0, rampNs: milliseconds(500), stopNs: seconds(6) },
        reconnect: { afterNs: Infinity, unansweredNs: Infinity },
      },
      {
        ...{ kind: 'attack', name: 'attacks', vm: 'web', peer: 'client', openPort: 80, closedPort: 23 },
        kinds: ['syn-closed-port', 'ack-open-port', 'rst-live-flow'],
        ...{ periodNs: milliseconds(50), startNs: seconds(1), stopNs: seconds(6) },
      },
      {
        ...{ kind: 'probe', name: 'probes', vm: 'web', peer: 'client', port: 7 },
        ...{ periodNs: milliseconds(10), deadlineNs: seconds(1), startNs: 0, stopNs: seconds(6) },
      },
    ],
    initialContext: [],
    controller: [],
    migrations: [
      {
        ...{ name: 'move', vm: 'web', source: 'a', destination: 'b', scheme, giveUpNs: Infinity },
        ...{ move: 'move', attempt: 1 },
        trigger: { kind: 'time', atNs: seconds(2) },
      },
    ],
    ...{ faults: [], migrationsPerHostMax: 1 },
    ...{ schemes: schemePresets.map((preset) => preset.scheme), derivedSchemes: [] },
  };
}

function host(name: string): HostSpec {
  return {
    ...{ name, memoryBytes: 2 ** 34, cpus: 8, link, returnLink: link, migrationLink: 'shared', costScale: 1 },
    ...{
      control: { weight: 256, reservedCpus: 0, cpusMax: 8 },
      copyNsPerByte: 1,
      packetsMax: 1000,
      changeNs: 0,
    },
    engines: [
      {
        ...{ kind: 'stateful-firewall', name: 'firewall', table: 'per-vm', tracking: linuxDefaults },
        ...{ packetNs: 500, ruleNs: 10, newEntryNs: 1000 },
      },
    ],
  };
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  assert(parsed !== undefined, 'the address of a test is one');
  return parsed;
}

const payload = (protocol: string, field: string): object => ({ payload: { protocol, field } });
const rule = (expr: readonly object[]): object => ({
  rule: { family: 'inet', table: 'policy', chain: 'forward', expr },
});
const match = (left: object, right: unknown): object => ({ match: { op: '==', left, right } });

/** Established passes, the guest may open what it likes, port 80 and echo are open, all else is dropped. */
const rules: readonly object[] = [
  { table: { family: 'inet', name: 'policy' } },
  {
    chain: {
      ...{ family: 'inet', table: 'policy', name: 'forward', type: 'filter', hook: 'forward', prio: 0 },
      policy: 'drop',
    },
  },
  rule([
    { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] } },
    { accept: null },
  ]),
  rule([{ match: { op: 'in', left: { ct: { key: 'state' } }, right: ['invalid'] } }, { drop: null }]),
  rule([match(payload('ip', 'saddr'), '198.51.100.10'), { accept: null }]),
  rule([
    match({ ct: { key: 'state' } }, 'new'),
    match(payload('tcp', 'dport'), 80),
    match({ '&': [payload('tcp', 'flags'), ['fin', 'syn', 'rst', 'ack']] }, 'syn'),
    { accept: null },
  ]),
  rule([match(payload('udp', 'dport'), 7), { accept: null }]),
];
