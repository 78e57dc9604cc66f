import { placedItems } from './resolution.ts';
import type { Resolution } from './resolution.ts';
import type { Scenario } from './scenario.ts';
import { workloadPeers } from './workload-peers.ts';

type Routed = Pick<Scenario, 'hosts' | 'peers' | 'virtualMachines' | 'workloads' | 'migrations'>;

/** Notes what would have to go where no path leads. */
export function refuseUnrouted(scenario: Routed, resolution: Resolution): void {
  refuseOtherFamilies(scenario, resolution);
  refuseUnconnected(scenario, resolution);
}

/** Workloads whose ends have addresses of different families. */
function refuseOtherFamilies(scenario: Routed, resolution: Resolution): void {
  const { peers, virtualMachines, workloads } = scenario;
  const placed = placedItems(resolution, 'workloads');
  const families = new Map([...peers, ...virtualMachines].map(({ name, address }) => [name, address.family]));
  workloads.forEach((spec, index) => {
    const { vm } = spec;
    const ofVm = families.get(vm);
    for (const { name: peer, key } of workloadPeers(spec)) {
      const ofPeer = families.get(peer);
      if (ofVm === undefined || ofPeer === undefined || ofVm === ofPeer) continue;
      const message = `no route from ${peer} (IPv${ofPeer}) to ${vm} (IPv${ofVm})`;
      resolution.problems.add([...placed[index]!.path, ...key], message, 'two addresses of one family');
    }
  });
}

/** Migrations between a host with a migration network of its own and one that is not on it. */
function refuseUnconnected({ hosts, migrations }: Routed, resolution: Resolution): void {
  const placed = placedItems(resolution, 'migrations');
  const apart = new Map(hosts.map(({ name, migrationLink }) => [name, migrationLink !== 'shared']));
  migrations.forEach(({ source, destination }, index) => {
    const [from, to] = [apart.get(source), apart.get(destination)];
    if (from === undefined || to === undefined || from === to) return;
    const [on, off] = from ? [source, destination] : [destination, source];
    const message = `no route from ${source} to ${destination}: ${on} has a migration_link, ${off} has none`;
    resolution.problems.add(
      [...placed[index]!.path, 'destination'],
      message,
      'hosts of one network for migrations',
    );
  });
}
