import type { Simulation } from '../../sim/simulation.ts';
import type { Address } from '../network/address.ts';
import type { EndpointHost } from '../network/endpoint-host.ts';
import type { Packet } from '../network/packet.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import { udpPacket } from '../network/udp-endpoint.ts';
import type { Observations } from '../observations.ts';
import { otherEnd, type FlowEnds, type PassageQuestion } from './flow-ends.ts';
import { laterPort } from './reconnect.ts';

/** What the flows of a workload have in common. */
export interface DatagramContext {
  readonly name: string;
  readonly ends: FlowEnds;
  /** Who sends first. */
  readonly initiator: 'peer' | 'vm';
  /** The port of the end that did not send first. */
  readonly port: number;
  /** The machines from which the initiator sends, one after the other as it moves: at least its own. */
  readonly paths: readonly EndpointHost[];
  readonly simulation: Simulation;
  readonly observations: Observations;
}

/** The largest payload of a datagram that Ethernet carries whole: 1500 bytes less the headers of IP and UDP. */
export const datagramBytesMax = 1472;

/** What goes over a flow. */
export interface DatagramPlay {
  begin(): void;
  /** A datagram has arrived that says the message of this number; again when it was sent again. */
  arrived(at: 'peer' | 'vm', message: number): void;
}

/** A machine and port. */
interface Socket {
  readonly host: EndpointHost;
  readonly port: number;
}

/** Datagrams both ways between two sockets, of which the initiator's may change under way. */
export class DatagramFlow {
  readonly flow: number;
  private readonly context: DatagramContext;
  private readonly ways: Readonly<Record<'peer' | 'vm', Way>> = { peer: newWay(), vm: newWay() };
  private socket: Socket | null = null;
  /** What arrives late at the socket before the present one is still taken. */
  private lateSocket: Socket | null = null;
  private moves = 0;
  /** Where the other end sends: whence it heard last. */
  private heardFrom: { readonly address: Address; readonly port: number } | null = null;
  private play: DatagramPlay | null = null;

  constructor(context: DatagramContext, flow: number) {
    this.context = context;
    this.flow = flow;
  }

  /** The sockets of the flow as its peer end sees them; null before it begins. */
  get peerIdentity(): TcpIdentity | null {
    const { initiator, ends, port } = this.context;
    if (this.socket === null) return null;
    const own = { address: this.socket.host.address, port: this.socket.port };
    const server = { address: ends[otherEnd(initiator)].address, port };
    const [peer, vm] = initiator === 'peer' ? [own, server] : [server, own];
    return {
      local: peer.address,
      localPort: peer.port,
      remote: vm.address,
      remotePort: vm.port,
      flow: this.flow,
      intent: 'legitimate',
    };
  }

  open(play: DatagramPlay): void {
    const { name, ends, observations, simulation, initiator } = this.context;
    this.play = play;
    this.bind();
    observations.connectionOpened.publish({
      timeNs: simulation.nowNs,
      flow: this.flow,
      protocol: 'udp',
      workload: name,
      vm: ends.vmName,
      peer: ends.peerName,
      initiator,
    });
    play.begin();
  }

  /** The initiator goes on at another port, and, where it has several, at its next machine. */
  move(): void {
    if (this.lateSocket !== null) this.lateSocket.host.unbindUdp(this.lateSocket.port);
    this.lateSocket = this.socket;
    this.moves++;
    this.bind();
  }

  /**
   * Sends one datagram; whoever did not begin has to have heard something first. `message` numbers what it says, so
   * that one sent again is the same; it counts as offered when it was said first. What is too large is cut.
   */
  send(from: 'peer' | 'vm', bytes: number, message: number): void {
    const packet = this.packetFrom(from, Math.min(bytes, datagramBytesMax), this.ways[from].sent);
    if (packet === null) return;
    const way = this.ways[from];
    const { nowNs } = this.context.simulation;
    if (way.said?.message !== message) way.said = { message, offeredNs: nowNs, heard: false };
    way.underway.set(way.sent++, way.said);
    way.lastSentNs = nowNs;
    if (way.owedSinceNs < 0) way.owedSinceNs = way.said.offeredNs;
    if (way.underway.size > underwayMax) forgetOldest(way);
    this.hostOf(from).emit(packet);
  }

  /** A datagram of this flow reached one of the ends. */
  receive(at: 'peer' | 'vm', packet: Packet): void {
    const { initiator, observations, simulation } = this.context;
    if (packet.intent !== 'legitimate') return;
    if (at !== initiator) this.heardFrom = { address: packet.source, port: packet.sourcePort };
    const way = this.ways[otherEnd(at)];
    const sent = way.underway.get(packet.fragmentId);
    if (sent === undefined) return;
    way.underway.delete(packet.fragmentId);
    way.owedSinceNs = sentAfter(way, packet.fragmentId);
    const { message, offeredNs } = sent;
    const { flow } = this;
    if (!sent.heard) {
      sent.heard = true;
      const bytes = packet.payloadBytes;
      const { nowNs: timeNs } = simulation;
      observations.messageDelivered.publish({ flow, index: message, to: at, bytes, offeredNs, timeNs });
    }
    this.play?.arrived(at, message);
  }

  /** Publishes what is known of the flow; asks without touching it. */
  publishState(wouldPass: PassageQuestion): void {
    if (this.socket === null) return;
    const { peer, vm } = this.ways;
    const passes = (from: 'peer' | 'vm'): boolean => {
      const next = this.packetFrom(from, 1, this.ways[from].sent);
      return next === null || wouldPass(next, from);
    };
    const owed = [peer.owedSinceNs, vm.owedSinceNs].filter((sinceNs) => sinceNs >= 0);
    this.context.observations.connectionState.publish({
      flow: this.flow,
      owedSinceNs: owed.length === 0 ? -1 : Math.min(...owed),
      lastSentNs: Math.max(peer.lastSentNs, vm.lastSentNs),
      peerWouldPass: passes('peer'),
      vmWouldPass: passes('vm'),
      ends: 'both-open',
    });
  }

  /** The message is given up: nobody waits for it any longer. */
  giveUp(from: 'peer' | 'vm'): void {
    this.ways[from].underway.clear();
    this.ways[from].owedSinceNs = -1;
  }

  private bind(): void {
    const { paths, initiator } = this.context;
    const host = paths[this.moves % paths.length]!;
    const wanted = this.moves === 0 ? host.portOf(this.flow) : laterPort(this.flow, this.moves);
    const port = host.freeUdpPort(wanted);
    host.bindUdp(port, (packet) => {
      if (packet.flow === this.flow) this.receive(initiator, packet);
    });
    this.socket = { host, port };
  }

  private packetFrom(from: 'peer' | 'vm', payloadBytes: number, index: number): Packet | null {
    const { initiator, port, ends } = this.context;
    const common = { payloadBytes, index, flow: this.flow, intent: 'legitimate' } as const;
    const server = ends[otherEnd(initiator)].address;
    if (from === initiator) {
      if (this.socket === null) return null;
      const { host, port: sourcePort } = this.socket;
      return udpPacket({
        ...common,
        source: host.address,
        sourcePort,
        destination: server,
        destinationPort: port,
      });
    }
    if (this.heardFrom === null) return null;
    const { address: destination, port: destinationPort } = this.heardFrom;
    return udpPacket({ ...common, source: server, sourcePort: port, destination, destinationPort });
  }

  private hostOf(end: 'peer' | 'vm'): EndpointHost {
    return end === this.context.initiator && this.socket !== null ? this.socket.host : this.context.ends[end];
  }
}

/** One of the flows that have begun, by a uniform draw, as its peer end sees it; null when there is none. */
export function pickFlow(flows: Iterable<DatagramFlow>, u: number): TcpIdentity | null {
  const begun = [...flows].map((flow) => flow.peerIdentity).filter((identity) => identity !== null);
  return begun[Math.floor(u * begun.length)] ?? null;
}

/** One direction of a flow, from one end. */
interface Way {
  /** Datagrams sent, numbered from 0 in the IP identification. */
  sent: number;
  lastSentNs: number;
  /** What was said last. */
  said: Said | null;
  /** The oldest datagram that was sent after the last one that arrived; -1 for none. */
  owedSinceNs: number;
  readonly underway: Map<number, Said>;
}

/** A message, which several datagrams may carry one after the other. */
interface Said {
  readonly message: number;
  readonly offeredNs: number;
  heard: boolean;
}

/** So many datagrams may be under way; older ones are taken for lost. */
const underwayMax = 1024;

function newWay(): Way {
  return {
    sent: 0,
    lastSentNs: -1,
    said: null,
    owedSinceNs: -1,
    underway: new Map(),
  };
}

function forgetOldest({ underway }: Way): void {
  for (const number of underway.keys()) {
    underway.delete(number);
    return;
  }
}

function sentAfter({ underway }: Way, number: number): number {
  for (const [other, { offeredNs }] of underway) if (other > number) return offeredNs;
  return -1;
}
