import type { Address } from '../models/network/address.ts';
import { packetFrame, type Frame, type FrameSink, type Mac } from '../models/network/frame.ts';
import type { NeighbourTable } from '../models/network/neighbour-table.ts';
import type { Packet } from '../models/network/packet.ts';
import type { DropCause, Observations } from '../models/observations.ts';
import { inward } from '../models/compute/guest-port.ts';
import type { Judgement } from '../models/security/nse.ts';
import type { SecurityEngine } from '../models/security/security-engine.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { Scenario } from './scenario.ts';
import { TappedEngine } from './tapped-engine.ts';

/** One frame at one point, in the order of time. */
export interface Sighting {
  readonly timeNs: number;
  readonly point: string;
  /** Where packets are seen without their frame, inside a machine: with the MAC addresses of those whose addresses it has, 0 for nobody's. */
  readonly frame: Frame;
  /** As the machine or VM sees it to which the point belongs. */
  readonly direction: 'in' | 'out';
  /** What an engine said, or what ended the frame here; empty at a wire that it passed. */
  readonly remarks: readonly string[];
}

/** The points of a scenario where frames can be seen: directions of links, interfaces, engines. */
export function tapPoints(scenario: Scenario): string[] {
  const machines = [...scenario.hosts, ...scenario.peers].map(({ name }) => name);
  const links = machines.flatMap((name) => [`${name}/up`, `${name}/down`]);
  const guests = scenario.virtualMachines.map(({ name }) => name);
  const engines = [
    ...scenario.hosts.flatMap((host) => host.engines.map(({ name }) => `${host.name}/${name}`)),
    ...scenario.middleboxes.map(({ name, engine }) => `${name}/${engine.name}`),
  ];
  return [...new Set([...machines, ...guests, ...links, ...engines])].sort();
}

/**
 * Looks at packets and announcements at the points that were asked for and changes nothing. Everything else is built as without
 * it, so that it costs nothing where nobody looks.
 */
export class PacketTaps {
  private readonly points: ReadonlySet<string>;
  private readonly see: (sighting: Sighting) => void;
  private neighbours: NeighbourTable | null = null;
  /** Of each host that was asked about, the points at its engines. */
  private readonly engines = new Map<string, string[]>();

  constructor(points: ReadonlySet<string>, see: (sighting: Sighting) => void) {
    this.points = points;
    this.see = see;
  }

  /** Says whose the addresses are that packets bear where they have no frame. */
  know(neighbours: NeighbourTable): void {
    this.neighbours = neighbours;
  }

  /** A wire's end, for the frames that go in or come out there. */
  wire(simulation: Simulation, point: string, direction: 'in' | 'out', to: FrameSink): FrameSink {
    if (!this.points.has(point)) return to;
    return {
      send: (frame: Frame): void => {
        this.see({ timeNs: simulation.nowNs, point, frame, direction, remarks: tunnel(frame) });
        to.send(frame);
      },
    };
  }

  /** What leaves an engine that stands in a cable, for the announcements that pass it without being judged. */
  passing(simulation: Simulation, point: string, direction: 'in' | 'out', to: FrameSink): FrameSink {
    if (!this.points.has(point)) return to;
    return {
      send: (frame: Frame): void => {
        const { nowNs: timeNs } = simulation;
        if (frame.packet === null) this.see({ timeNs, point, frame, direction, remarks: [unjudged] });
        to.send(frame);
      },
    };
  }

  /** An announcement that ends at a link; of packets {@link listen} hears. */
  lost({ nowNs: timeNs }: Simulation, place: string, frame: Frame, cause: DropCause): void {
    if (frame.packet !== null || !this.points.has(place)) return;
    this.see({ timeNs, point: place, frame, direction: sideOf(place), remarks: drop(cause, place) });
  }

  /** An engine with its verdicts. */
  engine(host: string, engine: SecurityEngine): SecurityEngine {
    const point = `${host}/${engine.name}`;
    if (!this.points.has(point)) return engine;
    const known = this.engines.get(host);
    if (known === undefined) this.engines.set(host, [point]);
    else if (!known.includes(point)) known.push(point);
    return new TappedEngine(engine, (vm, packet, passage, nowNs, judgement) => {
      const direction = passage.inInterface === inward.inInterface ? 'in' : 'out';
      this.saw(nowNs, point, packet, direction, [...verdict(judgement), `vm=${vm.name}`]);
    });
  }

  /** What a guest sends, at its own interface. */
  guest(simulation: Simulation, name: string, transmit: (packet: Packet) => void): (packet: Packet) => void {
    if (!this.points.has(name)) return transmit;
    return (packet) => {
      this.saw(simulation.nowNs, name, packet, 'out', []);
      transmit(packet);
    };
  }

  /** What guests get, what ends at a link or before a guest, and what hosts announce in the name of guests. */
  listen(observations: Observations): void {
    observations.packetDelivered.subscribe(({ timeNs, place, to, packet }) => {
      if (to === 'vm' && this.points.has(place)) this.saw(timeNs, place, packet, 'in', []);
    });
    observations.packetDropped.subscribe(({ timeNs, place, cause, packet }) => {
      const point = this.pointOfDrop(place);
      if (point === null) return;
      this.saw(timeNs, point, packet, sideOf(place), drop(cause, place));
    });
    observations.announced.subscribe(({ timeNs, vm, host, frame }) => {
      const direction = 'out';
      if (this.points.has(vm)) this.see({ timeNs, point: vm, frame, direction, remarks: [`host=${host}`] });
      for (const point of this.engines.get(host) ?? []) {
        this.see({ timeNs, point, frame, direction, remarks: [unjudged, `vm=${vm}`] });
      }
    });
  }

  /** Drops of engines are seen at the engines; those of a VM's interface bear its host's name before its own. */
  private pointOfDrop(place: string): string | null {
    if (/\/(up|down)$/.test(place)) return this.points.has(place) ? place : null;
    const guest = place.slice(place.indexOf('/') + 1);
    return guest !== place && this.points.has(guest) ? guest : null;
  }

  private saw(
    timeNs: number,
    point: string,
    packet: Packet,
    direction: 'in' | 'out',
    remarks: readonly string[],
  ): void {
    const macOf = (address: Address): Mac => this.neighbours?.macOf(address) ?? 0;
    const frame = packetFrame(packet, macOf(packet.source), macOf(packet.destination));
    this.see({ timeNs, point, frame, direction, remarks });
  }
}

/** Engines judge IP packets. */
const unjudged = 'verdict=NONE';

function sideOf(link: string): 'in' | 'out' {
  return link.endsWith('/up') ? 'out' : 'in';
}

function drop(cause: DropCause, place: string): string[] {
  return ['verdict=DROP', `cause=${cause}`, `place=${place}`];
}

/** Outer headers are not written. */
function tunnel({ tunnelBytes }: Frame): string[] {
  return tunnelBytes === 0 ? [] : [`outer-bytes=${tunnelBytes}`];
}

/** In the words of `nseh replay`. */
function verdict({
  verdict: said,
  cause,
  connectionState,
  rulesEvaluated,
  entryCreated,
}: Judgement): string[] {
  return [
    `verdict=${said.toUpperCase()}`,
    ...(cause === null ? [] : [`cause=${cause}`]),
    ...(connectionState === null ? [] : [`conntrack=${connectionState.toUpperCase()}`]),
    `rules=${rulesEvaluated}`,
    ...(entryCreated ? ['entry=created'] : []),
  ];
}
