import { assert } from '../../../sim/assert.ts';
import type { Process } from '../../../sim/process.ts';
import { until } from '../../../sim/process.ts';
import { Signal } from '../../../sim/signal.ts';
import type { Stream } from '../../network/stream.ts';

/** A writer that found the buffer full goes on when a third of it is free (sk_stream_min_wspace, net/sock.h). */
const wakeUpShare = 2 / 3;

/**
 * What lies between a process that writes to a socket and the one that reads at the other end: the write
 * returns when the bytes are in the buffer, and they arrive later. A hypervisor's own measure of its downtime
 * ends with the last write, its guest's with the last arrival.
 */
export class SocketBuffer {
  private readonly stream: Stream;
  private readonly capacityBytes: number;
  private readonly chunkBytes: number;
  private bufferedBytes = 0;
  private chunk = 0;
  private room = new Signal<void>();
  private empty = new Signal<void>();

  constructor(stream: Stream, capacityBytes: number) {
    assert(capacityBytes > 0, 'a socket has a buffer');
    this.stream = stream;
    this.capacityBytes = capacityBytes;
    this.chunkBytes = Math.max(16_384, Math.ceil(capacityBytes / 32));
    this.empty.fire();
  }

  /** Ends when the last byte is in the buffer. */
  *write(bytes: number): Process {
    let left = bytes;
    while (left > 0) {
      if (this.bufferedBytes >= this.capacityBytes) {
        this.room = new Signal();
        yield* until(this.room);
      }
      const accepted = Math.min(left, this.capacityBytes - this.bufferedBytes);
      this.bufferedBytes += accepted;
      left -= accepted;
      if (this.empty.fired) this.empty = new Signal();
      if (this.chunk === 0) this.sendChunk();
    }
  }

  /** Ends when everything has arrived. */
  *drain(): Process {
    yield* until(this.empty);
  }

  private sendChunk(): void {
    this.chunk = Math.min(this.chunkBytes, this.bufferedBytes);
    this.stream.send(this.chunk, Infinity).listen(this.chunkArrived);
  }

  private readonly chunkArrived = (): void => {
    this.bufferedBytes -= this.chunk;
    this.chunk = 0;
    if (this.bufferedBytes > 0) this.sendChunk();
    else this.empty.fire();
    if (!this.room.fired && this.bufferedBytes <= this.capacityBytes * wakeUpShare) this.room.fire();
  };
}
