import type { FluidLink } from './fluid-link.ts';
import type { FluidStream } from './fluid-stream.ts';

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
  /** Flows with a cap, of those that are solved, lowest first by cap per weight. */
  private readonly capped: { readonly flow: FluidStream | FluidLink; readonly level: number }[] = [];

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
    let next = 0;
    for (;;) {
      const tightest = this.tightest();
      const level = tightest === null ? Infinity : levelOf(tightest);
      // Stopping a flow at a cap below this level leaves no link a lower level than this.
      const before = next;
      while (next < this.capped.length && this.capped[next]!.level <= level)
        stopAtCap(this.capped[next++]!.flow);
      if (next > before) continue;
      if (tightest === null) break;
      this.stopAll(tightest, level);
    }
  }

  private open(): void {
    this.capped.length = 0;
    for (const link of this.links) {
      link.whole = link.solving === link.streams.size;
      link.leftBps = link.whole ? link.capacityBps : link.capacityBps - link.loadBps;
      link.packetsGrow = link.demandBps > 0;
      link.packetBps = 0;
      link.growing = link.packetsGrow ? 1 : 0;
      link.growingWeight = link.growing;
      if (link.packetsGrow) this.capped.push({ flow: link, level: link.demandBps });
    }
    for (const stream of this.streams) {
      stream.solvedBps = -1;
      for (const link of stream.path) {
        if (!link.whole) link.leftBps += stream.rateBps;
        link.growing++;
        link.growingWeight += stream.weight;
      }
      if (stream.capBps < Infinity) this.capped.push({ flow: stream, level: stream.capBps / stream.weight });
    }
    if (this.capped.length > 1) this.capped.sort((a, b) => a.level - b.level);
  }

  /** The link that is full at the lowest level; null when nothing grows any more. */
  private tightest(): FluidLink | null {
    let tightest: FluidLink | null = null;
    let lowest = Infinity;
    for (const link of this.links) {
      if (link.growing === 0) continue;
      const level = levelOf(link);
      if (tightest !== null && level >= lowest) continue;
      lowest = level;
      tightest = link;
    }
    return tightest;
  }

  private stopAll(link: FluidLink, level: number): void {
    if (link.packetsGrow) stopPackets(link, level);
    for (const stream of link.streams) {
      if (stream.visit === this.visit && stream.solvedBps < 0) stop(stream, level * stream.weight);
    }
  }

  private apply(): void {
    for (const link of this.links) if (link.whole) link.loadBps = 0;
    for (const stream of this.streams) {
      const { solvedBps, rateBps } = stream;
      for (const link of stream.path) link.loadBps += link.whole ? solvedBps : solvedBps - rateBps;
      if (solvedBps !== rateBps) stream.setRate(solvedBps);
    }
    for (const link of this.links) {
      link.full = link.loadBps + link.packetBps >= link.capacityBps * fullShare;
      link.leaveToPackets();
    }
  }
}

function levelOf(link: FluidLink): number {
  return Math.max(0, link.leftBps) / link.growingWeight;
}

/** A flow that another link has stopped meanwhile stays as it is. */
function stopAtCap(flow: FluidStream | FluidLink): void {
  if ('capBps' in flow) {
    if (flow.solvedBps < 0) stop(flow, flow.capBps);
  } else if (flow.packetsGrow) stopPackets(flow, flow.demandBps);
}

function stop(stream: FluidStream, rateBps: number): void {
  stream.solvedBps = rateBps;
  for (const link of stream.path) {
    link.leftBps -= rateBps;
    link.growing--;
    link.growingWeight -= stream.weight;
  }
}

function stopPackets(link: FluidLink, rateBps: number): void {
  link.packetsGrow = false;
  link.packetBps = rateBps;
  link.leftBps -= rateBps;
  link.growing--;
  link.growingWeight--;
}
