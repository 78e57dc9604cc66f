import type { Host } from '../models/compute/host.ts';
import type { Migration } from '../models/migration/migration.ts';
import { Fault, type Trouble } from '../models/workload/fault.ts';
import type { Building } from './building.ts';
import { named } from './named.ts';
import type { Guest } from './build-guests.ts';
import type { Network } from './build-network.ts';
import type { FaultSpec } from './scenario.ts';
import { whenReached } from './when-reached.ts';

/** Arms what is to go wrong: at a time, or when a migration reaches a phase (never, where nothing migrates). */
export function buildFaults(
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  migrations: ReadonlyMap<string, Migration>,
): void {
  const { simulation, scenario } = building;
  for (const spec of scenario.faults) {
    const fault = new Fault(
      simulation,
      troubleOf(spec, building, network, guests, [...migrations.values()]),
      spec.durationNs,
    );
    if (spec.trigger.kind === 'time') {
      simulation.scheduleAt(spec.trigger.atNs, strike, fault);
      continue;
    }
    const { delayNs } = spec.trigger;
    whenReached(spec.trigger, migrations, () => simulation.schedule(delayNs, strike, fault));
  }
}

function troubleOf(
  spec: FaultSpec,
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  migrations: readonly Migration[],
): Trouble {
  const host = named(network.hosts, spec.host);
  switch (spec.kind) {
    case 'link-cut': {
      const links = network.linksOf(spec.host, spec.link);
      const setUp = (up: boolean): void => links.forEach((link) => link.setUp(up));
      return { begin: () => setUp(false), end: () => setUp(true) };
    }
    case 'link-loss': {
      const links = network.linksOf(spec.host, spec.link).map((link) => ({ link, usual: link.loss }));
      return {
        begin: () => links.forEach(({ link }) => link.setLossPerFrame(spec.lossPerFrame)),
        end: () => links.forEach(({ link, usual }) => link.setLossPerFrame(usual)),
      };
    }
    case 'host-crash':
      return hostCrash(spec.host, building, network, guests, migrations);
    case 'daemon-crash':
      return {
        begin: () => {
          host.accepts = false;
          for (const migration of migrations) migration.daemonLost(spec.host);
        },
        end: () => (host.accepts = true),
      };
    case 'refusal':
      return { begin: () => (host.accepts = false), end: () => (host.accepts = true) };
    case 'slowness':
      return { begin: () => (host.slowness = spec.factor), end: () => (host.slowness = 1) };
  }
}

/**
 * A host dies with the VMs that are on it, whether they run or are paused there by a migration, and with its rules and
 * tables, its bridge's included: these are not there either when it is back.
 */
function hostCrash(
  name: string,
  { simulation }: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  migrations: readonly Migration[],
): Trouble {
  const host = named(network.hosts, name);
  const links = new Set([...network.linksOf(name, 'vms'), ...network.linksOf(name, 'migrations')]);
  const setUp = (up: boolean): void => links.forEach((link) => link.setUp(up));
  return {
    begin: () => {
      host.accepts = false;
      setUp(false);
      for (const { vm, reference } of guests.values()) {
        if (vm.place !== name) continue;
        vm.die();
        reference.touched(null);
      }
      forgetAll(host, network, guests, simulation.nowNs);
      network.forgetPlaces(name);
      for (const migration of migrations) migration.hostLost(name);
    },
    end: () => {
      host.accepts = true;
      setUp(true);
    },
  };
}

/** Engines that other hosts reach too, such as a gateway's, are not the host's own and keep what they know. */
function forgetAll(host: Host, network: Network, guests: ReadonlyMap<string, Guest>, nowNs: number): void {
  const others = [...network.hosts.values()].filter((other) => other !== host);
  const elsewhere = new Set(others.flatMap(({ engines }) => engines));
  for (const engine of host.engines) {
    if (elsewhere.has(engine)) continue;
    for (const { vm } of guests.values()) {
      engine.forget(vm, 'interface', 'all', nowNs);
      engine.setPolicy(vm, { kind: 'drop-all' });
    }
  }
  for (const { reference } of guests.values()) reference.touched(null);
}

function strike(fault: Fault): void {
  fault.strike();
}
