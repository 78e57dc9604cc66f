import { formatAddress, type Address } from '../models/network/address.ts';
import { addressAfter } from './expand-template.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { firewallSpec } from './resolve-firewall.ts';
import type { Machines } from './resolve-machines.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { EngineSpec, PeerSpec } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';

type HostFile = ScenarioFile['hosts'][number];
type EngineFile = HostFile['nse'][number];
type NatSpec = Extract<EngineSpec, { kind: 'nat' }>;
type ItemEngineFile = Exclude<EngineFile, { kind: 'stateful-firewall' }>;

/** A host's security engines, names and addresses held against those of peers. */
export function resolveEngines(
  { item, path }: Placed<HostFile>,
  peers: readonly PeerSpec[],
  resolution: Resolution,
): EngineSpec[] {
  const names = item.nse.map(({ name }) => name);
  item.nse.forEach(({ name }, index) => {
    if (names.indexOf(name) === index) return;
    const place = [...path, 'nse', index, 'name'];
    resolution.problems.add(place, `there are two engines named "${name}"`, 'a name of its own');
  });
  return item.nse.map((engine, index) => engineSpec(engine, [...path, 'nse', index], peers, resolution));
}

/** Notes outer addresses that two machines would have. */
export function checkOuterAddresses(
  placed: readonly Placed<HostFile>[],
  { hosts, peers, virtualMachines }: Machines,
  { problems }: Pick<Resolution, 'problems'>,
): void {
  const machines = [...peers, ...virtualMachines];
  const owners = new Map(machines.map(({ name, address }) => [formatAddress(address), name]));
  hosts.forEach((host, at) => {
    host.engines.forEach((engine, index) => {
      if (engine.kind !== 'nat') return;
      // A gateway is one for all hosts, and so are the addresses that VMs have for themselves.
      const owner = engine.outer === 'host' ? host.name : `${engine.outer} of ${engine.name}`;
      for (const address of outerAddresses(engine, virtualMachines.length)) {
        const text = formatAddress(address);
        const taken = owners.get(text);
        if (taken !== undefined && taken !== owner) {
          const path = [...placed[at]!.path, 'nse', index, 'address'];
          problems.add(path, `${taken} has ${text}`, 'an address of its own');
        }
        owners.set(text, owner);
      }
    });
  });
}

function outerAddresses({ outer, address }: NatSpec, vms: number): Address[] {
  const count = outer === 'vm' ? vms : 1;
  return Array.from({ length: count }, (_, index) => addressAfter(address, index) ?? address);
}

function engineSpec(
  engine: EngineFile,
  path: FieldPath,
  peers: readonly PeerSpec[],
  resolution: Resolution,
): EngineSpec {
  switch (engine.kind) {
    case 'stateful-firewall':
      return firewallSpec(engine);
    case 'source-guard':
      return { kind: engine.kind, ...shared(engine), leaseNs: engine.lease, unbound: engine.unbound };
    case 'nat':
      return natSpec(engine, path, resolution);
    case 'intrusion-prevention':
      return {
        kind: engine.kind,
        ...shared(engine),
        attemptsMax: engine.attempts_max,
        windowNs: engine.window,
        blockNs: engine.block,
        midstream: engine.midstream,
        flowNs: engine.flow_timeout,
      };
    case 'rate-limiter': {
      const { kind, rate, burst, per, fresh } = engine;
      return { kind, ...shared(engine), rateBps: rate, burstBytes: burst, per, fresh };
    }
    case 'syn-proxy': {
      const { kind, secret, unknown, offset_timeout: lifetimeNs } = engine;
      return { kind, ...shared(engine), secret, unknown, lifetimeNs };
    }
    case 'ipsec':
      return ipsecSpec(engine, path, peers, resolution);
  }
}

function shared(engine: ItemEngineFile) {
  return {
    name: engine.name,
    version: engine.version,
    exports: engine.exports,
    itemsMax: engine.items_max,
    packetNs: engine.packet_cost,
    itemBytes: engine.item_size,
    exportNs: engine.export_cost,
    importNs: engine.import_cost,
  };
}

function natSpec(
  engine: Extract<ItemEngineFile, { kind: 'nat' }>,
  path: FieldPath,
  { problems }: Resolution,
): EngineSpec {
  const { kind, outer, address } = engine;
  if (address.family === 6) problems.add([...path, 'address'], 'is an IPv6 address', 'an IPv4 address');
  return { kind, ...shared(engine), outer, address };
}

function ipsecSpec(
  engine: Extract<ItemEngineFile, { kind: 'ipsec' }>,
  path: FieldPath,
  peers: readonly PeerSpec[],
  { problems, names }: Resolution,
): EngineSpec {
  const { kind, window: windowPackets, keys } = engine;
  engine.peers.forEach((name, index) => {
    if (!names.peers.has(name)) problems.unknown([...path, 'peers', index], 'peer', name, names.peers);
  });
  const ends = peers.filter(({ name }) => engine.peers.includes(name)).map(({ address }) => address);
  return { kind, ...shared(engine), peers: ends, windowPackets, keys };
}
