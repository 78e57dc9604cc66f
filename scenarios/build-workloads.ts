import type { Workload } from '../models/cluster.ts';
import { inward, outward } from '../models/compute/guest-port.ts';
import { formatAddress, type Address } from '../models/network/address.ts';
import type { EndpointHost } from '../models/network/endpoint-host.ts';
import type { TcpIdentity } from '../models/network/tcp-end.ts';
import { Attack } from '../models/workload/attack.ts';
import type {
  FlowEnds,
  KnownConnections,
  KnownFlows,
  PassageQuestion,
} from '../models/workload/flow-ends.ts';
import { ExposureWatch, type ExposureProbe } from '../models/workload/exposure-watch.ts';
import { HeldTargets } from '../models/workload/held-targets.ts';
import { Probing } from '../models/workload/probing.ts';
import type { Building } from './building.ts';
import { named } from './named.ts';
import type { Guest } from './build-guests.ts';
import type { Network } from './build-network.ts';
import { boxesWouldPass } from './build-wires.ts';
import { buildTraffic } from './build-traffic.ts';
import { FlowNumbers } from './flow-numbers.ts';
import type { AttackSpec, WorkloadSpec } from './workload-spec.ts';

/** What workloads are built with. */
export interface WorkloadSite {
  readonly building: Building;
  readonly numbers: FlowNumbers;
  /** The two machines of a workload, by name. */
  readonly endsOf: (vm: string, peer: string) => FlowEnds;
  /** The stack of a machine, VM or peer. */
  readonly stackOf: (name: string) => EndpointHost;
  /** The machine with an address, VM or peer; empty where there is none. */
  readonly nameOf: (address: Address) => string;
}

/** Takes a uniform draw and picks by it a connection or flow that an attacker may know of; null when there is none. */
export type TargetPick = (u: number) => TcpIdentity | null;

/** Something that publishes the state of its connections, of which an attacker may know. */
export interface Traffic {
  readonly start: () => void;
  readonly publishStates: (wouldPass: PassageQuestion) => void;
  /** Null where an attacker knows of none. */
  readonly known: KnownConnections | null;
  readonly datagrams: TargetPick | null;
}

/**
 * What guests, peers and attackers do. Flows are numbered in the order of the file, so that a flow has the same
 * number under every scheme.
 */
export function buildWorkloads(
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
): Workload[] {
  const site = siteOf(building, network, guests);
  const attackers = new Attackers(site);
  const workloads = building.scenario.workloads.map((spec): Workload => {
    switch (spec.kind) {
      case 'attack':
        return attackers.build(spec);
      case 'probe': {
        const { simulation, observations } = building;
        const ends = site.endsOf(spec.vm, spec.peer);
        return new Probing(spec, ends, site.numbers.claim(1), simulation, observations);
      }
      default: {
        const traffic = buildTraffic(spec, site);
        attackers.learn(spec, traffic);
        const wouldPass = passage(named(guests, spec.vm), network, site);
        return { start: traffic.start, publishStates: () => traffic.publishStates(wouldPass) };
      }
    }
  });
  return [...workloads, ...attackers.watches(guests)];
}

function siteOf(building: Building, network: Network, guests: ReadonlyMap<string, Guest>): WorkloadSite {
  const stackOf = (name: string): EndpointHost =>
    guests.get(name)?.vm.stack ?? named(network.peers, name).stack;
  const { peers, virtualMachines, workloads } = building.scenario;
  const names = new Map([...peers, ...virtualMachines].map((one) => [formatAddress(one.address), one.name]));
  return {
    building,
    nameOf: (address) => names.get(formatAddress(address)) ?? '',
    numbers: new FlowNumbers(workloads),
    stackOf,
    endsOf: (vm, peer) => ({ vmName: vm, peerName: peer, vm: stackOf(vm), peer: stackOf(peer) }),
  };
}

/** Attacks, what they know of connections, and the questions that exposure windows ask. */
class Attackers {
  private readonly site: WorkloadSite;
  private readonly conversations: {
    readonly vm: string;
    readonly known: KnownConnections;
    /** Whether the VM opens any of them. */
    readonly byVm: boolean;
  }[] = [];
  private readonly datagrams: { readonly vm: string; readonly pick: TargetPick }[] = [];
  private readonly probes = new Map<string, ExposureProbe[]>();
  private readonly targets = new Map<string, HeldTargets>();

  constructor(site: WorkloadSite) {
    this.site = site;
  }

  learn(spec: WorkloadSpec, { known, datagrams }: Traffic): void {
    const { vm } = spec;
    const byVm =
      spec.kind === 'recorded'
        ? spec.flows.some(({ initiator }) => initiator === 'vm')
        : 'initiator' in spec && spec.initiator === 'vm';
    if (known !== null) this.conversations.push({ vm, known, byVm });
    if (datagrams !== null) this.datagrams.push({ vm, pick: datagrams });
  }

  build(spec: AttackSpec): Attack {
    const { building, numbers, endsOf } = this.site;
    const { simulation, chance } = building;
    const ends = endsOf(spec.vm, spec.peer);
    const known = this.knownTo(spec);
    const firstFlow = numbers.claim(spec.kinds.length);
    const common = { settings: spec, ends, firstFlow, simulation, chance };
    const held = this.targets.get(spec.vm) ?? new HeldTargets(known);
    this.targets.set(spec.vm, held);
    // An attack that never strikes says what its packets would be, in a period that no run gets to.
    const asked = new Attack({ ...common, known: held, firstPeriod: 2 ** 30 });
    const probes = this.probes.get(spec.vm) ?? [];
    this.probes.set(spec.vm, [...probes, ...probesOf(spec, asked, probes)]);
    return new Attack({ ...common, known, firstPeriod: 0 });
  }

  watches(guests: ReadonlyMap<string, Guest>): Workload[] {
    const { simulation, observations } = this.site.building;
    return [...this.probes].map(([vm, probes]): Workload => {
      const targets = named(this.targets, vm);
      return new ExposureWatch({ simulation, observations, ...named(guests, vm), probes, targets });
    });
  }

  /** An attacker knows all connections and flows of the VM. */
  private knownTo({ vm }: AttackSpec): KnownFlows {
    const of = (which: keyof KnownConnections): TargetPick =>
      pickOf(() =>
        this.conversations
          .filter((one) => one.vm === vm && (which !== 'ofVm' || one.byVm))
          .map(({ known }) => known[which].bind(known)),
      );
    return {
      live: of('live'),
      idle: of('idle'),
      closed: of('closed'),
      ofVm: of('ofVm'),
      datagrams: pickOf(() => this.datagrams.filter((one) => one.vm === vm).map(({ pick }) => pick)),
    };
  }
}

/** Picks one of several workloads by a uniform draw, and in it by what is left of the draw; the next that has a target. */
function pickOf(picks: () => readonly TargetPick[]): TargetPick {
  let all: readonly TargetPick[] | null = null;
  return (u) => {
    // Once the first attack strikes, all workloads are built.
    all ??= picks();
    const first = Math.floor(u * all.length);
    for (const nth of all.keys()) {
      const target = all[(first + nth) % all.length]!((u * all.length) % 1);
      if (target !== null) return target;
    }
    return null;
  };
}

/** The kinds of an attack on which no other one of the VM has a probe yet. */
function probesOf(spec: AttackSpec, attack: Attack, known: readonly ExposureProbe[]): ExposureProbe[] {
  return spec.kinds.flatMap((kind, index) =>
    known.some((probe) => probe.kind === kind) ? [] : [{ kind, packet: () => attack.packetOf(kind, index) }],
  );
}

/** Asks the engines of the host where the VM is now, and the middleboxes between it and the peer. */
function passage(guest: Guest, { middleboxes }: Network, { nameOf }: WorkloadSite): PassageQuestion {
  return (packet, from) => {
    const way = from === 'peer' ? inward : outward;
    const peer = nameOf(from === 'peer' ? packet.source : packet.destination);
    const ends = [peer, guest.vm.place] as const;
    const [source, destination] = from === 'peer' ? ends : ends.toReversed();
    return guest.vm.wouldPass(packet, way) && boxesWouldPass(middleboxes, packet, source, destination);
  };
}
