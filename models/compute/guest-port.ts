import { assert } from '../../sim/assert.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Packet } from '../network/packet.ts';
import { chainPasses, inOrder } from '../security/engine-chain.ts';
import type { DropCause } from '../observations.ts';
import type { Passage } from '../security/nse.ts';
import type { Reference } from '../security/reference.ts';
import type { SecurityEngine } from '../security/security-engine.ts';
import type { DrainAppliance } from './drain-appliance.ts';
import type { GuestCpu } from './guest-cpu.ts';
import type { HostCpu } from './host-cpu.ts';
import { PacketHold } from './packet-hold.ts';
import type { TrafficLedger } from './traffic-ledger.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import type { PacketWork, WorkQueue } from './work-queue.ts';

/** The interface names that a VM's policy knows: `ext0` is the network's side, `int0` the VM's. */
export const inward: Passage = { inInterface: 'ext0', outInterface: 'int0' };
export const outward: Passage = { inInterface: 'int0', outInterface: 'ext0' };

/** What becomes of packets for a VM that is paused here or has left, see `Scheme.inFlight`. */
export interface InFlightRule {
  readonly freeze: 'before-chain' | 'after-chain' | 'not-at-all';
  readonly packets: 'drop' | 'hold';
  readonly holdBytesMax: number;
}

/** Fetches what engines need to know of a packet; see `ContextFetch`. */
export interface PacketContext {
  /** Whether the packet has to wait; then `proceed` is called as soon as it need not any more. */
  delays(packet: Packet, passage: Passage, proceed: () => void): boolean;
}

/** What a migration adds to the interface at the destination, until it or the next one takes it away. */
export interface PortAdditions {
  /** Where old connections still pass. */
  readonly appliance: DrainAppliance | null;
  readonly context: PacketContext | null;
}

/** Where a VM's virtual interface meets the engines of one host. */
export interface PortSurroundings {
  readonly simulation: Simulation;
  readonly ledger: TrafficLedger;
  readonly host: string;
  readonly engines: readonly SecurityEngine[];
  /** The engine that never moved; told of every packet that passes. */
  readonly reference: Reference;
  readonly vm: VirtualMachine;
  /** What packets wait for: the host's CPUs for the engines, and the guest's share of them for its own stack. */
  readonly hostCpu: HostCpu;
  readonly guestCpu: GuestCpu;
  /** Takes a packet of the guest to the host's bridge. */
  readonly bridge: PacketSink;
}

/** What packets are handed to. */
export interface PacketSink {
  take(packet: Packet): void;
}

/**
 * `reserved`: at a destination, before the VM runs there. `open`: the VM runs here. `frozen`: it is paused
 * here. `left`: it runs elsewhere, and the interface is a dead end.
 */
type PortState = 'reserved' | 'open' | 'frozen' | 'left';

/**
 * A VM's interface on one host: every packet to and from the guest passes the host's engines here, and what
 * arrives while the VM is paused or gone is caught here.
 */
export class GuestPort {
  private readonly simulation: Simulation;
  private readonly ledger: TrafficLedger;
  /** Name of the host. */
  readonly host: string;
  readonly engines: readonly SecurityEngine[];
  private readonly reference: Reference;
  readonly vm: VirtualMachine;
  private readonly hostCpu: HostCpu;
  private readonly guestCpu: GuestCpu;
  private readonly bridge: PacketSink;
  private current: PortState = 'reserved';
  private rule: InFlightRule = { freeze: 'before-chain', packets: 'drop', holdBytesMax: 0 };
  private held: PacketHold;
  /** What waits here for packets that were held where the VM came from; null where nothing has to. */
  private behind: PacketHold | null = null;
  /** A packet never overtakes the one before it, however long its inspection takes. */
  private inwardFreeNs = -Infinity;
  private outwardFreeNs = -Infinity;
  /** Takes on what arrives here after the VM has left; null when it dies here. */
  private redirect: ((packet: Packet) => void) | null = null;
  /** The guest's own time for a packet of the network, and of its own. */
  private intoGuestFreeNs = -Infinity;
  private outOfGuestFreeNs = -Infinity;
  private readonly stackCosts: boolean;
  /** What the engines took for the last packet. */
  private inspectionNs = 0;
  /** How long the last packet was away from this host: at a store outside, or at the engines that it knows. */
  private awayNs = 0;
  additions: PortAdditions = { appliance: null, context: null };
  /** False while the VM may neither send nor receive, though it runs. */
  activated = true;

  constructor(surroundings: PortSurroundings) {
    this.simulation = surroundings.simulation;
    this.ledger = surroundings.ledger;
    this.host = surroundings.host;
    this.engines = surroundings.engines;
    this.reference = surroundings.reference;
    this.vm = surroundings.vm;
    this.hostCpu = surroundings.hostCpu;
    this.guestCpu = surroundings.guestCpu;
    this.bridge = surroundings.bridge;
    this.held = new PacketHold(surroundings.ledger, 0);
    this.stackCosts = surroundings.guestCpu.stackCosts;
  }

  get state(): PortState {
    return this.current;
  }

  /** Whether a packet would get through here; leaves no trace. */
  wouldPass(packet: Packet, passage: Passage): boolean {
    const engines = this.appliance(packet, passage)?.engines ?? this.engines;
    return this.activated && chainPasses(engines, this.vm, packet, passage, this.simulation.nowNs);
  }

  open(): void {
    assert(this.current !== 'open', 'an interface is opened once');
    this.current = 'open';
    this.guestCpu.setPresent(true);
  }

  /** Returns what the guest had still to send: it is part of its memory, and goes where the guest goes. */
  freeze(rule: InFlightRule): readonly Packet[] {
    assert(this.current === 'open', 'only an open interface freezes');
    this.current = 'frozen';
    this.rule = rule;
    this.held = new PacketHold(this.ledger, rule.holdBytesMax);
    this.reference.part();
    this.guestCpu.setPresent(false);
    const unsent: Packet[] = [];
    for (const { work, packet } of this.guestCpu.packets.takeAll()) {
      this.ledger.left(packet);
      if (work === this.intoGuest) this.caught(packet);
      else {
        this.ledger.held(packet);
        unsent.push(packet);
      }
    }
    this.letGo();
    return unsent;
  }

  leave(redirect: ((packet: Packet) => void) | null): void {
    assert(this.current === 'frozen', 'a VM leaves an interface that is frozen');
    this.current = 'left';
    this.redirect = redirect;
  }

  /** Takes out what was held, oldest first; whoever takes it replays it at some port. */
  takeHeld(): Packet[] {
    return this.held.takeAll();
  }

  /** From now on packets for the guest wait here, so many bytes at most, until {@link replay} has brought earlier ones. */
  holdBack(bytesMax: number): void {
    this.behind = new PacketHold(this.ledger, bytesMax);
  }

  /** A packet for the guest, from the bridge. */
  receive(packet: Packet): void {
    if (this.behind === null) this.enter(packet);
    else if (!this.behind.add(packet)) this.drop(packet, 'queue');
  }

  private enter(packet: Packet): void {
    if (this.additions.context !== null && this.waits(packet, inward)) return;
    if (this.chainSees()) this.submit(this.hostCpu.filter, this.inspectInward, packet);
    else this.caught(packet);
  }

  /** A packet of the guest, for the bridge. */
  transmit(packet: Packet): void {
    assert(this.current === 'open', 'a guest sends only where it runs');
    if (this.additions.context !== null && this.waits(packet, outward)) return;
    if (this.stackCosts) this.submit(this.guestCpu.packets, this.outOfGuest, packet);
    else this.submit(this.hostCpu.filter, this.inspectOutward, packet);
  }

  /**
   * Takes packets that were held elsewhere: before this host's chain, or after it, as judged already. What was held
   * back here for them follows.
   */
  replay(held: readonly Packet[], where: 'before-chain' | 'after-chain'): void {
    for (const packet of held) {
      this.ledger.released(packet);
      if (where === 'after-chain' && this.current === 'open') this.vm.receive(packet);
      else this.enter(packet);
    }
    this.letGo();
  }

  /** Takes what was held back: nobody waits for earlier packets any more. */
  letGo(): void {
    const behind = this.behind?.takeAll() ?? [];
    this.behind = null;
    for (const packet of behind) {
      this.ledger.released(packet);
      this.enter(packet);
    }
  }

  /** The packet waits for its context; the books say that it is under way. */
  private waits(packet: Packet, passage: Passage): boolean {
    const { context } = this.additions;
    if (context === null || this.current !== 'open') return false;
    const waits = context.delays(packet, passage, () => {
      this.ledger.left(packet);
      if (passage === inward) this.enter(packet);
      else this.transmitLate(packet);
    });
    if (waits) this.ledger.entered(packet);
    return waits;
  }

  /** The guest may have been paused while its packet waited. */
  private transmitLate(packet: Packet): void {
    if (this.current === 'open') this.transmit(packet);
    else this.drop(packet, 'paused');
  }

  private appliance(packet: Packet, passage: Passage): DrainAppliance | null {
    const { appliance } = this.additions;
    return appliance?.knows(this.vm, packet, passage, this.simulation.nowNs) === true ? appliance : null;
  }

  private chainSees(): boolean {
    if (this.current === 'open') return true;
    if (this.current === 'frozen') return this.rule.freeze !== 'before-chain';
    return this.current === 'left' && this.rule.freeze === 'not-at-all';
  }

  /** Queues the packet for its work, or does it at once; what finds the queue full is lost. */
  private submit(queue: WorkQueue, work: PacketWork, packet: Packet): void {
    this.hostCpu.look();
    this.ledger.entered(packet);
    if (queue.submit(work, packet)) return;
    this.ledger.left(packet);
    const place = queue === this.hostCpu.filter ? `${this.host}/cpu` : `${this.host}/${this.vm.name}`;
    this.ledger.dropped(packet, 'queue', place, this.simulation.nowNs);
  }

  private readonly inspectInward = (packet: Packet): number => {
    this.ledger.left(packet);
    if (!this.chainSees()) {
      this.caught(packet);
      return 0;
    }
    const passed = this.pass(packet, inward);
    if (passed !== null) this.inwardFreeNs = this.later(passed, this.inwardFreeNs, this.deliver);
    return this.inspectionNs;
  };

  private readonly inspectOutward = (packet: Packet): number => {
    this.ledger.left(packet);
    if (!this.chainSees()) {
      this.drop(packet, 'paused');
      return 0;
    }
    const passed = this.pass(packet, outward);
    if (passed !== null) this.outwardFreeNs = this.later(passed, this.outwardFreeNs, this.release);
    return this.inspectionNs;
  };

  /** The guest's stack takes a packet from its interface. */
  private readonly intoGuest = (packet: Packet): number => {
    const costNs = this.guestCpu.costNs(packet);
    this.intoGuestFreeNs = this.afterStack(packet, costNs, this.intoGuestFreeNs, this.arrive);
    return costNs;
  };

  /** The guest's stack gives a packet to its interface. */
  private readonly outOfGuest = (packet: Packet): number => {
    const costNs = this.guestCpu.costNs(packet);
    this.outOfGuestFreeNs = this.afterStack(packet, costNs, this.outOfGuestFreeNs, this.toChain);
    return costNs;
  };

  private readonly toChain = (packet: Packet): void => {
    this.ledger.left(packet);
    this.submit(this.hostCpu.filter, this.inspectOutward, packet);
  };

  private readonly deliver = (packet: Packet): void => {
    const stackWorks = this.stackCosts && this.current === 'open';
    if (!stackWorks) this.arrive(packet);
    else {
      this.ledger.left(packet);
      this.submit(this.guestCpu.packets, this.intoGuest, packet);
    }
  };

  private readonly arrive = (packet: Packet): void => {
    this.ledger.left(packet);
    if (this.current === 'open') this.vm.receive(packet);
    else this.caught(packet);
  };

  private readonly release = (packet: Packet): void => {
    this.ledger.left(packet);
    this.bridge.take(packet);
  };

  /** Schedules what follows the stack's work, which the packet's place in the queue has allowed to begin. */
  private afterStack(packet: Packet, costNs: number, freeNs: number, next: (packet: Packet) => void): number {
    const atNs = Math.max(freeNs, this.simulation.nowNs + this.guestCpu.packets.latencyNs(costNs));
    this.simulation.scheduleAt(atNs, next, packet);
    return atNs;
  }

  /** Sends the packet through the engines; null when one of them dropped it. Leaves how long they took. */
  private pass(packet: Packet, passage: Passage): Packet | null {
    const open = this.current === 'open';
    const { nowNs } = this.simulation;
    this.inspectionNs = 0;
    if (!this.activated) {
      this.drop(packet, 'not-activated');
      return null;
    }
    const appliance = this.appliance(packet, passage);
    const engines = appliance?.engines ?? this.engines;
    this.awayNs = this.vm.lookupNs + (appliance?.detourNs ?? 0);
    let current = packet;
    for (const engine of inOrder(engines, passage)) {
      const judgement = engine.inspect(this.vm, current, passage, nowNs);
      this.inspectionNs += engine.inspectionNs;
      const difference = open ? this.reference.compare(engine, judgement, current, passage, nowNs) : null;
      if (difference !== null) this.reference.publish(difference, this.host, packet, nowNs);
      if (judgement.verdict !== 'accept') {
        this.ledger.dropped(packet, judgement.cause ?? 'rule', `${this.host}/${engine.name}`, nowNs);
        return null;
      }
      current = judgement.packet;
    }
    if (open) {
      this.reference.passed(this.host, engines, packet, passage, nowNs);
      this.reference.touched(packet);
    }
    return current;
  }

  private later(packet: Packet, freeNs: number, handler: (packet: Packet) => void): number {
    const workNs = this.hostCpu.filter.latencyNs(this.inspectionNs);
    const atNs = Math.max(freeNs, this.simulation.nowNs + workNs + this.awayNs);
    this.ledger.entered(packet);
    this.simulation.scheduleAt(atNs, handler, packet);
    return atNs;
  }

  /** The guest is not here to take the packet. */
  private caught(packet: Packet): void {
    if (this.current === 'left' && this.redirect !== null) {
      this.redirect(packet);
      return;
    }
    const holds = this.current === 'frozen' && this.rule.packets === 'hold';
    if (!holds || !this.held.add(packet)) this.drop(packet, this.current === 'left' ? 'gone' : 'paused');
  }

  private drop(packet: Packet, cause: DropCause): void {
    this.ledger.dropped(packet, cause, `${this.host}/${this.vm.name}`, this.simulation.nowNs);
  }
}
