import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import { until, type Process } from '../../sim/process.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { cpuTasks, type CpuTask, type Observations } from '../observations.ts';
import { CopyingCpu } from './copying-cpu.ts';
import { elasticShare, shareCpus } from './cpu-share.ts';
import { CpuThread } from './cpu-thread.ts';
import { GuestCpu, type GuestCpuSettings } from './guest-cpu.ts';
import type { GuestClock } from './guest-clock.ts';
import { WorkQueue } from './work-queue.ts';

export interface HostCpuSettings {
  readonly cpus: number;
  readonly control: ControlDomainSettings;
  /** CPU time for a byte that a migration sends or receives here, ns. */
  readonly copyNsPerByte: number;
  /** Packets that may wait to be filtered. */
  readonly packetsMax: number;
}

/** What filters packets, copies memory and moves context: Xen's control domain, or the kernel of the host. */
export interface ControlDomainSettings {
  /** Against guests, which have weights of their own. */
  readonly weight: number;
  /** CPUs that it gets ahead of guests, as far as it wants them. */
  readonly reservedCpus: number;
  /** CPUs that it can use at most. */
  readonly cpusMax: number;
}

export interface HostCpuSurroundings {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly host: string;
  /** Over which use is measured, and after which shares are solved anew at the latest. */
  readonly intervalNs: number;
}

/**
 * The CPUs of a host, shared by its control domain (filtering, copying, context) and its guests.
 *
 * The rule is that of links: shares are weighted max–min fair; a packet queue, a guest or the copying counts with
 * what it used in the last interval, and may use what the others leave, but never less than one more elastic task
 * would get. Within the control domain each thread, the filter and the copying have weight 1. Shares are solved
 * when a thread starts or ends or a guest comes or goes, and every interval while someone's use can change them.
 * Weights are those of Xen's credit scheduler (Xen wiki, "Credit Scheduler"); the reservation and the fluid rule are
 * ours.
 */
export class HostCpu {
  readonly filter: WorkQueue;
  readonly copying: CopyingCpu;
  private readonly settings: HostCpuSettings;
  private readonly surroundings: HostCpuSurroundings;
  /** Those that ever use CPU time: the others need not be asked at each interval. */
  private readonly guests: GuestCpu[] = [];
  private readonly threads = new Set<CpuThread>();
  private windowEndNs: number;
  private accountedNs = 0;
  /** What was used since the last account, while the next one is drawn up. */
  private readonly usedNs = { filtering: 0, copying: 0, context: 0, compression: 0, guests: 0 };
  private filteredNs = 0;
  private measuredNs = 0;
  private filterCpus = 0;
  private tick = noEvent;

  constructor(settings: HostCpuSettings, surroundings: HostCpuSurroundings) {
    const { cpus, control, packetsMax, copyNsPerByte } = settings;
    assert(cpus > 0 && control.cpusMax > 0, 'a host has CPUs');
    assert(control.reservedCpus <= control.cpusMax, 'what is reserved can be used');
    this.settings = settings;
    this.surroundings = surroundings;
    const { simulation } = surroundings;
    this.filter = new WorkQueue(simulation, packetsMax, control.cpusMax);
    this.copying = new CopyingCpu(simulation, copyNsPerByte, control.cpusMax, {
      filterCpus: () => this.filterCpus,
      filterAt: (cpusLeft) => this.filter.setSpeed(cpusLeft),
      loaded: () => this.watch(),
    });
    this.windowEndNs = simulation.nowNs + surroundings.intervalNs;
  }

  /** A VM's place on these CPUs; it wants nothing before it is there. */
  addGuest(settings: GuestCpuSettings, clock: GuestClock): GuestCpu {
    const { simulation } = this.surroundings;
    const guest = new GuestCpu(simulation, settings, clock, this.settings.packetsMax, () => this.solve());
    if (guest.works) this.guests.push(guest);
    return guest;
  }

  /** Called with every packet: measures use where an interval has passed. */
  look(): void {
    if (this.surroundings.simulation.nowNs < this.windowEndNs) return;
    this.turnWindow();
    if (this.shared) this.solve();
  }

  /** Works for `cpuNs` of one CPU's time: longer where CPUs are short. */
  *work(task: CpuTask, cpuNs: number): Process {
    if (cpuNs === 0) return;
    const thread = new CpuThread(this.surroundings.simulation, task, cpuNs);
    this.threads.add(thread);
    this.solve();
    try {
      yield* until(thread.done);
    } finally {
      thread.stop();
      this.account();
      this.threads.delete(thread);
      this.solve();
    }
  }

  /** Publishes what was used since the last time. */
  account(): void {
    const { nowNs } = this.surroundings.simulation;
    const fromNs = this.accountedNs;
    if (nowNs === fromNs) return;
    this.accountedNs = nowNs;
    const { usedNs } = this;
    usedNs.filtering += this.filter.workNs - this.filteredNs;
    this.filteredNs = this.filter.workNs;
    usedNs.copying += this.copying.takeUsedNs();
    if (this.threads.size > 0) for (const thread of this.threads) usedNs[thread.task] += thread.takeUsedNs();
    for (const guest of this.guests) usedNs.guests += guest.takeUsedNs();
    for (const task of cpuTasks) if (usedNs[task] > 0) this.publish(task, fromNs, nowNs);
  }

  private publish(task: CpuTask, fromNs: number, toNs: number): void {
    const { observations, host } = this.surroundings;
    const cpuNs = this.usedNs[task];
    this.usedNs[task] = 0;
    if (observations.cpuUsed.observed) observations.cpuUsed.publish({ host, task, fromNs, toNs, cpuNs });
  }

  /** Called at the end of an interval. */
  next(): void {
    this.tick = noEvent;
    this.solve();
  }

  /** Whether anyone's use can take CPU time from another. */
  private get shared(): boolean {
    return this.threads.size > 0 || this.copying.active || this.guests.some((guest) => guest.wants);
  }

  private turnWindow(): void {
    const { simulation, intervalNs } = this.surroundings;
    const lengthNs = simulation.nowNs - this.windowEndNs + intervalNs;
    this.filterCpus = (this.filter.workNs - this.measuredNs) / lengthNs;
    this.measuredNs = this.filter.workNs;
    for (const guest of this.guests) guest.turnWindow(lengthNs);
    this.account();
    this.windowEndNs = simulation.nowNs + intervalNs;
  }

  private solve(): void {
    if (this.surroundings.simulation.nowNs >= this.windowEndNs) this.turnWindow();
    const { cpus, control } = this.settings;
    // Without guests there is nobody to share with.
    if (this.guests.length === 0) this.shareControl(Math.min(cpus, control.cpusMax));
    else this.shareWithGuests();
    this.watch();
  }

  private shareWithGuests(): void {
    const { cpus, control } = this.settings;
    const present = this.guests.filter((guest) => guest.wants);
    const weightOfGuests = present.reduce((sum, { weight }) => sum + weight, 0);
    const controlCpus = this.filterCpus + this.copying.loadCpus + this.threads.size;
    const demands = [
      { cpus: Math.min(controlCpus, control.cpusMax), weight: control.weight },
      ...present.map(({ demandCpus, weight }) => ({ cpus: demandCpus, weight })),
    ];
    const shares = shareCpus(cpus, demands, control.reservedCpus);
    const idle = Math.max(0, cpus - shares.reduce((sum, share) => sum + share, 0));
    present.forEach((guest, index) => {
      const others = weightOfGuests - guest.weight + (controlCpus > 0 ? control.weight : 0);
      const elastic = elasticShare(cpus - Math.min(control.reservedCpus, controlCpus), guest.weight, others);
      guest.grant(shares[index + 1]!, Math.max(shares[index + 1]! + idle, elastic));
    });
    const elastic = Math.max(control.reservedCpus, elasticShare(cpus, control.weight, weightOfGuests));
    this.shareControl(Math.min(control.cpusMax, Math.max(shares[0]! + idle, elastic)));
  }

  /** Threads get their fair share of the control domain's CPUs; the filter and the copying what they leave. */
  private shareControl(cpus: number): void {
    const { threads } = this;
    const threadCpus = threads.size === 0 ? 0 : this.shareAmongThreads(cpus);
    this.copying.setCpus(Math.max(cpus - threadCpus, elasticShare(cpus, 2, threads.size)));
  }

  /** Returns how many CPUs the threads have together. */
  private shareAmongThreads(cpus: number): number {
    const demands = [
      { cpus: this.filterCpus, weight: 1 },
      { cpus: this.copying.loadCpus, weight: 1 },
      ...[...this.threads].map(() => ({ cpus: 1, weight: 1 })),
    ];
    const shares = shareCpus(cpus, demands, 0);
    let place = 2;
    let threadCpus = 0;
    for (const thread of this.threads) {
      thread.setSpeed(shares[place]!);
      threadCpus += shares[place++]!;
    }
    return threadCpus;
  }

  /** Looks again after an interval while someone's use can take CPU time from another. */
  private watch(): void {
    if (this.tick !== noEvent) return;
    const { simulation } = this.surroundings;
    const changing = this.threads.size > 0 || this.copying.active || this.guests.some((guest) => guest.busy);
    if (!changing) return;
    if (simulation.nowNs >= this.windowEndNs) this.turnWindow();
    this.tick = simulation.scheduleAt(this.windowEndNs, next, this);
  }
}

function next(cpu: HostCpu): void {
  cpu.next();
}
