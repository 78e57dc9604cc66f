/** Names one scheduled event, and no other one ever: it is stale once that event has run or was cancelled. */
export type EventHandle = number;

/** A handle that is never pending. */
export const noEvent: EventHandle = 0;

export interface QueuedEvent {
  readonly timeNs: number;
  readonly handle: EventHandle;
  readonly handler: (argument: unknown) => void;
  readonly argument: unknown;
}

/** Events in the total order of time, then of scheduling. */
export class EventQueue {
  private readonly heap: QueuedEvent[] = [];
  private readonly pending = new Set<EventHandle>();
  private sequence = 0;

  push(timeNs: number, handler: (argument: unknown) => void, argument: unknown): EventHandle {
    const handle = ++this.sequence;
    this.pending.add(handle);
    this.heap.push({ timeNs, handle, handler, argument });
    this.siftUp();
    return handle;
  }

  isPending(handle: EventHandle): boolean {
    return this.pending.has(handle);
  }

  cancel(handle: EventHandle): boolean {
    return this.pending.delete(handle);
  }

  /** Takes out the first event if it is not later than `untilNs`. */
  popUntil(untilNs: number): QueuedEvent | null {
    for (;;) {
      const first = this.heap[0];
      if (first === undefined || first.timeNs > untilNs) return null;
      this.removeFirst();
      if (this.pending.delete(first.handle)) return first;
    }
  }

  private siftUp(): void {
    const heap = this.heap;
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (before(heap[parent]!, heap[child]!)) return;
      this.swap(parent, child);
      child = parent;
    }
  }

  private removeFirst(): void {
    const heap = this.heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(heap[parent]!, heap[child]!)) return;
      this.swap(parent, child);
      parent = child;
    }
  }

  private swap(one: number, other: number): void {
    const event = this.heap[one]!;
    this.heap[one] = this.heap[other]!;
    this.heap[other] = event;
  }
}

function before(one: QueuedEvent, other: QueuedEvent): boolean {
  return one.timeNs < other.timeNs || (one.timeNs === other.timeNs && one.handle < other.handle);
}
