import { assert } from '../../sim/assert.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Address } from '../network/address.ts';
import type { EndpointHost } from '../network/endpoint-host.ts';
import type { Mac } from '../network/frame.ts';
import type { Packet } from '../network/packet.ts';
import type { Observations } from '../observations.ts';
import type { Passage } from '../security/nse.ts';
import type { SecurityEngine, Subject } from '../security/security-engine.ts';
import type { GuestClock } from './guest-clock.ts';
import type { GuestCpuSettings } from './guest-cpu.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { GuestPort, InFlightRule } from './guest-port.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

export interface VirtualMachineSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly ledger: TrafficLedger;
  readonly name: string;
  readonly mac: Mac;
  readonly number: number;
  readonly address: Address;
  /** More addresses of its interface. */
  readonly aliases: readonly Address[];
  readonly memoryBytes: number;
  readonly memory: GuestMemory;
  readonly clock: GuestClock;
  /** What it wants of the CPUs of whatever host it is on. */
  readonly cpu: GuestCpuSettings;
}

type VirtualMachineState = 'running' | 'paused';

/** A guest: memory, a clock, endpoints, and the one host where it runs. It keeps its addresses when it moves. */
export class VirtualMachine implements Subject {
  readonly name: string;
  readonly number: number;
  readonly addresses: readonly Address[];
  readonly mac: Mac;
  readonly address: Address;
  readonly memoryBytes: number;
  readonly memory: GuestMemory;
  readonly clock: GuestClock;
  /** How long each packet waits for the store outside that keeps the VM's security context. */
  lookupNs = 0;
  readonly cpu: GuestCpuSettings;
  private readonly simulation: Simulation;
  private readonly observations: Observations;
  private readonly ledger: TrafficLedger;
  private networkStack: EndpointHost | null = null;
  private current: VirtualMachineState = 'paused';
  /** Its host died under it: it stays paused for ever. */
  private isDead = false;
  /** The interface where it runs, or is paused; null before it was started. */
  private port: GuestPort | null = null;
  /** What the guest had still to send when it was paused. */
  private unsent: readonly Packet[] = [];
  /** In the receive ring of its interface, while its processors stand still. */
  private waiting: Packet[] = [];

  constructor(setup: VirtualMachineSetup) {
    this.simulation = setup.simulation;
    this.observations = setup.observations;
    this.ledger = setup.ledger;
    this.name = setup.name;
    this.number = setup.number;
    this.addresses = [setup.address, ...setup.aliases];
    this.mac = setup.mac;
    this.address = setup.address;
    this.memoryBytes = setup.memoryBytes;
    this.memory = setup.memory;
    this.clock = setup.clock;
    this.cpu = setup.cpu;
    this.clock.setRate(0, 'pause');
    this.clock.listen(() => {
      if (this.clock.rate > 0) this.takeWaiting();
    });
  }

  get state(): VirtualMachineState {
    return this.current;
  }

  /** Whether its host died under it. */
  get dead(): boolean {
    return this.isDead;
  }

  /** The engines of the host where the VM is. */
  get engines(): readonly SecurityEngine[] {
    assert(this.port !== null, 'a VM is somewhere once it was started');
    return this.port.engines;
  }

  /** Whether a packet would get through where the VM is; leaves no trace. */
  wouldPass(packet: Packet, passage: Passage): boolean {
    assert(this.port !== null, 'a VM is somewhere once it was started');
    return this.port.wouldPass(packet, passage);
  }

  /** Name of the host where the VM is. */
  get place(): string {
    assert(this.port !== null, 'a VM is somewhere once it was started');
    return this.port.host;
  }

  /** Gives the guest its network stack, once. */
  install(stack: EndpointHost): void {
    assert(this.networkStack === null, 'a guest has one network stack');
    this.networkStack = stack;
  }

  get stack(): EndpointHost {
    assert(this.networkStack !== null, 'a guest has its network stack before it runs');
    return this.networkStack;
  }

  /** Starts or resumes the guest behind this interface, and behind no other; a dead one stays dead. */
  run(port: GuestPort): void {
    if (this.isDead) return;
    assert(this.current === 'paused', 'a VM runs on one host at most');
    assert(
      this.port === null || this.port === port || this.port.state === 'left',
      'a VM leaves a host before it runs on another',
    );
    this.port = port;
    this.current = 'running';
    port.open();
    this.clock.setRate(1, 'pause');
    const unsent = this.unsent;
    this.unsent = [];
    for (const packet of unsent) {
      this.ledger.released(packet);
      port.transmit(packet);
    }
  }

  pause(rule: InFlightRule): void {
    assert(this.current === 'running' && this.port !== null, 'only a running VM is paused');
    this.current = 'paused';
    this.unsent = this.port.freeze(rule);
    this.clock.setRate(0, 'pause');
  }

  /** Ends the guest together with its host: it never runs again, and its interface is a dead end. */
  die(): void {
    assert(this.port !== null, 'only a VM that was started dies');
    if (this.current === 'running') this.pause({ freeze: 'before-chain', packets: 'drop', holdBytesMax: 0 });
    this.isDead = true;
  }

  /** A packet of the guest's stack goes out; while the guest is paused only timers that run on can send one. */
  transmit(packet: Packet): void {
    assert(this.port !== null, 'a guest sends only after it was started');
    if (this.isDead) return;
    this.ledger.sent(packet);
    if (this.current === 'running') this.port.transmit(packet);
    else this.ledger.dropped(packet, 'paused', this.name, this.simulation.nowNs);
  }

  /** A packet for the running guest; one whose processors stand still takes it when they go on. */
  receive(packet: Packet): void {
    assert(this.current === 'running', 'no packet enters a paused guest');
    if (this.clock.rate > 0) this.take(packet);
    else {
      this.ledger.held(packet);
      this.waiting.push(packet);
    }
  }

  private takeWaiting(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const packet of waiting) {
      this.ledger.released(packet);
      this.take(packet);
    }
  }

  private take(packet: Packet): void {
    this.ledger.delivered(packet);
    const { packetDelivered } = this.observations;
    if (packetDelivered.observed)
      packetDelivered.publish({ timeNs: this.simulation.nowNs, place: this.name, to: 'vm', packet });
    this.stack.deliver(packet);
  }
}
