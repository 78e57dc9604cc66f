import { assert } from '../../sim/assert.ts';
import { until, type Process } from '../../sim/process.ts';
import { Signal } from '../../sim/signal.ts';

/** How many migrations each host takes part in at once; further ones wait their turn, first come first served. */
export class MigrationSlots {
  private readonly perHostMax: number;
  private readonly used = new Map<string, number>();
  private waiting: { readonly hosts: readonly string[]; readonly admitted: Signal<void> }[] = [];

  constructor(perHostMax: number) {
    assert(perHostMax >= 1, 'a host takes part in at least one migration');
    this.perHostMax = perHostMax;
  }

  /** Waits until each of the hosts has a free slot, and takes them together. */
  *acquire(hosts: readonly string[]): Process {
    const admitted = new Signal<void>();
    this.waiting.push({ hosts, admitted });
    this.admit();
    yield* until(admitted);
  }

  release(hosts: readonly string[]): void {
    for (const host of hosts) this.used.set(host, this.inUse(host) - 1);
    this.admit();
  }

  private admit(): void {
    const still: typeof this.waiting = [];
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
