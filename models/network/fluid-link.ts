import type { FluidStream } from './fluid-stream.ts';
import type { FluidMedium } from './fluid-medium.ts';

/** What a {@link FluidNetwork} knows of a link, or of a host's CPU that streams cross like one: who crosses it, and how it was shared last. Rates in bit/s. */
export class FluidLink {
  readonly link: FluidMedium;
  readonly streams = new Set<FluidStream>();
  /** Capacity and packet demand as they were read last. */
  capacityBps = 0;
  demandBps = 0;
  loss = 0;
  /** Sums over the streams. */
  loadBps = 0;
  weight = 0;
  /** Whether streams and packets together left nothing: only then does one of them bear upon another. */
  full = false;
  /** The visit of the solver that met this link last, its place there, how many of its streams are solved anew, and whether all are. */
  visit = 0;
  place = 0;
  solving = 0;
  whole = false;
  /** While the solver fills: what is left for those that still grow, how many they are and their weights. */
  leftBps = 0;
  growing = 0;
  growingWeight = 0;
  /** Packets count as one more flow of weight 1. */
  packetsGrow = false;
  packetBps = 0;

  constructor(link: FluidMedium) {
    this.link = link;
    this.read();
  }

  /** Reads capacity and packet demand; whether either has changed. */
  read(): boolean {
    const capacityBps = this.link.isUp ? this.link.rateBps : 0;
    const demandBps = this.link.packetDemandBps;
    const changed = capacityBps !== this.capacityBps || demandBps !== this.demandBps;
    this.capacityBps = capacityBps;
    this.demandBps = demandBps;
    return changed;
  }

  /** Reads the loss; whether it has changed. */
  readLoss(): boolean {
    const { loss } = this.link;
    if (loss === this.loss) return false;
    this.loss = loss;
    return true;
  }

  add(stream: FluidStream): void {
    this.streams.add(stream);
    this.weight += stream.weight;
  }

  remove(stream: FluidStream): void {
    this.streams.delete(stream);
    const last = this.streams.size === 0;
    this.weight = last ? 0 : this.weight - stream.weight;
    this.loadBps = last ? 0 : this.loadBps - stream.rateBps;
  }

  /** Serves packets at what the fluid leaves, and at no less than one more elastic flow would get. */
  leaveToPackets(): void {
    const { rateBps } = this.link;
    this.link.servePacketsAt(Math.max(rateBps - this.loadBps, rateBps / (1 + this.weight)), this.loadBps);
  }
}
