import { assert } from '../../sim/assert.ts';
import { sameAddress, type Address } from './address.ts';
import type { IdleConnections } from './idle-connections.ts';
import { ListenQueue } from './listen-queue.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Intent, type Packet } from './packet.ts';
import { resetFor } from './reset-for.ts';
import { cookieAnswer, synOfCookie } from './syn-cookie.ts';
import type { TcpEnd, TcpHost, TcpIdentity } from './tcp-end.ts';
import type { TcpApplication } from './tcp-application.ts';
import { TcpEndpoint } from './tcp-endpoint.ts';
import type { TcpSettings } from './tcp-settings.ts';
import type { TimerClock } from './timer-clock.ts';
import { udpEcho } from './udp-endpoint.ts';

/** So many ports Linux has for clients: 32768 to 60999 (ip_local_port_range). */
export const clientPorts = 28_232;

/** Takes a new connection: says which application uses it. */
export type TcpAcceptor = (syn: Packet) => TcpApplication;

/** Who takes the connections of a port, and those that are not established yet. */
interface Listener {
  readonly acceptor: TcpAcceptor;
  readonly queue: ListenQueue;
}

/** Takes the datagrams of a bound port. */
export type DatagramReceiver = (packet: Packet) => void;

/** Gives a packet back with what its payload says, as far as that matters to anyone on the way. */
export type LineWriter = (packet: Packet) => Packet;

/**
 * The transport endpoints of a guest or a peer: gives each packet to the connection, listener or port it is for
 * and answers the rest as Linux does: RST for TCP, port unreachable for UDP, a reply for ICMP echo.
 */
export class EndpointHost implements TcpHost {
  readonly address: Address;
  readonly clock: TimerClock;
  readonly world: { readonly nowNs: number };
  readonly settings: TcpSettings;
  readonly idle: IdleConnections;
  private readonly output: (packet: Packet) => void;
  /** The first endpoint of each hash; the others follow by `next`. */
  private readonly connections = new Map<number, TcpEndpoint>();
  private readonly listeners = new Map<number, Listener>();
  private readonly datagramPorts = new Map<number, DatagramReceiver>();
  /** What applications write into their lines, by flow. */
  private readonly writers = new Map<number, LineWriter>();
  private count = 0;

  /**
   * `clock` runs the timers, `world` tells simulated time (for a peer, both are the simulation); `output` takes
   * the packets that leave.
   */
  constructor(
    address: Address,
    idle: IdleConnections,
    clock: TimerClock,
    world: { readonly nowNs: number },
    output: (packet: Packet) => void,
  ) {
    this.address = address;
    this.settings = idle.settings;
    this.idle = idle;
    this.clock = clock;
    this.world = world;
    this.output = output;
  }

  /** TCP connections that this host holds, those in TIME-WAIT included. */
  get connectionCount(): number {
    return this.count;
  }

  listenTcp(port: number, acceptor: TcpAcceptor): void {
    assert(!this.listeners.has(port), 'one listener has a port');
    this.listeners.set(port, { acceptor, queue: new ListenQueue(this.settings.listen) });
  }

  bindUdp(port: number, receiver: DatagramReceiver): void {
    assert(!this.datagramPorts.has(port), 'one receiver has a port');
    this.datagramPorts.set(port, receiver);
  }

  unbindUdp(port: number): void {
    assert(this.datagramPorts.delete(port), 'only a bound port is given up');
  }

  /** The first port from `wanted` on at which nobody listens for datagrams. */
  freeUdpPort(wanted: number): number {
    assert(this.datagramPorts.size < 64_512, 'a machine has a free port for datagrams');
    let port = wanted;
    while (this.datagramPorts.has(port)) port = port < 65_535 ? port + 1 : 1024;
    return port;
  }

  /** Answers each datagram at the port with the same (RFC 862). */
  echoUdp(port: number): void {
    this.bindUdp(port, (packet) => this.emit(udpEcho(packet)));
  }

  /** The local port of a flow: the same under every scheme. */
  portOf(flow: number): number {
    return 32_768 + (flow % clientPorts);
  }

  /** Opens a connection from `localPort`; the SYN leaves at once. */
  connectTcp(
    localPort: number,
    remote: Address,
    remotePort: number,
    flow: number,
    application: TcpApplication,
  ): TcpEndpoint {
    const intent: Intent = 'legitimate';
    const identity = { local: this.address, localPort, remote, remotePort, flow, intent };
    const endpoint = this.add(identity, application);
    endpoint.open();
    return endpoint;
  }

  /** The connections that this host holds, those in TIME-WAIT included. */
  connectionsHeld(): TcpIdentity[] {
    const live: TcpIdentity[] = [];
    for (const first of this.connections.values()) {
      for (let endpoint: TcpEndpoint | null = first; endpoint !== null; endpoint = endpoint.next)
        live.push(endpoint.identity);
    }
    return live;
  }

  /** Gives every connection up and tells the other ends by RSTs. */
  resetConnections(): void {
    const endpoints: TcpEndpoint[] = [];
    for (const first of this.connections.values()) {
      for (let endpoint: TcpEndpoint | null = first; endpoint !== null; endpoint = endpoint.next)
        endpoints.push(endpoint);
    }
    for (const endpoint of endpoints) endpoint.abort();
  }

  /** From now on packets of the flow that leave are shown to the writer; null for no longer. */
  writeLines(flow: number, writer: LineWriter | null): void {
    if (writer === null) this.writers.delete(flow);
    else this.writers.set(flow, writer);
  }

  /** Sends a packet, whether it belongs to an endpoint or not. */
  emit(packet: Packet): void {
    const writer = this.writers.size === 0 ? undefined : this.writers.get(packet.flow);
    this.output(writer === undefined ? packet : writer(packet));
  }

  /** Takes a packet that has reached this host. */
  deliver(packet: Packet): void {
    if (!packet.checksumValid) return;
    if (packet.protocol === Protocol.tcp) this.deliverTcp(packet);
    else if (packet.protocol === Protocol.udp) this.deliverUdp(packet);
    else this.deliverIcmp(packet);
  }

  private deliverTcp(packet: Packet): void {
    const endpoint = this.find(packet);
    if (endpoint !== undefined) {
      endpoint.receive(packet);
      return;
    }
    const handshakeFlags = packet.tcpFlags & (TcpFlag.syn | TcpFlag.ack | TcpFlag.rst);
    const listener = this.listeners.get(packet.destinationPort);
    if (listener !== undefined && handshakeFlags === TcpFlag.syn) this.answerSyn(packet, listener);
    else if (listener !== undefined && handshakeFlags === TcpFlag.ack) this.takeCookie(packet, listener);
    else if ((packet.tcpFlags & TcpFlag.rst) === 0 && !(listener !== undefined && handshakeFlags === 0)) {
      this.emit(resetFor(packet));
    }
  }

  private answerSyn(syn: Packet, { acceptor, queue }: Listener): void {
    const place = queue.admit(this.clock.nowNs);
    if (place === 'cookie') this.emit(cookieAnswer(syn, this.settings, this.clock.nowNs));
    if (place !== 'place') return;
    const endpoint = this.add(identityOfAnswer(syn), acceptor(syn));
    queue.add(endpoint);
    endpoint.accept(syn, false);
  }

  private takeCookie(packet: Packet, { acceptor, queue }: Listener): void {
    const syn = queue.expectsCookie(this.clock.nowNs) ? synOfCookie(packet, this.settings) : null;
    if (syn === null) {
      this.emit(resetFor(packet));
      return;
    }
    const endpoint = this.add(identityOfAnswer(syn), acceptor(syn));
    endpoint.accept(syn, true);
    endpoint.receive(packet);
  }

  handshakeOver(end: TcpEnd): void {
    this.queueOf(end)?.remove(end);
  }

  synAckRetriesMax(end: TcpEnd): number {
    const { synAckRetries } = this.settings;
    return this.queueOf(end)?.retriesMax(end, synAckRetries) ?? synAckRetries;
  }

  private queueOf({ localPort }: TcpEnd): ListenQueue | undefined {
    return this.listeners.get(localPort)?.queue;
  }

  private deliverUdp(packet: Packet): void {
    const receiver = this.datagramPorts.get(packet.destinationPort);
    if (receiver !== undefined) receiver(packet);
    else this.emit(portUnreachable(packet));
  }

  private deliverIcmp(packet: Packet): void {
    const request = packet.protocol === Protocol.icmp ? 8 : 128;
    if (packet.icmpType !== request) return;
    const { source, destination } = packet;
    const icmpType = packet.protocol === Protocol.icmp ? 0 : 129;
    this.emit(changedPacket(packet, { source: destination, destination: source, icmpType }));
  }

  private add(identity: TcpIdentity, application: TcpApplication): TcpEndpoint {
    const endpoint = new TcpEndpoint(identity, this, application);
    const key = bucket(endpoint);
    endpoint.next = this.connections.get(key) ?? null;
    this.connections.set(key, endpoint);
    this.count++;
    return endpoint;
  }

  /** Called by an endpoint that has ended. */
  forget(endpoint: TcpEnd): void {
    this.handshakeOver(endpoint);
    const key = bucket(endpoint);
    const first = this.connections.get(key);
    assert(first !== undefined, 'an endpoint is forgotten once');
    if (first === endpoint && first.next === null) this.connections.delete(key);
    else if (first === endpoint) this.connections.set(key, first.next!);
    else unlink(first, endpoint);
    this.count--;
  }

  private find(packet: Packet): TcpEndpoint | undefined {
    const key = bucketOf(packet.destinationPort, packet.sourcePort, packet.source);
    for (let endpoint = this.connections.get(key) ?? null; endpoint !== null; endpoint = endpoint.next) {
      if (
        endpoint.remotePort === packet.sourcePort &&
        endpoint.localPort === packet.destinationPort &&
        sameAddress(endpoint.remote, packet.source)
      ) {
        return endpoint;
      }
    }
    return undefined;
  }
}

function unlink(first: TcpEndpoint, endpoint: TcpEnd): void {
  let before = first;
  while (before.next !== null && before.next !== endpoint) before = before.next;
  assert(before.next !== null, 'an endpoint is forgotten once');
  before.next = before.next.next;
}

function bucket(end: TcpIdentity): number {
  return bucketOf(end.localPort, end.remotePort, end.remote);
}

/** Ports and the other end's address mixed into a small integer, which a Map takes without allocating. */
function bucketOf(localPort: number, remotePort: number, remote: Address): number {
  return (
    ((localPort << 16) | remotePort) ^ Math.imul(remote.w3 ^ remote.w0 ^ remote.w1 ^ remote.w2, 0x9e3779b1)
  );
}

function identityOfAnswer(packet: Packet): TcpIdentity {
  return {
    local: packet.destination,
    localPort: packet.destinationPort,
    remote: packet.source,
    remotePort: packet.sourcePort,
    flow: packet.flow,
    intent: packet.intent,
  };
}

/** ICMP type 3 code 3 (RFC 792), ICMPv6 type 1 code 4 (RFC 4443, 3.1), quoting the whole datagram's headers. */
function portUnreachable(packet: Packet): Packet {
  const version4 = packet.source.family === 4;
  return makePacket({
    source: packet.destination,
    destination: packet.source,
    protocol: version4 ? Protocol.icmp : Protocol.icmpv6,
    icmpType: version4 ? 3 : 1,
    icmpCode: version4 ? 3 : 4,
    quoted: packet,
    quotedBytes: (version4 ? 28 : 48) + Math.min(packet.payloadBytes, 520),
    fragmentId: packet.fragmentId,
    intent: packet.intent,
    flow: packet.flow,
  });
}
