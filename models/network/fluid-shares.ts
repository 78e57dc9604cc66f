import type { FluidLink } from './fluid-link.ts';
import type { FluidStream } from './fluid-stream.ts';
import { Tournament } from './tournament.ts';

/** A link counts as full from this share of its capacity on: rather too early, which costs time and changes no rate. */
const fullShare = 1 - 1e-6;

/**
 * Weighted max–min fair rates (as {@link fairShare} finds them) for the part of a network that a change can reach.
 *
 * In a max–min fair allocation each flow has its cap or a full link on which no flow has more per weight, and the
 * allocation in which that holds is the only one (Bertsekas and Gallager, Data Networks, 2nd ed., 6.5.2). So a
 * change reaches other flows through full links alone: through those that were full, and through those that become
 * full when what was reached is solved against what the other flows leave. The rest keeps its rates, exactly.
 */
export class FluidShares {
  private visit = 0;
  private readonly links: FluidLink[] = [];
  private readonly streams: FluidStream[] = [];
  /** How many of the flows that are solved still grow. */
  private growing = 0;
  /** Flows with a cap, of those that are solved, and the level at which each meets it: its cap per weight. */
  private readonly capped: (FluidStream | FluidLink)[] = [];
  private readonly caps = new Tournament();
  /** The level at which each link is full if those that grow there all grow on; Infinity where none does. */
  private readonly levels = new Tournament();

  /** Solves anew what the links and streams reach; a stream that has ended is no longer on its links. */
  solve(links: readonly FluidLink[], streams: readonly FluidStream[]): void {
    this.visit++;
    this.links.length = 0;
    this.streams.length = 0;
    for (const link of links) this.reachLink(link);
    for (const stream of streams) this.reachStream(stream);
    this.spread(0);
    this.fill();
    while (this.reachNewlyFull()) this.fill();
    this.apply();
  }

  private reachLink(link: FluidLink): void {
    if (link.visit === this.visit) return;
    link.visit = this.visit;
    link.solving = 0;
    link.place = this.links.length;
    this.links.push(link);
  }

  private reachStream(stream: FluidStream): void {
    if (stream.visit === this.visit) return;
    stream.visit = this.visit;
    this.streams.push(stream);
    for (const link of stream.path) {
      this.reachLink(link);
      link.solving++;
    }
  }

  /** Follows full links from the `from`-th on. */
  private spread(from: number): void {
    for (let i = from; i < this.links.length; i++) {
      const link = this.links[i]!;
      if (link.full) for (const stream of link.streams) this.reachStream(stream);
    }
  }

  /** Reaches the other streams of links that the last filling made full; whether there were any. */
  private reachNewlyFull(): boolean {
    const known = this.links.length;
    let more = false;
    for (let i = 0; i < known; i++) {
      const link = this.links[i]!;
      if (link.whole || link.leftBps > link.capacityBps * (1 - fullShare)) continue;
      more = true;
      for (const stream of link.streams) this.reachStream(stream);
    }
    this.spread(known);
    return more;
  }

  /** Progressive filling: the level rises for all that grow; each stops at its cap or where a link is full. */
  private fill(): void {
    this.open();
    const { caps, levels } = this;
    for (;;) {
      const level = levels.least;
      // Stopping a flow at a cap below this level leaves no link a lower level than this.
      if (caps.least <= level && caps.least < Infinity) {
        this.stopAtCaps(level);
        continue;
      }
      if (level === Infinity) break;
      const tightest = this.links[levels.first]!;
      if (tightest.growing === this.growing) {
        this.stopEverything(level);
        break;
      }
      this.stopAll(tightest, level);
    }
  }

  private open(): void {
    this.capped.length = 0;
    this.growing = this.streams.length;
    this.caps.clear();
    this.levels.clear();
    let whole = true;
    for (const link of this.links) whole = this.openLink(link) && whole;
    for (const stream of this.streams) {
      stream.solvedBps = -1;
      if (!whole) this.leaveOthersTheirs(stream);
      if (stream.capBps < Infinity) this.stopsAt(stream, stream.capBps / stream.weight);
    }
  }

  /** Whether all streams of the link are solved. */
  private openLink(link: FluidLink): boolean {
    link.whole = link.solving === link.streams.size;
    link.packetBps = 0;
    link.leftBps = link.whole ? link.capacityBps : link.capacityBps - link.loadBps;
    link.growing = link.solving;
    link.growingWeight = link.whole ? link.weight : 0;
    link.packetsGrow = link.demandBps > 0;
    if (link.packetsGrow) {
      this.growing++;
      link.growing++;
      link.growingWeight++;
      this.stopsAt(link, link.demandBps);
    }
    this.levels.add(levelOf(link));
    return link.whole;
  }

  private stopsAt(flow: FluidStream | FluidLink, level: number): void {
    this.capped.push(flow);
    this.caps.add(level);
  }

  /** On links of which not all streams are solved, this one's own rate counts as left. */
  private leaveOthersTheirs(stream: FluidStream): void {
    for (const link of stream.path) {
      if (link.whole) continue;
      link.leftBps += stream.rateBps;
      link.growingWeight += stream.weight;
      this.levels.set(link.place, levelOf(link));
    }
  }

  private stopAll(link: FluidLink, level: number): void {
    if (link.packetsGrow) this.stopPackets(link, level);
    for (const stream of link.streams) {
      if (stream.visit === this.visit && stream.solvedBps < 0) this.stop(stream, level * stream.weight);
    }
  }

  /** All that still grow share one full link, which most often is the first: the others need no look at each flow. */
  private stopEverything(level: number): void {
    for (const stream of this.streams) if (stream.solvedBps < 0) stream.solvedBps = level * stream.weight;
    for (const link of this.links) {
      link.leftBps -= level * link.growingWeight;
      if (link.packetsGrow) link.packetBps = level;
    }
  }

  private apply(): void {
    for (const stream of this.streams) {
      if (stream.solvedBps !== stream.rateBps) stream.setRate(stream.solvedBps);
    }
    for (const link of this.links) {
      const { capacityBps, leftBps, packetBps } = link;
      link.loadBps = link.streams.size === 0 ? 0 : Math.max(0, capacityBps - leftBps - packetBps);
      link.full = leftBps <= capacityBps * (1 - fullShare);
      link.leaveToPackets();
    }
  }

  /** Stops the flows that meet their cap up to a level; one that a link has stopped meanwhile stays as it is. */
  private stopAtCaps(level: number): void {
    const { caps } = this;
    while (caps.least <= level && caps.least < Infinity) {
      const flow = this.capped[caps.first]!;
      caps.set(caps.first, Infinity);
      if ('capBps' in flow) {
        if (flow.solvedBps < 0) this.stop(flow, flow.capBps);
      } else if (flow.packetsGrow) this.stopPackets(flow, flow.demandBps);
    }
  }

  private stop(stream: FluidStream, rateBps: number): void {
    this.growing--;
    stream.solvedBps = rateBps;
    for (const link of stream.path) this.take(link, rateBps, stream.weight);
  }

  private stopPackets(link: FluidLink, rateBps: number): void {
    this.growing--;
    link.packetsGrow = false;
    link.packetBps = rateBps;
    this.take(link, rateBps, 1);
  }

  private take(link: FluidLink, rateBps: number, weight: number): void {
    link.leftBps -= rateBps;
    link.growing--;
    link.growingWeight -= weight;
    this.levels.set(link.place, levelOf(link));
  }
}

function levelOf(link: FluidLink): number {
  return link.growing === 0 ? Infinity : Math.max(0, link.leftBps) / link.growingWeight;
}
