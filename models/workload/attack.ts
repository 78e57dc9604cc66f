import type { Chance, Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Address } from '../network/address.ts';
import { benchmarkAddress } from '../network/benchmark-address.ts';
import { makePacket, Protocol, TcpFlag, type AttackKind, type Packet } from '../network/packet.ts';
import type { FlowEnds, KnownFlows } from './flow-ends.ts';

/** Packets that no rule and no connection asked for: one of each kind every period. */
export interface AttackSettings {
  readonly name: string;
  readonly kinds: readonly AttackKind[];
  /** A port that the VM's policy admits, and one that it does not. */
  readonly openPort: number;
  readonly closedPort: number;
  readonly periodNs: number;
  readonly startNs: number;
  readonly stopNs: number;
}

/** What an attack is built with. */
export interface AttackParts {
  readonly settings: AttackSettings;
  readonly ends: FlowEnds;
  readonly known: KnownFlows;
  /** Each kind is a flow of its own, numbered from here. */
  readonly firstFlow: number;
  /** Draws are those of the periods from this one on. */
  readonly firstPeriod: number;
  readonly simulation: Simulation;
  readonly chance: Chance;
}

/**
 * An attacker at a peer's address. It knows which connections exist, not their sequence numbers: those are drawn
 * blindly (the probes of the measured handovers between two Linux 6.18 firewalls:
 * results/reference/golden-handover.json.gz).
 */
export class Attack {
  private readonly settings: AttackSettings;
  private readonly ends: FlowEnds;
  private readonly known: KnownFlows;
  private readonly firstFlow: number;
  private readonly simulation: Simulation;
  private readonly draws: Draws;
  private period: number;

  constructor(parts: AttackParts) {
    this.settings = parts.settings;
    this.ends = parts.ends;
    this.known = parts.known;
    this.firstFlow = parts.firstFlow;
    this.period = parts.firstPeriod;
    this.simulation = parts.simulation;
    this.draws = parts.chance.stream(parts.settings.name, 'attack');
  }

  start(): void {
    this.simulation.scheduleAt(this.settings.startNs, strike, this);
  }

  publishStates(): void {
    // An attack has no connections of its own.
  }

  /** Sends one packet of each kind for which there is a target. */
  strike(): void {
    const { settings, simulation, ends } = this;
    settings.kinds.forEach((kind, index) => {
      const packet = this.packetOf(kind, index);
      if (packet !== null) ends.peer.emit(packet);
    });
    this.period += 1;
    if (simulation.nowNs + settings.periodNs <= settings.stopNs)
      simulation.schedule(settings.periodNs, strike, this);
  }

  /** The packet of a kind that the attack sends in this period; null where it needs a connection and there is none. */
  packetOf(kind: AttackKind, index: number): Packet | null {
    const fields = this.fieldsOf(kind, index);
    if (fields === null) return null;
    return makePacket({
      source: this.ends.peer.address,
      destination: this.ends.vm.address,
      sourcePort: 1024 + ((this.period * 16 + index) % 30_000),
      sequence: this.blind(index, 0),
      window: 1024,
      ...fields,
      fragmentId: this.period,
      intent: kind,
      flow: this.firstFlow + index,
    });
  }

  /** Null where the attack needs a connection and there is none. */
  private fieldsOf(kind: AttackKind, index: number): Partial<Packet> | null {
    const { openPort, closedPort } = this.settings;
    const { syn, ack, rst, psh } = TcpFlag;
    const acknowledgement = this.blind(index, 1);
    const data = { tcpFlags: ack | psh, acknowledgement, payloadBytes: 100 };
    switch (kind) {
      case 'syn-closed-port':
        return { destinationPort: closedPort, tcpFlags: syn };
      case 'ack-closed-port':
        return { destinationPort: closedPort, tcpFlags: ack, acknowledgement };
      case 'udp-closed-port':
        return {
          protocol: Protocol.udp,
          destinationPort: closedPort,
          payloadBytes: 32,
          sequence: 0,
          window: 0,
        };
      case 'syn-ack-unsolicited':
        return { destinationPort: closedPort, tcpFlags: syn | ack, acknowledgement };
      case 'rst-without-flow':
        return { destinationPort: openPort, tcpFlags: rst };
      case 'ack-open-port':
        return { destinationPort: openPort, tcpFlags: ack, acknowledgement };
      case 'data-open-port':
        return { destinationPort: openPort, ...data };
      case 'rst-live-flow':
        return this.into('live', index, { tcpFlags: rst });
      case 'rst-live-flow-of-vm':
        return this.into('ofVm', index, { tcpFlags: rst });
      case 'udp-live-flow':
        return this.into('datagrams', index, {
          protocol: Protocol.udp,
          payloadBytes: 4,
          sequence: 0,
          window: 0,
        });
      case 'data-live-flow':
        return this.into('live', index, data);
      case 'data-idle-flow':
        return this.into('idle', index, data);
      case 'closed-flow-tuple':
        return this.into('closed', index, data);
      case 'esp-replay':
        // One of the last 32 packets to the VM, recorded on its way.
        return this.into('live', index, {
          tcpFlags: ack | psh,
          payloadBytes: 100,
          espSequence: -2 - (this.period % 32),
        });
      case 'syn-flood':
        return { source: this.spoofed(index), destinationPort: openPort, tcpFlags: syn };
      case 'port-scan':
        return { destinationPort: 1 + (this.period % 65_535), tcpFlags: syn };
      case 'spoofed-source':
        return { source: this.ends.vm.address, destinationPort: openPort, tcpFlags: syn };
    }
  }

  /** The packet takes the ends of a connection that the attacker knows of. */
  private into(which: keyof KnownFlows, index: number, fields: Partial<Packet>): Partial<Packet> | null {
    const target = this.known[which](this.draws.uniform2(index, this.period * 4 + 2));
    if (target === null) return null;
    const { local, localPort, remote, remotePort } = target;
    return {
      ...fields,
      source: local,
      sourcePort: localPort,
      destination: remote,
      destinationPort: remotePort,
    };
  }

  private blind(index: number, which: number): number {
    return Math.floor(this.draws.uniform2(index, this.period * 4 + which) * 2 ** 32);
  }

  private spoofed(index: number): Address {
    const number = Math.floor(this.draws.uniform2(index, this.period * 4 + 3) * 2 ** 17);
    return benchmarkAddress(this.ends.vm.address.family, number);
  }
}

function strike(attack: Attack): void {
  attack.strike();
}
