import { ScenarioError } from '../../sim/assert.ts';
import type { Additions } from '../../scenarios/additions.ts';
import { PacketTaps, tapPoints } from '../../scenarios/packet-taps.ts';
import type { Sighting } from '../../scenarios/packet-taps.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { writePcapng } from './write-capture.ts';
import type { TracedPacket } from './write-capture.ts';

/** Packets of one point that are kept: about a gigabyte of memory. */
export const packetsMax = 2_000_000;

/** Throws a ScenarioError that lists the points when one of those asked for does not exist. */
export function checkPoints(scenario: Scenario, additions: Additions, points: readonly string[]): void {
  // Engines of modules stand on every host.
  const added = additions.engines.map((make) => make({ host: null, costScale: 1 }).name);
  const known = [
    ...tapPoints(scenario),
    ...scenario.hosts.flatMap(({ name }) => added.map((engine) => `${name}/${engine}`)),
  ];
  const problems = points
    .filter((point) => !known.includes(point))
    .map((point) => ({
      place: '--pcap',
      message: `"${point}" is no point of this scenario`,
      allowed: known.join(', '),
    }));
  if (problems.length > 0) throw new ScenarioError(problems);
}

/** The file of a point: `a/firewall` goes to `a-firewall.pcapng`. */
export function captureName(point: string): string {
  return `${point.replaceAll('/', '-')}.pcapng`;
}

/** What is seen at some points of one run, as captures. */
export class RunCaptures {
  readonly taps: PacketTaps;
  readonly #packets: ReadonlyMap<string, TracedPacket[]>;
  #leftOut = 0;

  constructor(points: readonly string[]) {
    this.#packets = new Map(points.map((point) => [point, []]));
    this.taps = new PacketTaps(new Set(points), (sighting) => this.#keep(sighting));
  }

  /** Packets that were seen and not kept, since there were too many at one point. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** A file for each point, also where nothing was seen. */
  files(): Map<string, Uint8Array> {
    return new Map([...this.#packets].map(([point, packets]) => [captureName(point), writePcapng(packets)]));
  }

  #keep({ timeNs, point, packet, direction, remarks }: Sighting): void {
    const packets = this.#packets.get(point);
    if (packets === undefined) return;
    if (packets.length === packetsMax) {
      this.#leftOut++;
      return;
    }
    const comment = [...remarks, `intent=${packet.intent}`, `flow=${packet.flow}`].join(' ');
    packets.push({ timeNs: BigInt(timeNs), interface: point, packet, comment, direction });
  }
}
