import type { Simulation } from '../../sim/simulation.ts';
import { s } from '../../sim/time.ts';
import type { FluidMedium } from '../network/fluid-medium.ts';

/** Those with whom the copying shares the control domain's CPUs. */
export interface CopyingNeighbours {
  /** CPUs that filtering used in the last interval. */
  readonly filterCpus: () => number;
  /** So many CPUs may filter. */
  readonly filterAt: (cpus: number) => void;
  /** Called when streams use more or less. */
  readonly loaded: () => void;
}

/**
 * The control domain's CPUs as migration streams see them: a medium that they cross like a link, at either end, and
 * on which the packets that are filtered are packets. A byte costs so much CPU time, so CPUs are bit/s.
 */
export class CopyingCpu implements FluidMedium {
  readonly isUp = true;
  readonly lineRateBps = Infinity;
  readonly delayNs = 0;
  readonly loss = 0;
  private readonly simulation: Simulation;
  private readonly nsPerBit: number;
  private readonly neighbours: CopyingNeighbours;
  private cpus: number;
  private fluidBps = 0;
  private usedNs = 0;
  private sinceNs: number;

  constructor(simulation: Simulation, nsPerByte: number, cpus: number, neighbours: CopyingNeighbours) {
    this.simulation = simulation;
    this.nsPerBit = nsPerByte / 8;
    this.cpus = cpus;
    this.neighbours = neighbours;
    this.sinceNs = simulation.nowNs;
  }

  /** Whether copying costs anything here: else streams need not cross this. */
  get costs(): boolean {
    return this.nsPerBit > 0;
  }

  get active(): boolean {
    return this.fluidBps > 0;
  }

  get loadCpus(): number {
    return (this.fluidBps * this.nsPerBit) / s;
  }

  get rateBps(): number {
    return (this.cpus * s) / this.nsPerBit;
  }

  get packetDemandBps(): number {
    return (this.neighbours.filterCpus() * s) / this.nsPerBit;
  }

  watchDemand(): void {
    // The host measures what filtering uses, over its own interval.
  }

  servePacketsAt(_rateBps: number, fluidBps: number): void {
    if (fluidBps === this.fluidBps) return;
    this.advance();
    this.fluidBps = fluidBps;
    this.filterAtRest();
    this.neighbours.loaded();
  }

  /** The control domain has so many CPUs for copying and filtering. */
  setCpus(cpus: number): void {
    this.cpus = cpus;
    this.filterAtRest();
  }

  /** CPU time since this was asked last, ns. */
  takeUsedNs(): number {
    this.advance();
    const { usedNs } = this;
    this.usedNs = 0;
    return usedNs;
  }

  /** Filtering gets what copying leaves, half at least: one more elastic task beside it. */
  private filterAtRest(): void {
    this.neighbours.filterAt(Math.max(this.cpus - this.loadCpus, this.cpus / 2));
  }

  private advance(): void {
    const { nowNs } = this.simulation;
    this.usedNs += (nowNs - this.sinceNs) * this.loadCpus;
    this.sinceNs = nowNs;
  }
}
