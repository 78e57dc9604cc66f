import type { PlacedWorkload } from './check-workloads.ts';
import type { Resolution } from './resolution.ts';
import type { WorkloadSpec } from './workload-spec.ts';

/** Ports from 1024 on: those below are for services. */
const portsOfMachine = 65_536 - 1024;

/** Each flow of datagrams has a port of its own on the machine that sends first, and keeps the one before when it changes. */
export function refuseTooManyPorts(placed: readonly PlacedWorkload[], { problems }: Resolution): void {
  const taken = new Map<string, number>();
  for (const { spec, path } of placed) {
    const wanted = portsOf(spec);
    for (const [machine, ports] of wanted) {
      const all = (taken.get(machine) ?? 0) + ports;
      taken.set(machine, all);
      if (all <= portsOfMachine || all - ports > portsOfMachine) continue;
      const message = `${all} flows and earlier ports of theirs, all workloads up to here counted, need as many ports of ${machine}`;
      problems.add([...path, 'flows'], message, `at most ${portsOfMachine} on one machine`);
    }
  }
}

function portsOf(spec: WorkloadSpec): readonly (readonly [machine: string, ports: number])[] {
  if (spec.kind === 'recorded') {
    const counts = new Map<string, number>();
    for (const { protocol, initiator, peer } of spec.flows) {
      const machine = initiator === 'vm' ? spec.vm : peer;
      if (protocol === 'udp') counts.set(machine, (counts.get(machine) ?? 0) + 1);
    }
    return [...counts];
  }
  if (spec.kind !== 'datagram-streams' && spec.kind !== 'datagram-questions') return [];
  const moves = spec.rebind.kind === 'never' ? 1 : 2;
  const machines = spec.initiator === 'vm' ? [spec.vm] : spec.paths;
  return machines.map((machine) => [machine, spec.flows * moves]);
}
