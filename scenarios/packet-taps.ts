import type { Frame, FrameSink } from '../models/network/frame.ts';
import type { Packet } from '../models/network/packet.ts';
import type { Observations } from '../models/observations.ts';
import { inward } from '../models/compute/guest-port.ts';
import type { Judgement } from '../models/security/nse.ts';
import type { SecurityEngine } from '../models/security/security-engine.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { Scenario } from './scenario.ts';
import { TappedEngine } from './tapped-engine.ts';

/** One packet at one point, in the order of time. */
export interface Sighting {
  readonly timeNs: number;
  readonly point: string;
  readonly packet: Packet;
  /** As the machine or VM sees it to which the point belongs. */
  readonly direction: 'in' | 'out';
  /** What an engine said, or what ended the packet here; empty at a wire that it passed. */
  readonly remarks: readonly string[];
}

/** The points of a scenario where packets can be seen: directions of links, interfaces, engines. */
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
 * Looks at packets at the points that were asked for and changes nothing. Everything else is built as without
 * it, so that it costs nothing where nobody looks.
 */
export class PacketTaps {
  readonly #points: ReadonlySet<string>;
  readonly #see: (sighting: Sighting) => void;

  constructor(points: ReadonlySet<string>, see: (sighting: Sighting) => void) {
    this.#points = points;
    this.#see = see;
  }

  /** A wire's end, for the frames that go in or come out there. */
  wire(simulation: Simulation, point: string, direction: 'in' | 'out', to: FrameSink): FrameSink {
    if (!this.#points.has(point)) return to;
    return {
      send: (frame: Frame): void => {
        if (frame.packet !== null) this.#saw(simulation.nowNs, point, frame.packet, direction, []);
        to.send(frame);
      },
    };
  }

  /** An engine with its verdicts. */
  engine(host: string, engine: SecurityEngine): SecurityEngine {
    const point = `${host}/${engine.name}`;
    if (!this.#points.has(point)) return engine;
    return new TappedEngine(engine, (vm, packet, passage, nowNs, judgement) => {
      const direction = passage.inInterface === inward.inInterface ? 'in' : 'out';
      this.#saw(nowNs, point, packet, direction, [...verdict(judgement), `vm=${vm.name}`]);
    });
  }

  /** What a guest sends, at its own interface. */
  guest(simulation: Simulation, name: string, transmit: (packet: Packet) => void): (packet: Packet) => void {
    if (!this.#points.has(name)) return transmit;
    return (packet) => {
      this.#saw(simulation.nowNs, name, packet, 'out', []);
      transmit(packet);
    };
  }

  /** What guests get, and what ends at a link or before a guest. */
  listen(observations: Observations): void {
    observations.packetDelivered.subscribe(({ timeNs, place, to, packet }) => {
      if (to === 'vm' && this.#points.has(place)) this.#saw(timeNs, place, packet, 'in', []);
    });
    observations.packetDropped.subscribe(({ timeNs, place, cause, packet }) => {
      const point = this.#pointOfDrop(place);
      if (point === null) return;
      const direction = place.endsWith('/up') ? 'out' : 'in';
      this.#saw(timeNs, point, packet, direction, ['verdict=DROP', `cause=${cause}`, `place=${place}`]);
    });
  }

  /** Drops of engines are seen at the engines; those of a VM's interface bear its host's name before its own. */
  #pointOfDrop(place: string): string | null {
    if (/\/(up|down)$/.test(place)) return this.#points.has(place) ? place : null;
    const guest = place.slice(place.indexOf('/') + 1);
    return guest !== place && this.#points.has(guest) ? guest : null;
  }

  #saw(
    timeNs: number,
    point: string,
    packet: Packet,
    direction: 'in' | 'out',
    remarks: readonly string[],
  ): void {
    this.#see({ timeNs, point, packet, direction, remarks });
  }
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
