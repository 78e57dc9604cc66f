import { s } from '../sim/time.ts';
import { ipv4 } from '../models/network/address.ts';
import type { EngineSpec } from './scenario.ts';

const shared = {
  ...{ version: 1, packetNs: 100, exportNs: 1_200, importNs: 1_460, itemBytes: 64 },
  exports: 'full',
  itemsMax: Infinity,
} as const;
const outer = ipv4(0x0a00_0901);

/** Engines beside the firewall for random scenarios; each host has some of them. */
export const itemEngines: readonly EngineSpec[] = [
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
