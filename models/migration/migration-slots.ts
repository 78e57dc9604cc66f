import { assert } from '../../sim/assert.ts';
import { Signal } from '../../sim/signal.ts';

/** A place in the queue for slots, and then the slots. */
export interface SlotRequest {
  readonly hosts: readonly string[];
  readonly admitted: Signal<void>;
}

/**
 * How many migrations each host takes part in at once; further ones wait their turn, first come first served. A VM
 * takes part in one: a second one does not wait.
 */
export class MigrationSlots {
  private readonly perHostMax: number;
  private readonly used = new Map<string, number>();
  private waiting: SlotRequest[] = [];
  private readonly moving = new Set<string>();

  constructor(perHostMax: number) {
    assert(perHostMax >= 1, 'a host takes part in at least one migration');
    this.perHostMax = perHostMax;
  }

  /** Asks for a slot on each of the hosts; they are taken together once all have one free. */
  request(hosts: readonly string[]): SlotRequest {
    const request = { hosts, admitted: new Signal<void>() };
    this.waiting.push(request);
    this.admit();
    return request;
  }

  /** Gives the slots back, or no longer waits for them. */
  leave(request: SlotRequest): void {
    if (request.admitted.fired) {
      for (const host of request.hosts) this.used.set(host, this.inUse(host) - 1);
    } else {
      this.waiting = this.waiting.filter((other) => other !== request);
    }
    this.admit();
  }

  /** Takes a VM for one migration; false when another one has it. */
  claim(vm: string): boolean {
    if (this.moving.has(vm)) return false;
    this.moving.add(vm);
    return true;
  }

  /** The VM may move again. */
  release(vm: string): void {
    assert(this.moving.delete(vm), 'only a VM that was claimed is released');
  }

  private admit(): void {
    const still: SlotRequest[] = [];
    for (const request of this.waiting) {
      if (request.hosts.some((host) => this.inUse(host) >= this.perHostMax)) {
        still.push(request);
        continue;
      }
      for (const host of request.hosts) this.used.set(host, this.inUse(host) + 1);
      request.admitted.fire();
    }
    this.waiting = still;
  }

  private inUse(host: string): number {
    return this.used.get(host) ?? 0;
  }
}
