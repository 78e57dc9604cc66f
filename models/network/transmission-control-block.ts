import { noEvent } from '../../sim/event-queue.ts';
import { idleColumns, type IdleConnections } from './idle-connections.ts';
import { TcpFlag, type Packet } from './packet.ts';
import { RttEstimator } from './rtt-estimator.ts';
import { TcpReceiver } from './tcp-receiver.ts';
import { TcpSender } from './tcp-sender.ts';
import type { TcpSettings } from './tcp-settings.ts';

/** What the retransmission timer is for. */
export type RetransmitReason = 'timeout' | 'probe' | 'reordering';

/** RFC 9293, 3.7.1: the segment size of an end that names none. */
const segmentBytesUnsaid = 536;

/**
 * All that an active end of a connection keeps (RFC 9293, 3.3.1), but for its name and state. An end with
 * nothing under way is put into a row of {@link IdleConnections} and made anew from it.
 */
export class TransmissionControlBlock {
  readonly rtt = new RttEstimator();
  readonly sender: TcpSender;
  readonly receiver = new TcpReceiver();
  retransmitDueNs = Infinity;
  retransmitReason: RetransmitReason = 'timeout';
  /** When the first data came that are to be acknowledged after the delay, Infinity without any. */
  ackOwedNs = Infinity;
  /** A tail-loss probe is not answered yet. */
  probeSent = false;
  finQueued = false;
  /** Shift of the other end's window, 0 until both ends have offered it; ours, the same. */
  peerScale = 0;
  ownScale = 0;
  selective = false;
  acksSent = 0;
  /** The offset up to which we have acknowledged. */
  acknowledgedOffset = 1;
  /** Data are answered by data soon enough for the acknowledgement to wait for them. */
  interactive = false;
  /** Ends of messages that came and are not acknowledged. */
  pushes = 0;
  private quickAcks: number;
  private lastDataNs = -Infinity;
  /** The end had been silent for long when it was made anew, and will soon be again. */
  sparse = false;
  keepAliveProbes = 0;
  lastReceivedNs = -Infinity;
  /** The other end's first sequence number, as a signed integer of 32 bits. */
  remoteSequence = 0;
  /** The pending event of the end, and when it comes. */
  event = noEvent;
  eventDueNs = Infinity;
  /** When a segment that did not fit was answered last; -1 before. */
  invalidAnsweredNs = -1;
  /** When the first retransmission by timeout since the last progress was sent, -1 without one. */
  firstRetransmissionNs = -1;

  constructor(settings: TcpSettings) {
    this.sender = new TcpSender(settings, this.rtt);
    this.quickAcks = settings.quickAcks;
  }

  /** The retransmission timeout without back-off. */
  rtoNs(settings: TcpSettings): number {
    return this.rtt.rtoNs(settings.rtoMinNs, settings.rtoInitialNs);
  }

  /**
   * From when on the end may be put into a row, Infinity while anything is under way or a timer runs: after the silence
   * of a timeout, when TCP has forgotten its pace and when data last came anyway (RFC 2861; net/ipv4/tcp_input.c,
   * tcp_event_data_recv); at once where it has come from a row after a long silence, and a row holds all there is to it.
   */
  parkDueNs(settings: TcpSettings): number {
    if (!this.quiet || settings.keepAlive !== null) return Infinity;
    if (this.sparse && this.sender.plain && !this.receiver.hasBlocks) return -Infinity;
    return this.lastReceivedNs + this.rtoNs(settings);
  }

  private get quiet(): boolean {
    return (
      this.sender.idle &&
      !this.finQueued &&
      this.keepAliveProbes === 0 &&
      !this.receiver.hasHole &&
      !this.receiver.finished &&
      this.ackOwedNs === Infinity &&
      this.retransmitDueNs === Infinity
    );
  }

  /** The other end's SYN: what both ends have offered holds (RFC 7323, 2.2; RFC 2018, 2; RFC 9293, 3.7.1). */
  agreeOptions(syn: Packet, settings: TcpSettings): void {
    this.remoteSequence = syn.sequence | 0;
    if (syn.windowScale >= 0 && settings.windowScale >= 0) {
      this.peerScale = syn.windowScale;
      this.ownScale = settings.windowScale;
    }
    this.selective = settings.selectiveAcknowledgement && syn.sackPermitted;
    const offered = syn.maximumSegmentBytes >= 0 ? syn.maximumSegmentBytes : segmentBytesUnsaid;
    this.sender.segmentBytes = Math.min(settings.segmentBytesMax, offered);
    this.sender.peerWindowBytes = syn.window;
  }

  /**
   * Whether data that came now are acknowledged at once: for more than one full segment, for anything out of order, for
   * the first ones after a pause and the end of a message where this end does not answer by data, and for the second message.
   * The application reads at once. Source: Linux 6.18, net/ipv4/tcp_input.c, __tcp_ack_snd_check, tcp_event_data_recv,
   * tcp_measure_rcv_mss; net/ipv4/tcp.c, __tcp_cleanup_rbuf.
   */
  acknowledgesAtOnce(odd: boolean, nowNs: number, settings: TcpSettings): boolean {
    const pauseNs = nowNs - this.lastDataNs;
    this.lastDataNs = nowNs;
    if (pauseNs > this.rtoNs(settings)) this.quickAcks = settings.quickAcks;
    const waiting = this.receiver.nextOffset - this.acknowledgedOffset;
    if (odd || waiting > this.sender.segmentBytes || this.pushes >= 2) return true;
    if (this.interactive) return false;
    if (this.quickAcks === 0) return this.pushes > 0;
    this.quickAcks--;
    return true;
  }

  /** A message ends where a segment is short or says so (net/ipv4/tcp_input.c, tcp_measure_rcv_mss). */
  noteSegment(packet: Packet): void {
    const ends = (packet.tcpFlags & TcpFlag.psh) !== 0 || packet.payloadBytes < this.sender.segmentBytes;
    if (ends) this.pushes++;
  }

  /** Data came a second time: the other end may be in slow start again (net/ipv4/tcp_input.c, tcp_enter_quickack_mode). */
  noteOld(offset: number, packet: Packet, settings: TcpSettings): void {
    this.interactive = false;
    this.quickAcks = settings.quickAcks;
    if (packet.payloadBytes > 0) this.receiver.cameTwice(offset, packet.payloadBytes);
  }

  /** Data are sent: soon after some have come, they make the end an interactive one (tcp_event_data_sent). */
  answers(nowNs: number, settings: TcpSettings): void {
    if (nowNs - this.lastDataNs < settings.delayedAckNs) this.interactive = true;
  }

  /** Data are written after so long in which the end sent nothing: its pace may have been forgotten. */
  slowAfterIdle(silentNs: number, settings: TcpSettings): void {
    if (!this.sender.idle) return;
    const rtoNs = this.rtoNs(settings);
    if (silentNs > rtoNs) this.sender.restartAfterIdle(silentNs, rtoNs);
  }

  /** Puts a quiet block into a row; what congestion control learnt about its growth is given up. */
  save(idle: IdleConnections): number {
    const row = idle.take();
    const cells = idle.array;
    const { sender, rtt } = this;
    let at = row * idleColumns;
    cells[at++] = sender.unacknowledged;
    cells[at++] = this.receiver.nextOffset;
    cells[at++] = rtt.smoothedNs;
    cells[at++] = rtt.deviationNs;
    cells[at++] = rtt.minNs;
    cells[at++] = sender.window;
    cells[at++] = sender.threshold;
    cells[at++] = sender.peerWindowBytes;
    cells[at++] = this.acksSent;
    cells[at++] = this.remoteSequence;
    cells[at++] = this.invalidAnsweredNs;
    cells[at++] = this.lastDataNs;
    const flags = (this.selective ? 1 : 0) + (this.interactive ? 2 : 0);
    const scales = (sender.segmentBytes * 16 + this.peerScale) * 16 + this.ownScale;
    cells[at] = (scales * 256 + this.quickAcks) * 4 + flags;
    return row;
  }

  /** The block that was put into a row. */
  static restore(idle: IdleConnections, row: number): TransmissionControlBlock {
    const block = new TransmissionControlBlock(idle.settings);
    const cells = idle.array;
    const { sender, rtt, receiver } = block;
    let at = row * idleColumns;
    const offset = whole(cells[at++]!);
    sender.unacknowledged = offset;
    sender.nextOffset = offset;
    sender.endOffset = offset;
    receiver.nextOffset = whole(cells[at++]!);
    rtt.restore(whole(cells[at]!), whole(cells[at + 1]!), whole(cells[at + 2]!));
    at += 3;
    sender.window = cells[at++]!;
    sender.threshold = cells[at++]!;
    sender.peerWindowBytes = whole(cells[at++]!);
    block.acksSent = whole(cells[at++]!);
    block.remoteSequence = whole(cells[at++]!);
    block.invalidAnsweredNs = whole(cells[at++]!);
    block.lastDataNs = cells[at++]!;
    block.unpackOptions(cells[at]!);
    block.acknowledgedOffset = receiver.nextOffset;
    return block;
  }

  private unpackOptions(packed: number): void {
    this.selective = packed % 2 === 1;
    this.interactive = Math.floor(packed / 2) % 2 === 1;
    this.quickAcks = Math.floor(packed / 4) % 256;
    const scales = Math.floor(packed / 1024);
    this.ownScale = scales % 16;
    this.peerScale = Math.floor(scales / 16) % 16;
    this.sender.segmentBytes = Math.floor(scales / 256);
  }
}

/**
 * The same number, kept as an integer: what is read from doubles stays a double, and would make doubles of every
 * offset and size that is computed from it, which take more room and other code.
 */
function whole(value: number): number {
  return Math.floor(value);
}
