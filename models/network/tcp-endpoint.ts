import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Address } from './address.ts';
import { makePacket, Protocol, TcpFlag, type Intent, type Packet } from './packet.ts';
import { RttEstimator } from './rtt-estimator.ts';
import { TcpReceiver } from './tcp-receiver.ts';
import type { TcpSettings } from './tcp-settings.ts';
import { tcpTransitions, type TcpEvent, type TcpState } from './tcp-state.ts';
import type { TimerClock } from './timer-clock.ts';

/** The ends of a connection as one of them sees it, and what its packets say for the measures. */
export interface TcpIdentity {
  readonly local: Address;
  readonly localPort: number;
  readonly remote: Address;
  readonly remotePort: number;
  readonly flow: number;
  readonly intent: Intent;
}

/** What uses a connection at one end. Bytes are counted, not kept: messages are byte ranges. */
export interface TcpApplication {
  established(endpoint: TcpEndpoint): void;
  /** That many bytes more have arrived in order. */
  delivered(endpoint: TcpEndpoint, bytes: number): void;
  /** The other end will send no more; most answer with `close`. */
  finished(endpoint: TcpEndpoint): void;
  /** The connection is over; nothing follows. */
  closed(endpoint: TcpEndpoint, how: TcpOutcome): void;
}

export type TcpOutcome = 'closed' | 'reset' | 'timed-out';

/** What a host gives to its TCP endpoints. */
export interface TcpHost {
  readonly settings: TcpSettings;
  /** The clock that timers run on; a guest's may stand still. */
  readonly clock: TimerClock;
  /** Simulated time. */
  readonly world: { readonly nowNs: number };
  emit(packet: Packet): void;
  /** Called once, when the endpoint no longer takes packets. */
  forget(endpoint: TcpEndpoint): void;
}

/** One end of a TCP connection (RFC 9293), with the timers of Linux. Packets come in by `receive` and leave by the host's `emit`. */
export class TcpEndpoint {
  readonly identity: TcpIdentity;
  private readonly host: TcpHost;
  private readonly application: TcpApplication;
  private readonly receiver = new TcpReceiver();
  private readonly rtt: RttEstimator;
  private readonly localSequence: number;
  private remoteSequence = 0;
  private current: TcpState = 'closed';
  private inFlight: Segment[] = [];
  private unacknowledged = 0;
  private nextOffset = 0;
  private endOffset = 1;
  private finQueued = false;
  private peerWindowBytes = 65535;
  private retries = 0;
  private acksSent = 0;
  private event = noEvent;
  private lastSentAtNs = -1;

  constructor(identity: TcpIdentity, localSequence: number, host: TcpHost, application: TcpApplication) {
    this.identity = identity;
    this.localSequence = localSequence;
    this.host = host;
    this.application = application;
    this.rtt = new RttEstimator(host.settings.rtoMinNs, host.settings.rtoInitialNs);
  }

  get state(): TcpState {
    return this.current;
  }

  /** When this end sent its last packet, -1 for never; in simulated time, not the guest's. */
  get lastSentNs(): number {
    return this.lastSentAtNs;
  }

  /** Bytes written and not yet acknowledged. */
  get owedBytes(): number {
    return this.endOffset - Math.max(1, this.unacknowledged);
  }

  /** Opens the connection: sends a SYN. */
  open(): void {
    assert(this.current === 'closed', 'a connection is opened once');
    this.current = 'syn-sent';
    this.transmitNew(0, 1);
  }

  /** Opens the connection by the other end's SYN: answers it. */
  accept(syn: Packet): void {
    assert(this.current === 'closed', 'a connection is opened once');
    this.current = 'syn-received';
    this.remoteSequence = syn.sequence;
    this.peerWindowBytes = syn.window;
    this.transmitNew(0, 1);
  }

  /** Queues bytes for the other end; those written before the handshake is over wait for it. */
  send(bytes: number): void {
    assert(!this.finQueued, 'nothing is sent after a close');
    this.endOffset += bytes;
    this.push();
  }

  /** Says that this end sends no more, once all it has is sent. */
  close(): void {
    if (this.finQueued || this.current === 'closed') return;
    if (this.current === 'syn-sent') {
      this.end('closed');
      return;
    }
    this.finQueued = true;
    this.push();
  }

  /** Gives the connection up and tells the other end by a RST. */
  abort(): void {
    if (this.current === 'closed') return;
    this.emitSegment(this.nextOffset, 0, TcpFlag.rst | TcpFlag.ack, 0);
    this.end('reset');
  }

  /**
   * What this end would send next if it had to: the retransmission of what is not acknowledged, otherwise one
   * byte of data, otherwise (handshake not over, closed) null. Changes nothing.
   */
  nextPacket(): Packet | null {
    if (this.current === 'closed') return null;
    const first = this.inFlight[0];
    if (first !== undefined) return this.segmentPacket(first.start, first.end, first.transmissions);
    return this.packet(this.nextOffset, 1, TcpFlag.ack | TcpFlag.psh, 0);
  }

  /** Takes a packet of this connection. */
  receive(packet: Packet): void {
    if (this.current === 'syn-sent') this.receiveInSynSent(packet);
    else if (this.current !== 'closed') this.receiveSynchronised(packet);
  }

  private receiveInSynSent(packet: Packet): void {
    const acknowledges = (packet.tcpFlags & TcpFlag.ack) !== 0;
    const acceptable = acknowledges && this.offsetOf(packet.acknowledgement, this.localSequence, 0) === 1;
    if (acknowledges && !acceptable) return;
    if ((packet.tcpFlags & TcpFlag.rst) !== 0) {
      if (acceptable) this.end('reset');
      return;
    }
    if ((packet.tcpFlags & TcpFlag.syn) === 0 || !acceptable) return;
    this.remoteSequence = packet.sequence;
    this.peerWindowBytes = packet.window;
    this.acknowledge(1);
    this.step('handshake-done');
    this.emitAck();
    this.application.established(this);
    this.push();
  }

  /** RFC 9293, 3.10.7.4, with the RST check of RFC 5961, 3.2. */
  private receiveSynchronised(packet: Packet): void {
    const offset = this.offsetOf(packet.sequence, this.remoteSequence, this.receiver.nextOffset);
    if (!this.acceptable(offset, packet)) {
      if ((packet.tcpFlags & TcpFlag.rst) === 0) this.emitAck();
      return;
    }
    if ((packet.tcpFlags & TcpFlag.rst) !== 0) {
      if (offset === this.receiver.nextOffset) this.end('reset');
      else this.emitAck();
      return;
    }
    if ((packet.tcpFlags & TcpFlag.syn) !== 0) {
      if (this.current === 'syn-received') this.retransmitFirst();
      else this.emitAck();
      return;
    }
    if ((packet.tcpFlags & TcpFlag.ack) === 0 || !this.receiveAcknowledgement(packet)) return;
    this.receiveData(offset, packet);
    this.push();
  }

  /** Linux, net/ipv4/tcp_input.c, tcp_sequence: not wholly before what is expected, nor beyond the window. */
  private acceptable(offset: number, packet: Packet): boolean {
    const syn = (packet.tcpFlags & TcpFlag.syn) === 0 ? 0 : 1;
    const fin = (packet.tcpFlags & TcpFlag.fin) === 0 ? 0 : 1;
    const end = offset + packet.payloadBytes + syn + fin;
    return end >= this.receiver.nextOffset && offset <= this.receiver.nextOffset + this.windowBytes();
  }

  /** False when the acknowledgement is of something never sent: the packet is dropped. */
  private receiveAcknowledgement(packet: Packet): boolean {
    const offset = this.offsetOf(packet.acknowledgement, this.localSequence, this.unacknowledged);
    if (offset > this.nextOffset) {
      this.emitAck();
      return false;
    }
    if (offset < this.unacknowledged - 65535) return false;
    this.peerWindowBytes = packet.window;
    if (offset > this.unacknowledged) this.acknowledge(offset);
    if (this.current === 'syn-received' && this.unacknowledged >= 1) {
      this.step('handshake-done');
      this.application.established(this);
    }
    if (this.finQueued && this.unacknowledged > this.endOffset) this.step('fin-acknowledged');
    return true;
  }

  private receiveData(offset: number, packet: Packet): void {
    const fin = (packet.tcpFlags & TcpFlag.fin) !== 0;
    if (packet.payloadBytes === 0 && !fin) return;
    const wasFinished = this.receiver.finished;
    const bytes = this.receiver.accept(offset, packet.payloadBytes, fin);
    this.emitAck();
    if (bytes > 0) this.application.delivered(this, bytes);
    if (this.receiver.finished && !wasFinished) {
      this.step('fin-received');
      this.application.finished(this);
    }
  }

  private acknowledge(offset: number): void {
    this.unacknowledged = offset;
    this.retries = 0;
    let repaired = false;
    while (this.inFlight.length > 0 && this.inFlight[0]!.end <= offset) {
      const segment = this.inFlight.shift()!;
      if (segment.transmissions === 1) this.rtt.sample(this.host.clock.nowNs - segment.sentNs);
      else repaired = true;
    }
    const first = this.inFlight[0];
    if (first !== undefined && first.start < offset) first.start = offset;
    if (repaired) for (const segment of this.inFlight) this.retransmit(segment);
    this.armTimer();
  }

  /** Sends what is written and fits the other end's window. */
  private push(): void {
    if (this.unacknowledged === 0 || this.current === 'closed') return;
    const limit = this.unacknowledged + Math.max(this.peerWindowBytes, 1);
    while (this.nextOffset < Math.min(this.endOffset, limit)) {
      const end = Math.min(this.endOffset, limit, this.nextOffset + segmentBytesLargest);
      this.transmitNew(this.nextOffset, end);
    }
    const sendFin = this.finQueued && this.nextOffset === this.endOffset;
    if (sendFin && this.nextOffset < limit) {
      this.step('close');
      this.transmitNew(this.endOffset, this.endOffset + 1);
    }
  }

  private transmitNew(start: number, end: number): void {
    const segment = { start, end, sentNs: this.host.clock.nowNs, transmissions: 1 };
    this.inFlight.push(segment);
    this.nextOffset = end;
    if (!this.timerArmed) this.armTimer();
    this.emitPacket(this.segmentPacket(start, end, 0));
  }

  private retransmit(segment: Segment): void {
    this.emitPacket(this.segmentPacket(segment.start, segment.end, segment.transmissions));
    segment.transmissions++;
    segment.sentNs = this.host.clock.nowNs;
  }

  private retransmitFirst(): void {
    const first = this.inFlight[0];
    if (first !== undefined) this.retransmit(first);
  }

  private get timerArmed(): boolean {
    return this.event !== noEvent;
  }

  private armTimer(): void {
    this.host.clock.cancel(this.event);
    this.event = noEvent;
    if (this.inFlight.length === 0) return;
    this.event = this.host.clock.schedule(this.timeoutNs(), expire, this);
  }

  private timeoutNs(): number {
    const linear = this.current === 'syn-sent' ? this.host.settings.synLinearRetries : 0;
    const doublings = Math.max(0, this.retries - linear);
    return Math.min(this.rtt.rtoNs * 2 ** doublings, this.host.settings.rtoMaxNs);
  }

  /** Called when the retransmission timer expires, or TIME-WAIT is over. */
  expire(): void {
    this.event = noEvent;
    if (this.current === 'time-wait') {
      this.end('closed');
      return;
    }
    if (this.retries >= this.retriesMax()) {
      this.end('timed-out');
      return;
    }
    this.retries++;
    this.retransmitFirst();
    this.armTimer();
  }

  private retriesMax(): number {
    if (this.current === 'syn-sent')
      return this.host.settings.synLinearRetries + this.host.settings.synRetries;
    return this.current === 'syn-received' ? this.host.settings.synAckRetries : this.host.settings.retriesMax;
  }

  private step(event: TcpEvent): void {
    const next = tcpTransitions[this.current][event];
    if (next === this.current) return;
    this.current = next;
    if (next === 'closed') this.end('closed');
    if (next !== 'time-wait') return;
    this.host.clock.cancel(this.event);
    this.event = this.host.clock.schedule(this.host.settings.timeWaitNs, expire, this);
  }

  private end(how: TcpOutcome): void {
    this.current = 'closed';
    this.host.clock.cancel(this.event);
    this.event = noEvent;
    this.inFlight = [];
    this.host.forget(this);
    this.application.closed(this, how);
  }

  private emitAck(): void {
    this.acksSent++;
    this.emitSegment(this.nextOffset, 0, TcpFlag.ack, this.acksSent);
  }

  private emitSegment(offset: number, bytes: number, flags: number, transmission: number): void {
    this.emitPacket(this.packet(offset, bytes, flags, transmission));
  }

  private emitPacket(packet: Packet): void {
    this.lastSentAtNs = this.host.world.nowNs;
    this.host.emit(packet);
  }

  /** The packet of the offsets [start, end): offset 0 is the SYN, the one after the last byte the FIN. */
  private segmentPacket(start: number, end: number, transmission: number): Packet {
    if (start === 0) {
      const flags = this.current === 'syn-sent' ? TcpFlag.syn : TcpFlag.syn | TcpFlag.ack;
      return this.packet(0, 0, flags, transmission);
    }
    const fin = end > this.endOffset;
    const bytes = Math.min(end, this.endOffset) - start;
    const flags = TcpFlag.ack | (fin ? TcpFlag.fin : 0) | (bytes > 0 ? TcpFlag.psh : 0);
    return this.packet(start, bytes, flags, transmission);
  }

  private packet(offset: number, bytes: number, flags: number, transmission: number): Packet {
    const { identity } = this;
    const syn = (flags & TcpFlag.syn) !== 0;
    const acknowledges = (flags & TcpFlag.ack) !== 0;
    return makePacket({
      source: identity.local,
      sourcePort: identity.localPort,
      destination: identity.remote,
      destinationPort: identity.remotePort,
      protocol: Protocol.tcp,
      tcpFlags: flags,
      sequence: (this.localSequence + offset) >>> 0,
      acknowledgement: acknowledges ? (this.remoteSequence + this.receiver.nextOffset) >>> 0 : 0,
      window: this.windowBytes(),
      maximumSegmentBytes: syn ? this.host.settings.segmentBytesMax : -1,
      payloadBytes: bytes,
      fragmentId: transmission,
      intent: identity.intent,
      flow: identity.flow,
    });
  }

  private windowBytes(): number {
    return Math.min(65535, this.host.settings.receiveBufferBytes - this.receiver.waitingBytes);
  }

  /** Turns a sequence number into an offset, near to `around`: numbers wrap at 2^32, offsets do not. */
  private offsetOf(sequence: number, initial: number, around: number): number {
    return around + ((sequence - initial - around) | 0);
  }
}

/** A range of offsets sent at once and not yet acknowledged. */
interface Segment {
  start: number;
  readonly end: number;
  sentNs: number;
  transmissions: number;
}

/** Payload of the largest segment that offload hands down: 64 KiB less room for headers, in whole segments of 1460. */
const segmentBytesLargest = 44 * 1460;

function expire(endpoint: TcpEndpoint): void {
  endpoint.expire();
}
