import { assert } from '../../../sim/assert.ts';
import type { Stream as Draws } from '../../../sim/random.ts';
import type { Process } from '../../../sim/process.ts';
import { until } from '../../../sim/process.ts';
import { Signal } from '../../../sim/signal.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import { s } from '../../../sim/time.ts';
import type { Stream } from '../../network/stream.ts';

/** A writer that found the buffer full goes on when a third of it is free (sk_stream_min_wspace, net/sock.h). */
const wakeUpShare = 2 / 3;

/** How much a socket holds: a kernel that tunes it gives more to a writer that has to wait. */
export interface SocketCapacity {
  readonly initialBytes: number;
  readonly maximumBytes: number;
  /** Growth for each second of waiting. */
  readonly growthBytesPerS: number;
  /**
   * A sender that shares its processors with a running guest idles for `stallNs` once in so many bytes on average:
   * after half to one and a half times as many, drawn anew each time.
   */
  readonly stallEveryBytes: number;
  readonly stallNs: number;
}

/** A socket of a fixed size on processors of its own. */
export function fixedSocket(bytes: number): SocketCapacity {
  return {
    initialBytes: bytes,
    maximumBytes: bytes,
    growthBytesPerS: 0,
    stallEveryBytes: Infinity,
    stallNs: 0,
  };
}

/**
 * What lies between a process that writes to a socket and the one that reads at the other end: the write
 * returns when the bytes are in the buffer, and they arrive later. A hypervisor's own measure of its downtime
 * ends with the last write, its guest's with the last arrival.
 */
export class SocketBuffer {
  /** The most that is sent at once, in bit/s. */
  capBps = Infinity;
  /** Whether the sender loses time now and then. */
  stalls = false;
  private readonly simulation: Simulation;
  private readonly stream: Stream;
  private readonly capacity: SocketCapacity;
  private readonly draws: Draws;
  private capacityBytes: number;
  /** Written, and not known to have arrived. */
  private bufferedBytes = 0;
  private unsentBytes = 0;
  private arrivedBytes = 0;
  /** Whether a chunk is leaving, or will after a stall. */
  private sending = false;
  private stallCount = 0;
  private untilStallBytes: number;
  private writtenBytes = 0;
  private readonly marks: { readonly position: number; readonly arrived: Signal<void> }[] = [];
  private room = new Signal<void>();
  private empty = new Signal<void>();

  constructor(simulation: Simulation, stream: Stream, capacity: SocketCapacity, draws: Draws) {
    assert(capacity.initialBytes > 0, 'a socket has a buffer');
    this.simulation = simulation;
    this.stream = stream;
    this.capacity = capacity;
    this.draws = draws;
    this.capacityBytes = capacity.initialBytes;
    this.untilStallBytes = this.nextStall();
    this.empty.fire();
  }

  /** Ends when the last byte is in the buffer. */
  *write(bytes: number): Process {
    let left = bytes;
    while (left > 0) {
      if (this.bufferedBytes >= this.capacityBytes) {
        const sinceNs = this.simulation.nowNs;
        this.room = new Signal();
        yield* until(this.room);
        this.grow(this.simulation.nowNs - sinceNs);
      }
      const accepted = Math.min(left, this.capacityBytes - this.bufferedBytes);
      this.bufferedBytes += accepted;
      this.unsentBytes += accepted;
      this.writtenBytes += accepted;
      left -= accepted;
      if (this.empty.fired) this.empty = new Signal();
      if (!this.sending) this.sendChunk();
    }
  }

  /** Ends when everything has arrived. */
  *drain(): Process {
    yield* until(this.empty);
  }

  /** Fires when all that has been written so far has arrived. */
  mark(): Signal<void> {
    const arrived = new Signal<void>();
    if (this.arrivedBytes === this.writtenBytes) arrived.fire();
    else this.marks.push({ position: this.writtenBytes, arrived });
    return arrived;
  }

  private grow(waitedNs: number): void {
    const { maximumBytes, growthBytesPerS } = this.capacity;
    this.capacityBytes = Math.min(maximumBytes, this.capacityBytes + (growthBytesPerS * waitedNs) / s);
  }

  private nextStall(): number {
    return this.capacity.stallEveryBytes * (0.5 + this.draws.uniform(this.stallCount++));
  }

  private sendChunk(): void {
    const bytes = Math.min(Math.max(16_384, Math.ceil(this.capacityBytes / 32)), this.unsentBytes);
    this.sending = true;
    this.unsentBytes -= bytes;
    this.untilStallBytes -= bytes;
    if (this.stalls && this.untilStallBytes < 0) {
      this.untilStallBytes = this.nextStall();
      this.simulation.schedule(this.capacity.stallNs, this.startChunk, bytes);
    } else this.startChunk(bytes);
  }

  private readonly startChunk = (bytes: number): void => {
    this.stream.send(bytes, this.capBps, this.chunkLeft).listen(() => this.chunkArrived(bytes));
  };

  private readonly chunkLeft = (): void => {
    this.sending = false;
    if (this.unsentBytes > 0) this.sendChunk();
  };

  private chunkArrived(bytes: number): void {
    this.arrivedBytes += bytes;
    while (this.marks[0] !== undefined && this.marks[0].position <= this.arrivedBytes) {
      this.marks.shift()?.arrived.fire();
    }
    if (this.arrivedBytes === this.writtenBytes) this.empty.fire();
    if (this.stream.delayNs === 0) this.acknowledged(bytes);
    else this.simulation.schedule(this.stream.delayNs, this.acknowledged, bytes);
  }

  /** The buffer keeps what is not acknowledged: over a long path it is what is under way at most. */
  private readonly acknowledged = (bytes: number): void => {
    this.bufferedBytes -= bytes;
    if (!this.room.fired && this.bufferedBytes <= this.capacityBytes * wakeUpShare) this.room.fire();
  };
}
