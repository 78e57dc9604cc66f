import { noEvent } from '../../sim/event-queue.ts';
import { infiniteThreshold, type CongestionControl } from './congestion-control.ts';
import { idleColumns, type IdleConnections } from './idle-connections.ts';
import { TcpFlag, timestampBytes, type Packet } from './packet.ts';
import type { ProportionalRateReduction } from './proportional-rate-reduction.ts';
import { rtoNs } from './rtt-estimator.ts';
import {
  hasFinished,
  hasHole,
  hasSackBlocks,
  noPieces,
  noteTwice,
  type TcpReceiver,
} from './tcp-receiver.ts';
import type { SentRange } from './tcp-scoreboard.ts';
import { restartAfterIdle, senderIdle, senderPlain, type SenderPhase, type TcpSender } from './tcp-sender.ts';
import type { TcpSettings } from './tcp-settings.ts';
import type { WindowUndo } from './window-undo.ts';

/** What the retransmission timer is for. */
export type RetransmitReason = 'timeout' | 'probe' | 'reordering';

/** RFC 9293, 3.7.1: the segment size of an end that names none. */
const segmentBytesUnsaid = 536;

/**
 * All that an active end of a connection keeps (RFC 9293, 3.3.1), but for its name and state: one object, as in Linux,
 * since each packet asks for most of it, and what the others have driven out of the cache comes back in one piece. First
 * what every packet touches, then what only some do. An end with nothing under way is put into a row of
 * {@link IdleConnections} and made anew from it.
 */
export class TransmissionControlBlock implements TcpSender, TcpReceiver {
  readonly settings: TcpSettings;

  firstRange: SentRange | null = null;
  lastRange: SentRange | null = null;
  spareRange: SentRange | null = null;
  sentSegments = 0;
  unacknowledged = 0;
  nextOffset = 0;
  endOffset = 1;
  expectedOffset = 1;
  /** The offset up to which we have acknowledged. */
  acknowledgedOffset = 1;
  /** The first sequence numbers of this end and of the other, as signed integers of 32 bits. */
  readonly ownSequence: number;
  remoteSequence = 0;
  peerWindowBytes = 65535;
  segmentBytes: number;
  /** Shift of the other end's window, 0 until both ends have offered it; ours, the same. */
  peerScale = 0;
  ownScale = 0;
  selective = false;
  /** The timestamp to echo, -1 where the ends have not agreed on any. */
  recentStamp = -1;

  retransmitDueNs = Infinity;
  retransmitReason: RetransmitReason = 'timeout';
  /** When the first data came that are to be acknowledged after the delay, Infinity without any. */
  ackOwedNs = Infinity;
  lastDataNs = -Infinity;
  lastReceivedNs = -Infinity;
  /** When the pending event of the end comes, and which it is. */
  eventDueNs = Infinity;
  event = noEvent;
  /** Data are answered by data soon enough for the acknowledgement to wait for them. */
  interactive = false;
  /** Ends of messages that came and are not acknowledged. */
  pushes = 0;
  quickAcks: number;
  probeEnd = -1;
  probeRepeats = false;
  finQueued = false;
  /** No application holds the end any more (Linux, SOCK_DEAD). */
  orphaned = false;
  /** The end had been silent for long when it was made anew, and will soon be again. */
  sparse = false;
  keepAliveProbes = 0;

  smoothedRttNs = 0;
  rttDeviationNs = 0;
  rttVariationNs = 0;
  roundVariationNs = 0;
  rttRoundEnd = 0;
  shortestRttNs = 0;
  window: number;
  threshold = infiniteThreshold;
  phase: SenderPhase = 'open';
  congestion: CongestionControl | null = null;
  slowStartEnd = 0;
  slowStartNs = -Infinity;
  usedSegments = 0;
  roundEnd = 0;
  timeouts = 0;
  duplicates = 0;
  /**
   * When the first retransmission by timeout since the last progress was sent, -1 without one; while a SYN is
   * unanswered, when the first was sent (Linux, retrans_stamp).
   */
  firstRetransmissionNs = -1;
  pieces = noPieces;
  finOffset = -1;
  twiceStart = -1;
  sackedSegments = 0;
  lostSegments = 0;
  resentSegments = 0;
  undo: WindowUndo | null = null;
  reduction: ProportionalRateReduction | null = null;
  rackOrder = -1;

  rackEnd = 0;
  rackRttNs = 0;
  reorderingWaitNs = Infinity;
  lastRangeNs = -Infinity;
  dataRttNs = 0;
  recoverOffset = 0;
  lastTimeoutNs = -1;
  backOffs = 0;
  losses = 0;
  transmissions = 0;
  twiceEnd = -1;
  acksSent = 0;
  /** When a segment that did not fit was answered last; -1 before. */
  invalidAnsweredNs = -1;

  constructor(settings: TcpSettings, ownSequence: number) {
    this.settings = settings;
    this.ownSequence = ownSequence | 0;
    this.window = settings.initialWindow;
    this.segmentBytes = settings.segmentBytesMax;
    this.quickAcks = settings.quickAcks;
  }

  /**
   * From when on the end may be put into a row, Infinity while anything is under way or a timer runs: after the silence
   * of a timeout, when TCP has forgotten its pace and when data last came anyway (RFC 2861; net/ipv4/tcp_input.c,
   * tcp_event_data_recv); at once where it has come from a row after a long silence, and a row holds all there is to it.
   */
  parkDueNs(): number {
    if (!this.quiet || this.settings.keepAlive !== null) return Infinity;
    if (this.sparse && senderPlain(this) && !hasSackBlocks(this)) return -Infinity;
    return this.lastReceivedNs + rtoNs(this, this.settings);
  }

  private get quiet(): boolean {
    return (
      senderIdle(this) &&
      !this.finQueued &&
      this.keepAliveProbes === 0 &&
      !hasHole(this) &&
      !hasFinished(this) &&
      this.ackOwedNs === Infinity &&
      this.retransmitDueNs === Infinity
    );
  }

  /** The other end's SYN: what both ends have offered holds (RFC 7323, 2.2; RFC 2018, 2; RFC 9293, 3.7.1). */
  agreeOptions(syn: Packet): void {
    const { settings } = this;
    this.remoteSequence = syn.sequence | 0;
    if (syn.windowScale >= 0 && settings.windowScale >= 0) {
      this.peerScale = syn.windowScale;
      this.ownScale = settings.windowScale;
    }
    this.selective = settings.selectiveAcknowledgement && syn.sackPermitted;
    if (settings.listen.timestamps) this.recentStamp = syn.timestamp;
    const offered = syn.maximumSegmentBytes >= 0 ? syn.maximumSegmentBytes : segmentBytesUnsaid;
    const optionBytes = this.recentStamp >= 0 ? timestampBytes : 0;
    this.segmentBytes = Math.min(settings.segmentBytesMax, offered) - optionBytes;
    this.peerWindowBytes = syn.window;
  }

  /**
   * Whether data that came now are acknowledged at once: for more than one full segment, for anything out of order, for
   * the first ones after a pause and the end of a message where this end does not answer by data, and for the second message.
   * The application reads at once. Source: Linux 6.18, net/ipv4/tcp_input.c, __tcp_ack_snd_check, tcp_event_data_recv,
   * tcp_measure_rcv_mss; net/ipv4/tcp.c, __tcp_cleanup_rbuf.
   */
  acknowledgesAtOnce(odd: boolean, inOrder: boolean, nowNs: number): boolean {
    if (inOrder) this.noteTimeOfData(nowNs);
    const waiting = this.expectedOffset - this.acknowledgedOffset;
    if (odd || waiting > this.segmentBytes || this.pushes >= 2) return true;
    if (this.interactive) return false;
    return this.quickAcks > 0 || this.pushes > 0;
  }

  private noteTimeOfData(nowNs: number): void {
    const pauseNs = nowNs - this.lastDataNs;
    this.lastDataNs = nowNs;
    if (pauseNs > rtoNs(this, this.settings)) this.quickAcks = this.settings.quickAcks;
  }

  /**
   * What will be echoed: the timestamp of what came last of all that begins before the last acknowledgement, so that
   * the echo is of the packet which filled a gap (RFC 7323, 4.3; Linux, net/ipv4/tcp_input.c, tcp_replace_ts_recent).
   */
  noteStamp(offset: number, timestamp: number): void {
    if (this.recentStamp < 0 || offset > this.acknowledgedOffset) return;
    if (timestamp > this.recentStamp) this.recentStamp = timestamp;
  }

  /** A message ends where a segment is short or says so (net/ipv4/tcp_input.c, tcp_measure_rcv_mss). */
  noteSegment(packet: Packet): void {
    const ends = (packet.tcpFlags & TcpFlag.psh) !== 0 || packet.payloadBytes < this.segmentBytes;
    if (ends) this.pushes++;
  }

  /** Data came a second time: the other end may be in slow start again (net/ipv4/tcp_input.c, tcp_enter_quickack_mode). */
  noteOld(offset: number, packet: Packet): void {
    this.interactive = false;
    this.quickAcks = this.settings.quickAcks;
    if (packet.payloadBytes > 0) noteTwice(this, offset, packet.payloadBytes);
  }

  /** Data are sent: soon after some have come, they make the end an interactive one (tcp_event_data_sent). */
  answers(nowNs: number): void {
    if (nowNs - this.lastDataNs < this.settings.delayedAckNs) this.interactive = true;
  }

  /** Data are written after so long in which the end sent nothing: its pace may have been forgotten. */
  slowAfterIdle(silentNs: number): void {
    if (!senderIdle(this)) return;
    const timeoutNs = rtoNs(this, this.settings);
    if (silentNs > timeoutNs) restartAfterIdle(this, silentNs, timeoutNs);
  }

  /** Puts a quiet block into a row; what congestion control learnt about its growth is given up. */
  save(idle: IdleConnections): number {
    const row = idle.take();
    const cells = idle.array;
    let at = row * idleColumns;
    cells[at++] = this.unacknowledged;
    cells[at++] = this.expectedOffset;
    cells[at++] = this.smoothedRttNs;
    cells[at++] = this.rttDeviationNs;
    cells[at++] = this.rttVariationNs;
    cells[at++] = this.roundVariationNs;
    cells[at++] = this.shortestRttNs;
    cells[at++] = this.window;
    cells[at++] = this.threshold;
    cells[at++] = this.peerWindowBytes;
    cells[at++] = this.acksSent;
    cells[at++] = this.remoteSequence;
    cells[at++] = this.invalidAnsweredNs;
    cells[at++] = this.lastDataNs;
    cells[at++] = this.recentStamp;
    const flags = (this.selective ? 1 : 0) + (this.interactive ? 2 : 0);
    const scales = (this.segmentBytes * 16 + this.peerScale) * 16 + this.ownScale;
    cells[at] = (scales * 256 + this.quickAcks) * 4 + flags;
    return row;
  }

  /** The block that was put into a row. */
  static restore(idle: IdleConnections, row: number, ownSequence: number): TransmissionControlBlock {
    const block = new TransmissionControlBlock(idle.settings, ownSequence);
    const cells = idle.array;
    let at = row * idleColumns;
    const offset = whole(cells[at++]!);
    block.unacknowledged = offset;
    block.nextOffset = offset;
    block.endOffset = offset;
    block.expectedOffset = whole(cells[at++]!);
    block.smoothedRttNs = whole(cells[at++]!);
    block.rttDeviationNs = whole(cells[at++]!);
    block.rttVariationNs = whole(cells[at++]!);
    block.roundVariationNs = whole(cells[at++]!);
    block.rttRoundEnd = offset;
    block.shortestRttNs = whole(cells[at++]!);
    block.dataRttNs = block.shortestRttNs;
    block.window = cells[at++]!;
    block.threshold = cells[at++]!;
    block.peerWindowBytes = whole(cells[at++]!);
    block.acksSent = whole(cells[at++]!);
    block.remoteSequence = whole(cells[at++]!);
    block.invalidAnsweredNs = whole(cells[at++]!);
    block.lastDataNs = cells[at++]!;
    block.recentStamp = whole(cells[at++]!);
    block.unpackOptions(cells[at]!);
    block.acknowledgedOffset = block.expectedOffset;
    return block;
  }

  private unpackOptions(packed: number): void {
    this.selective = packed % 2 === 1;
    this.interactive = Math.floor(packed / 2) % 2 === 1;
    this.quickAcks = Math.floor(packed / 4) % 256;
    const scales = Math.floor(packed / 1024);
    this.ownScale = scales % 16;
    this.peerScale = Math.floor(scales / 16) % 16;
    this.segmentBytes = Math.floor(scales / 256);
  }
}

/**
 * The same number, kept as an integer: what is read from doubles stays a double, and would make doubles of every
 * offset and size that is computed from it, which take more room and other code.
 */
function whole(value: number): number {
  return Math.floor(value);
}
