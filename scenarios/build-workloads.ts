import type { Simulation } from '../sim/simulation.ts';
import type { Workload } from '../models/cluster.ts';
import { inward, outward } from '../models/compute/guest-port.ts';
import { Attack } from '../models/workload/attack.ts';
import type { FlowEnds, KnownConnections, PassageQuestion } from '../models/workload/flow-ends.ts';
import { ExposureWatch, type ExposureProbe } from '../models/workload/exposure-watch.ts';
import { HeldTargets } from '../models/workload/held-targets.ts';
import { Probing } from '../models/workload/probing.ts';
import { RequestResponse } from '../models/workload/request-response.ts';
import { named, type Building } from './build-cluster.ts';
import type { Guest } from './build-guests.ts';
import type { Network } from './build-network.ts';
import { boxesWouldPass } from './build-wires.ts';
import type { AttackSpec, WorkloadSpec } from './scenario.ts';

/**
 * What guests, peers and attackers do. Flows are numbered in the order of the file, so that a flow has the same
 * number under every scheme.
 */
export function buildWorkloads(
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
): Workload[] {
  const { simulation, observations, chance, scenario } = building;
  const conversations: { spec: WorkloadSpec; connections: RequestResponse }[] = [];
  let nextFlow = 0;
  const claim = (flows: number): number => (nextFlow += flows) - flows;
  const probes = new Map<string, ExposureProbe[]>();
  const targets = new Map<string, HeldTargets>();
  const workloads = scenario.workloads.map((spec): Workload => {
    const guest = named(guests, spec.vm);
    const ends: FlowEnds = {
      vmName: spec.vm,
      peerName: spec.peer,
      vm: guest.vm.stack,
      peer: guests.get(spec.peer)?.vm.stack ?? named(network.peers, spec.peer).stack,
    };
    switch (spec.kind) {
      case 'request-response': {
        const connections = new RequestResponse(
          spec,
          ends,
          claim(spec.connections),
          simulation,
          chance,
          observations,
        );
        conversations.push({ spec, connections });
        const wouldPass = passage(guest, spec.peer, network, simulation);
        return {
          start: () => connections.start(),
          publishStates: () => connections.publishStates(wouldPass),
        };
      }
      case 'attack': {
        const known = knownTo(spec, conversations);
        const firstFlow = claim(spec.kinds.length);
        const held = targets.get(spec.vm) ?? new HeldTargets(known);
        targets.set(spec.vm, held);
        // An attack that never strikes says what its packets would be, in a period that no run gets to.
        const asked = new Attack(spec, ends, held, firstFlow, 2 ** 30, simulation, chance);
        probes.set(spec.vm, [
          ...(probes.get(spec.vm) ?? []),
          ...probesOf(spec, asked, probes.get(spec.vm) ?? []),
        ]);
        return new Attack(spec, ends, known, firstFlow, 0, simulation, chance);
      }
      case 'probe':
        return new Probing(spec, ends, claim(1), simulation, observations);
    }
  });
  const watches = [...probes].map(([vm, ofVm]): Workload => {
    const guest = named(guests, vm);
    const held = named(targets, vm);
    return new ExposureWatch({ simulation, observations, ...guest, probes: ofVm, targets: held });
  });
  return [...workloads, ...watches];
}

/** The kinds of an attack on which no other one of the VM has a probe yet. */
function probesOf(spec: AttackSpec, attack: Attack, known: readonly ExposureProbe[]): ExposureProbe[] {
  return spec.kinds.flatMap((kind, index) =>
    known.some((probe) => probe.kind === kind) ? [] : [{ kind, packet: () => attack.packetOf(kind, index) }],
  );
}

/** Asks the engines of the host where the VM is now, and the middleboxes between it and the peer. */
function passage(
  guest: Guest,
  peer: string,
  { middleboxes }: Network,
  simulation: Simulation,
): PassageQuestion {
  return (packet, from) => {
    const nowNs = simulation.nowNs;
    const way = from === 'peer' ? inward : outward;
    const ends = [peer, guest.vm.place] as const;
    const [source, destination] = from === 'peer' ? ends : ends.toReversed();
    return (
      guest.vm.engines.every((engine) => engine.ask(guest.vm, packet, way, nowNs).verdict === 'accept') &&
      boxesWouldPass(middleboxes, packet, source, destination)
    );
  };
}

/** An attacker knows the connections between its peer and the VM that were defined before it. */
function knownTo(
  spec: AttackSpec,
  conversations: readonly { spec: WorkloadSpec; connections: RequestResponse }[],
): KnownConnections {
  const known = conversations
    .filter((conversation) => conversation.spec.vm === spec.vm)
    .map((conversation) => conversation.connections);
  const pick = (which: keyof KnownConnections, u: number): ReturnType<KnownConnections['live']> => {
    const chosen = known[Math.floor(u * known.length)];
    return chosen === undefined ? null : chosen[which]((u * known.length) % 1);
  };
  return {
    live: (u) => pick('live', u),
    idle: (u) => pick('idle', u),
    closed: (u) => pick('closed', u),
  };
}
