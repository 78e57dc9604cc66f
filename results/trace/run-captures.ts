import { ScenarioError } from '../../sim/assert.ts';
import type { Additions } from '../../scenarios/additions.ts';
import { PacketTaps, tapPoints } from '../../scenarios/packet-taps.ts';
import type { Sighting } from '../../scenarios/packet-taps.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { writtenKind } from './encode-frame.ts';
import { writeFrames } from './write-capture.ts';
import type { TracedFrame } from './write-capture.ts';

/** Frames of one point that are kept: about a gigabyte of memory. */
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
  private readonly frames: ReadonlyMap<string, TracedFrame[]>;
  private omitted = 0;

  constructor(points: readonly string[]) {
    this.frames = new Map(points.map((point) => [point, []]));
    this.taps = new PacketTaps(new Set(points), (sighting) => this.keep(sighting));
  }

  /** Frames that were seen and not kept, since there were too many at one point. */
  get leftOut(): number {
    return this.omitted;
  }

  /** A file for each point, also where nothing was seen. */
  files(): Map<string, Uint8Array> {
    return new Map([...this.frames].map(([point, frames]) => [captureName(point), writeFrames(frames)]));
  }

  private keep({ timeNs, point, frame, direction, remarks }: Sighting): void {
    const frames = this.frames.get(point);
    if (frames === undefined) return;
    if (frames.length === packetsMax) {
      this.omitted++;
      return;
    }
    const { packet, announcement } = frame;
    const about = [
      ...(packet === null ? [] : [`intent=${packet.intent}`, `flow=${packet.flow}`]),
      ...(announcement === null ? [] : [`announcement=${writtenKind(announcement)}`]),
    ];
    const comment = [...remarks, ...about].join(' ');
    frames.push({ timeNs: BigInt(timeNs), interface: point, frame, comment, direction });
  }
}
