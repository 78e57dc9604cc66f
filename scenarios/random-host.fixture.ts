import { s } from '../sim/time.ts';
import { ipv4 } from '../models/network/address.ts';
import { linuxDefaults } from '../models/security/tracking-settings.ts';
import type { Dice } from './dice.fixture.ts';
import type { Has } from './random-scenario.fixture.ts';
import type { EngineSpec, HostSpec, LinkSpec } from './scenario.ts';

/** A host of a random scenario, with a chain of engines. */
export function randomHost(
  name: string,
  table: 'per-vm' | 'per-zone' | 'marked' | 'shared',
  link: LinkSpec,
  dice: Dice,
  has: Has,
): HostSpec {
  const tracking = {
    ...linuxDefaults,
    tcpLoose: dice.coin(),
    tcpBeLiberal: dice.coin(),
    entriesMax: has('small-tables') ? 20 : linuxDefaults.entriesMax,
  };
  const costs = { packetNs: 1_200, ruleNs: 6, newEntryNs: 500 };
  return {
    name,
    memoryBytes: has('little-memory') ? 300 * 2 ** 20 : 64 * 2 ** 30,
    cpus: has('short-cpus') ? dice.pick([0.01, 0.1, 1]) : 4,
    control: {
      weight: dice.pick([64, 256]),
      reservedCpus: has('short-cpus') ? 0.005 : 0,
      cpusMax: has('short-cpus') ? 0.01 : 4,
    },
    copyNsPerByte: dice.pick([0, 1, 10]),
    changeNs: dice.pick([0, 1_200]),
    packetsMax: dice.pick([10, 1000]),
    link,
    returnLink: link,
    migrationLink: has('separate-migration-link') ? { ...link, lossPerFrame: 0 } : 'shared',
    engines: [
      { kind: 'stateful-firewall', name: 'firewall', table, tracking, ...costs },
      ...(has('engine-chains') ? itemEngines.filter(() => dice.coin()) : []),
    ],
    costScale: dice.pick([1, 10]),
  };
}

const shared = {
  ...{ version: 1, packetNs: 100, exportNs: 1_200, importNs: 1_460, itemBytes: 64 },
  exports: 'full',
  itemsMax: Infinity,
} as const;
const outer = ipv4(0x0a00_0901);

/** Engines beside the firewall for random scenarios; each host has some of them. */
const itemEngines: readonly EngineSpec[] = [
  { kind: 'source-guard', name: 'guard', ...shared, leaseNs: 10 * s, unbound: 'drop' },
  { kind: 'nat', name: 'nat', ...shared, outer: 'gateway', address: outer },
  {
    ...shared,
    ...{ kind: 'intrusion-prevention', name: 'ips', exports: 'partial' },
    ...{ attemptsMax: 50, windowNs: s, blockNs: s, midstream: 'pass', flowNs: 60 * s },
  },
  {
    ...{ kind: 'rate-limiter', name: 'limiter', ...shared, itemsMax: 2 },
    ...{ rateBps: 1e6, burstBytes: 100_000, per: 'peer', fresh: 'full' },
  },
  { kind: 'syn-proxy', name: 'proxy', ...shared, secret: 1, unknown: 'reset', lifetimeNs: 60 * s },
  { kind: 'ipsec', name: 'esp', ...shared, peers: [ipv4(0x0a00_0101)], windowPackets: 64, keys: 'manual' },
];
