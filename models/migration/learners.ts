import { Signal } from '../../sim/signal.ts';
import type { Host } from '../compute/host.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';

/** Something that remembers where VMs are: a switch, a host's bridge, a peer's tunnel map. */
export interface Learner {
  /** Whether it would send the VM's packets towards this host. */
  finds(vm: VirtualMachine, host: Host): boolean;
}

interface Awaited {
  readonly vm: VirtualMachine;
  readonly host: Host;
  readonly learnt: Signal<void>;
}

/** All learners of a cluster; each learns by itself, and here one can wait until the last one has. */
export class Learners {
  private readonly learners: Learner[] = [];
  private awaited: Awaited[] = [];

  add(learner: Learner): void {
    this.learners.push(learner);
  }

  /** Fires when every learner finds the VM at the host. */
  learnt(vm: VirtualMachine, host: Host): Signal<void> {
    const learnt = new Signal<void>();
    this.awaited.push({ vm, host, learnt });
    this.check();
    return learnt;
  }

  /** Called whenever a learner has learnt something. */
  check(): void {
    if (this.awaited.length === 0) return;
    const found = this.awaited.filter(({ vm, host }) =>
      this.learners.every((learner) => learner.finds(vm, host)),
    );
    this.awaited = this.awaited.filter((waiting) => !found.includes(waiting));
    for (const { learnt } of found) learnt.fire();
  }
}
