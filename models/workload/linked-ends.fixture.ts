import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ms } from '../../sim/time.ts';
import { ipv4 } from '../network/address.ts';
import { EndpointHost } from '../network/endpoint-host.ts';
import { IdleConnections } from '../network/idle-connections.ts';
import type { Packet } from '../network/packet.ts';
import type { TimerClock } from '../network/timer-clock.ts';
import { linux6 } from '../network/tcp-settings.ts';
import { Observations } from '../observations.ts';
import type {
  ConnectionEnded,
  ConnectionOpened,
  ConnectionStateAtEnd,
  MessageDelivered,
} from '../observations.ts';
import type { FlowEnds } from './flow-ends.ts';

/** A peer and a VM with nothing but 10 ms of delay between them, for tests of workloads. */
export class LinkedEnds {
  readonly simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  readonly chance = new Chance(1, 0);
  readonly observations = new Observations();
  readonly ends: FlowEnds;
  /** Another peer. */
  readonly elsewhere: EndpointHost;
  readonly opened: ConnectionOpened[] = [];
  readonly ended: ConnectionEnded[] = [];
  readonly messages: MessageDelivered[] = [];
  readonly states: ConnectionStateAtEnd[] = [];
  /** Everything that was sent, with its time. */
  readonly packets: { readonly timeNs: number; readonly packet: Packet }[] = [];
  /** Packets for which it is true are lost. */
  loses: (packet: Packet, nowNs: number) => boolean = () => false;
  private readonly hosts: readonly EndpointHost[];

  constructor(vmClock: (simulation: Simulation) => TimerClock = (simulation) => simulation) {
    const { simulation } = this;
    const [peer, vm, elsewhere] = [
      this.host(1, simulation),
      this.host(2, vmClock(simulation)),
      this.host(3, simulation),
    ];
    this.hosts = [peer, vm, elsewhere];
    this.ends = { vmName: 'vm', peerName: 'peer', vm, peer };
    this.elsewhere = elsewhere;
    this.observations.connectionOpened.subscribe((row) => this.opened.push(row));
    this.observations.connectionEnded.subscribe((row) => this.ended.push(row));
    this.observations.messageDelivered.subscribe((row) => this.messages.push(row));
    this.observations.connectionState.subscribe((row) => this.states.push(row));
  }

  /** What a workload is built with. */
  get parts(): Pick<this, 'ends' | 'simulation' | 'chance' | 'observations'> {
    return this;
  }

  private host(number: number, clock: TimerClock): EndpointHost {
    const { simulation } = this;
    return new EndpointHost(ipv4(number), new IdleConnections(linux6), clock, simulation, (packet) => {
      this.packets.push({ timeNs: simulation.nowNs, packet });
      if (!this.loses(packet, simulation.nowNs))
        simulation.schedule(10 * ms, arrive, { owner: this, packet });
    });
  }

  deliver(packet: Packet): void {
    for (const host of this.hosts) if (host.address.w3 === packet.destination.w3) host.deliver(packet);
  }
}

function arrive({ owner, packet }: { readonly owner: LinkedEnds; readonly packet: Packet }): void {
  owner.deliver(packet);
}
