import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Packet } from '../network/packet.ts';

/** Does a packet's work now and says how much CPU time it takes, in ns. */
export type PacketWork = (packet: Packet) => number;

/**
 * Packets that wait for CPU time, first come first served. While nothing waits, work is done at once and its packet
 * costs no event here. `speed` CPUs serve together: one packet occupies them for its cost over the speed, but is
 * itself never done before one CPU could do it.
 */
export class WorkQueue {
  private readonly simulation: Simulation;
  private readonly packetsMax: number;
  private speed: number;
  /** When the CPUs have done what they were given; may be a fraction of a nanosecond. */
  private freeNs = 0;
  private works: PacketWork[] = [];
  private packets: Packet[] = [];
  /** Index of the oldest that waits. */
  private head = 0;
  private event = noEvent;
  private doneNs = 0;

  /** `packetsMax` may wait. */
  constructor(simulation: Simulation, packetsMax: number, speed: number) {
    this.simulation = simulation;
    this.packetsMax = packetsMax;
    this.speed = speed;
  }

  get waiting(): number {
    return this.packets.length - this.head;
  }

  /** CPU time of all work that was begun, ns. */
  get workNs(): number {
    return this.doneNs;
  }

  /** Does the work now or when its turn comes; false, and nothing is done ever, when too many wait already. */
  submit(work: PacketWork, packet: Packet): boolean {
    if (this.packets.length === 0 && this.freeNs <= this.simulation.nowNs) {
      this.occupy(work(packet));
      return true;
    }
    if (this.waiting >= this.packetsMax) return false;
    this.works.push(work);
    this.packets.push(packet);
    if (!this.simulation.isPending(this.event)) this.scheduleNext();
    return true;
  }

  /** How long the work of one packet takes once it has begun. */
  latencyNs(costNs: number): number {
    return this.speed >= 1 ? costNs : Math.ceil(costNs / this.speed);
  }

  /** So many CPUs serve from now on. */
  setSpeed(speed: number): void {
    assert(speed > 0, 'packets are served at some speed');
    if (speed === this.speed) return;
    const { nowNs } = this.simulation;
    if (this.freeNs > nowNs) this.freeNs = nowNs + ((this.freeNs - nowNs) * this.speed) / speed;
    this.speed = speed;
    if (this.simulation.isPending(this.event)) {
      this.simulation.cancel(this.event);
      this.scheduleNext();
    }
  }

  /** Takes out what waits, oldest first. */
  takeAll(): { readonly work: PacketWork; readonly packet: Packet }[] {
    const taken = this.packets
      .slice(this.head)
      .map((packet, place) => ({ work: this.works[this.head + place]!, packet }));
    this.simulation.cancel(this.event);
    this.works = [];
    this.packets = [];
    this.head = 0;
    return taken;
  }

  /** Called when the CPUs are free and something waits. */
  next(): void {
    const work = this.works[this.head]!;
    const packet = this.packets[this.head]!;
    this.head++;
    if (this.head === this.packets.length) {
      this.works.length = 0;
      this.packets.length = 0;
      this.head = 0;
    }
    this.occupy(work(packet));
    if (this.packets.length > 0) this.scheduleNext();
  }

  private occupy(costNs: number): void {
    this.doneNs += costNs;
    this.freeNs = Math.max(this.freeNs, this.simulation.nowNs) + costNs / this.speed;
  }

  private scheduleNext(): void {
    this.event = this.simulation.scheduleAt(
      Math.max(this.simulation.nowNs, Math.ceil(this.freeNs)),
      next,
      this,
    );
  }
}

function next(queue: WorkQueue): void {
  queue.next();
}
