import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Address } from './address.ts';
import { TcpFlag, type Intent, type Packet } from './packet.ts';
import { initialSequence } from './initial-sequence.ts';
import { resetFor } from './reset-for.ts';
import type { TcpApplication, TcpOutcome } from './tcp-application.ts';
import type { TcpEnd, TcpHost, TcpIdentity } from './tcp-end.ts';
import { comesTooLate, fitsReset, hasFin, owesReset, takeData, takeSynAnswer } from './tcp-input.ts';
import {
  answerSynAgain,
  answerInvalid,
  answerUnfit,
  emitAck,
  emitKeepAlive,
  emitReset,
  packetIfAsked,
  restartTimer,
  sendAgain,
  sendLost,
  sendNew,
  sendProbe,
} from './tcp-output.ts';
import {
  acceptable,
  acknowledgesSyn,
  offsetOf,
  oldestAcknowledgedBytes,
  sackOffsets,
} from './tcp-sequence.ts';
import { hasFinished } from './tcp-receiver.ts';
import { beginTransfer, reorderingOver, timedOut } from './tcp-recovery.ts';
import { nextLost, owesLost } from './tcp-scoreboard.ts';
import { acknowledged, lostRange, newRangeEnd, noteSentBefore, senderIdle } from './tcp-sender.ts';
import { tcpTransitions, type TcpEvent, type TcpState } from './tcp-state.ts';
import { ackDueNs, givesUp, keepAliveDueNs, setClosingTimer, waitForReordering } from './tcp-timers.ts';
import { TransmissionControlBlock } from './transmission-control-block.ts';

/**
 * One end of a TCP connection (RFC 9293), with the timers of Linux. Packets come in by `receive` and leave by the
 * host's `emit`. An end with nothing under way for a while is kept as a row of numbers.
 */
export class TcpEndpoint implements TcpEnd {
  readonly local: Address;
  readonly localPort: number;
  readonly remote: Address;
  readonly remotePort: number;
  readonly flow: number;
  readonly intent: Intent;
  /** The next endpoint of its host with the same hash. */
  next: TcpEndpoint | null = null;
  readonly host: TcpHost;
  private readonly application: TcpApplication;
  private current: TcpState = 'closed';
  private active: TransmissionControlBlock | null = null;
  private idleRow = -1;
  private lastSentAtNs = -1;

  constructor(identity: TcpIdentity, host: TcpHost, application: TcpApplication) {
    this.local = identity.local;
    this.localPort = identity.localPort;
    this.remote = identity.remote;
    this.remotePort = identity.remotePort;
    this.flow = identity.flow;
    this.intent = identity.intent;
    this.host = host;
    this.application = application;
  }

  /** What names the connection, for those who remember it longer than it lasts. */
  get identity(): TcpIdentity {
    const { local, localPort, remote, remotePort, flow, intent } = this;
    return { local, localPort, remote, remotePort, flow, intent };
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
    if (this.active === null) return 0;
    const { endOffset, unacknowledged } = this.active;
    return Math.max(0, endOffset - Math.max(1, unacknowledged));
  }

  /** Opens the connection: sends a SYN. */
  open(): void {
    assert(this.current === 'closed', 'a connection is opened once');
    this.current = 'syn-sent';
    this.active = new TransmissionControlBlock(this.host.settings, initialSequence(this));
    this.active.firstRetransmissionNs = this.nowNs;
    sendNew(this, 1);
    this.arm();
  }

  /** Opens the connection by the other end's SYN: answers it, unless a cookie has done so. */
  accept(syn: Packet, answered: boolean): void {
    assert(this.current === 'closed', 'a connection is opened once');
    this.current = 'syn-received';
    this.active = new TransmissionControlBlock(this.host.settings, initialSequence(this));
    this.active.agreeOptions(syn);
    if (answered) noteSentBefore(this.active, this.nowNs);
    else sendNew(this, 1);
    this.arm();
  }

  /** Queues bytes for the other end; those written before the handshake is over wait for it. */
  send(bytes: number): void {
    const { block, host } = this;
    assert(!block.finQueued, 'nothing is sent after a close');
    block.slowAfterIdle(host.world.nowNs - this.lastSentAtNs);
    block.endOffset += bytes;
    this.push();
    this.arm();
  }

  /** Whether something can be written: also when the other end has closed its half. */
  get mayWrite(): boolean {
    const open = this.current === 'established' || this.current === 'close-wait';
    return open && this.active?.finQueued !== true;
  }

  /** Says that this end sends no more, once all it has is sent; it still reads (shutdown with SHUT_WR). */
  shutdown(): void {
    if (this.current === 'syn-sent') this.end('closed');
    if (this.current === 'closed' || this.block.finQueued) return;
    this.block.finQueued = true;
    this.push();
    this.arm();
  }

  /** The application lets go: nobody reads any more, and what it has written is still sent, as long as the kernel cares. */
  close(): void {
    if (this.current === 'closed' || this.block.orphaned) return;
    this.block.orphaned = true;
    if (this.current === 'fin-wait-2') setClosingTimer(this);
    this.shutdown();
    this.arm();
  }

  /** Gives the connection up and tells the other end by a RST. */
  abort(): void {
    if (this.current === 'closed') return;
    if (owesReset(this)) emitReset(this);
    this.end('reset');
  }

  /**
   * What this end would send next if it had to: the retransmission of what is not acknowledged, otherwise one
   * byte of data; null when the connection is over. Sends nothing and changes nothing that can be observed.
   */
  nextPacket(): Packet | null {
    return this.current === 'closed' ? null : packetIfAsked(this);
  }

  /** Takes a packet of this connection. */
  receive(packet: Packet): void {
    if (this.current === 'closed') return;
    const block = this.block;
    block.lastReceivedNs = this.nowNs;
    block.keepAliveProbes = 0;
    if (this.current === 'syn-sent') this.receiveInSynSent(packet);
    else this.receiveSynchronised(packet);
    this.arm();
  }

  /** Called by the clock at the earliest time when something may be due. */
  expire(): void {
    const block = this.block;
    block.event = noEvent;
    block.eventDueNs = Infinity;
    const nowNs = this.nowNs;
    if (ackDueNs(block) <= nowNs) {
      block.interactive = false;
      emitAck(this, 0);
    }
    if (block.retransmitDueNs <= nowNs) this.retransmitDue();
    if (this.active === block && keepAliveDueNs(block, this.current) <= nowNs) this.keepAlive();
    this.arm();
  }

  private get nowNs(): number {
    return this.host.clock.nowNs;
  }

  /** What an active end keeps, made anew when the end was idle. */
  get block(): TransmissionControlBlock {
    return this.active ?? this.revive();
  }

  /** Called with each packet that leaves: it carries the acknowledgement that was due. */
  sent(): void {
    const block = this.block;
    this.lastSentAtNs = this.host.world.nowNs;
    if (block.ackOwedNs !== Infinity && block.quickAcks > 0) block.quickAcks--;
    block.ackOwedNs = Infinity;
    block.pushes = 0;
    block.acknowledgedOffset = block.expectedOffset;
  }

  private revive(): TransmissionControlBlock {
    assert(this.idleRow >= 0, 'an end is active or idle from its first packet on');
    const { idle } = this.host;
    const block = TransmissionControlBlock.restore(idle, this.idleRow, initialSequence(this));
    block.sparse = this.host.world.nowNs - this.lastSentAtNs > this.host.settings.rtoMinNs;
    idle.release(this.idleRow);
    this.idleRow = -1;
    this.active = block;
    return block;
  }

  private park(block: TransmissionControlBlock): void {
    this.host.clock.cancel(block.event);
    this.idleRow = block.save(this.host.idle);
    this.active = null;
  }

  private receiveInSynSent(packet: Packet): void {
    if (!acknowledgesSyn(this, packet)) return;
    if ((packet.tcpFlags & TcpFlag.rst) !== 0) {
      this.end('reset');
      return;
    }
    if ((packet.tcpFlags & TcpFlag.syn) === 0) return;
    takeSynAnswer(this.block, packet, this.nowNs);
    this.step('handshake-done');
    emitAck(this, 0);
    restartTimer(this);
    this.application.established(this);
    this.push();
  }

  /** RFC 9293, 3.10.7.4, with the RST and SYN checks of RFC 5961, 3.2 and 4.2. */
  private receiveSynchronised(packet: Packet): void {
    const { expectedOffset, remoteSequence } = this.block;
    const offset = offsetOf(packet.sequence, remoteSequence, expectedOffset);
    const reset = (packet.tcpFlags & TcpFlag.rst) !== 0;
    if (reset && fitsReset(this, offset)) this.end('reset');
    else if ((packet.tcpFlags & TcpFlag.syn) !== 0 && this.current === 'syn-received') answerSynAgain(this);
    else if (!acceptable(this, offset, packet)) {
      if (!reset && packet.payloadBytes > 0) answerUnfit(this, offset, packet);
      else if (!reset) answerInvalid(this);
    } else if (reset || (packet.tcpFlags & TcpFlag.syn) !== 0) answerInvalid(this);
    else if ((packet.tcpFlags & TcpFlag.ack) !== 0 && this.receiveAcknowledgement(packet)) {
      this.block.noteStamp(offset, packet.timestamp);
      this.receiveData(offset, packet);
      this.push();
    }
  }

  /** False when the acknowledgement is of something never sent, or very old (RFC 5961, 5.2): the packet is dropped. */
  private receiveAcknowledgement(packet: Packet): boolean {
    const block = this.block;
    const offset = offsetOf(packet.acknowledgement, block.ownSequence, block.unacknowledged);
    if (offset > block.nextOffset || offset < block.unacknowledged - oldestAcknowledgedBytes) {
      answerInvalid(this);
      return false;
    }
    const windowBytes = packet.window << block.peerScale;
    const duplicate = packet.payloadBytes === 0 && offset === block.unacknowledged;
    const repeats = duplicate && windowBytes === block.peerWindowBytes && !senderIdle(block);
    const synsAgain = this.current === 'syn-received' ? block.timeouts : 0;
    if (offset >= block.unacknowledged) {
      block.peerWindowBytes = windowBytes;
      const advances = offset > block.unacknowledged;
      const { timestampEcho } = packet;
      const news = acknowledged(block, offset, sackOffsets(this, packet), repeats, timestampEcho, this.nowNs);
      if (news) this.progressed(advances);
    }
    if (this.current === 'syn-received' && block.unacknowledged >= 1) {
      if (synsAgain > 0) beginTransfer(block, 0);
      this.step('handshake-done');
      this.host.handshakeOver(this);
      this.application.established(this);
    }
    if (block.finQueued && block.unacknowledged > block.endOffset) this.step('fin-acknowledged');
    return this.current !== 'closed';
  }

  /** Only what is acknowledged in order restarts the timeout (RFC 6298, 5.3); selective news are for RACK. */
  private progressed(advances: boolean): void {
    const block = this.block;
    if (advances) block.firstRetransmissionNs = -1;
    if (this.current === 'time-wait') return;
    if (!waitForReordering(block, this.nowNs) && advances) restartTimer(this);
  }

  private receiveData(offset: number, packet: Packet): void {
    const fin = hasFin(packet);
    if (packet.payloadBytes === 0 && !fin) return;
    const block = this.block;
    if (comesTooLate(block, offset, packet)) {
      this.host.emit(resetFor(packet));
      this.end('reset');
      return;
    }
    const wasFinished = hasFinished(block);
    const bytes = takeData(this, offset, packet, fin);
    if (bytes > 0) this.application.delivered(this, bytes);
    if (hasFinished(block) && !wasFinished) {
      this.step('fin-received');
      this.application.finished(this);
    }
  }

  /** Sends again what is lost, then what is new, as far as the windows allow. */
  private push(): void {
    if (this.current === 'closed' || this.current === 'syn-sent' || this.current === 'time-wait') return;
    const block = this.block;
    if (block.unacknowledged === 0) return;
    if (owesLost(block)) sendLost(this);
    const { nowNs } = this;
    for (let end = newRangeEnd(block, nowNs); end > block.nextOffset; end = newRangeEnd(block, nowNs)) {
      if (end > block.endOffset) this.step('close');
      sendNew(this, end);
    }
  }

  private retransmitDue(): void {
    const block = this.block;
    if (this.current === 'time-wait' || this.current === 'fin-wait-2') this.end('closed');
    else if (block.retransmitReason === 'probe') sendProbe(this);
    else if (block.retransmitReason === 'reordering') {
      reorderingOver(block, this.nowNs);
      if (owesLost(block)) sendLost(this);
      restartTimer(this);
    } else this.timeOut();
  }

  /** The retransmission timeout: the first range again, twice the patience (RFC 6298, 5.4 to 5.6). */
  private timeOut(): void {
    const block = this.block;
    if (givesUp(this)) {
      this.end('timed-out');
      return;
    }
    timedOut(block, this.nowNs);
    if (block.firstRetransmissionNs < 0) block.firstRetransmissionNs = this.nowNs;
    const lost = this.current === 'syn-sent' ? nextLost(block, 1) : lostRange(block);
    if (lost !== null) sendAgain(this, lost);
    restartTimer(this);
  }

  /** An old byte that must be acknowledged (RFC 9293, 3.8.4); silence after enough of them ends the connection. */
  private keepAlive(): void {
    if (this.block.keepAliveProbes < this.host.settings.keepAlive!.probesMax) {
      emitKeepAlive(this);
      return;
    }
    emitReset(this);
    this.end('timed-out');
  }

  /** Sees to it that an event comes no later than the next thing due; an end with nothing due is kept as a row, now or later. */
  private arm(): void {
    const block = this.active;
    if (block === null) return;
    const { settings, clock } = this.host;
    let earliestNs = Math.min(keepAliveDueNs(block, this.current), block.retransmitDueNs);
    const silent = earliestNs === Infinity && block.ackOwedNs === Infinity && this.current === 'established';
    // Timers are never early: where an event comes before the delay is over, nobody asks for the tick.
    if (block.ackOwedNs + settings.delayedAckNs < block.eventDueNs)
      earliestNs = Math.min(earliestNs, ackDueNs(block));
    if (silent && (block.sparse || block.event === noEvent)) earliestNs = block.parkDueNs();
    if (silent && earliestNs <= clock.nowNs) this.park(block);
    else if (earliestNs < block.eventDueNs) {
      clock.cancel(block.event);
      block.event = clock.schedule(Math.max(0, earliestNs - clock.nowNs), expire, this);
      block.eventDueNs = earliestNs;
    }
  }

  private step(event: TcpEvent): void {
    const next = tcpTransitions[this.current][event];
    if (next === this.current) return;
    this.current = next;
    if (next === 'closed') this.end('closed');
    else setClosingTimer(this);
  }

  private end(how: TcpOutcome): void {
    this.current = 'closed';
    if (this.active !== null) this.host.clock.cancel(this.active.event);
    this.active = null;
    this.host.forget(this);
    this.application.closed(this, how);
  }
}

function expire(endpoint: TcpEndpoint): void {
  endpoint.expire();
}
