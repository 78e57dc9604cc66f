import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { ms, s } from '../../sim/time.ts';
import type { DropCause } from '../observations.ts';
import { FairQueue } from './fair-queue.ts';
import type { Flood } from './flood.ts';
import type { FluidMedium } from './fluid-medium.ts';
import {
  frameOf,
  framePayloadBytes,
  frameUnderWay,
  oneFrameBytesMax,
  wholeInNs,
  wireBytes,
  wireFrames,
} from './frame.ts';
import type { Frame, FrameSink } from './frame.ts';
import { FrameTrain } from './frame-train.ts';
import { partOf, type Packet } from './packet.ts';

/** What a link is; rates in bit/s, loss as the probability that one Ethernet frame is lost. */
export interface LinkSettings {
  readonly rateBps: number;
  readonly delayNs: number;
  /** Bytes on the wire that may wait, the frame in service included. */
  readonly queueBytes: number;
  readonly lossPerFrame: number;
}

/** Told of each frame that ends at a link. */
export type DropObserver = (frame: Frame, place: string, cause: DropCause) => void;

/**
 * One direction of a wire: a queue, a rate, a delay with jitter, and loss drawn per Ethernet frame.
 *
 * With a drop-tail queue one event a hop: the arrival is computed from when the wire becomes free. A segmentation-offload packet that
 * loses some of its frames, or for which the queue has too little room, arrives as the parts that are left. A machine gets each part
 * with its last Ethernet frame; a switch gets it with the first, so that the next link begins before this one has ended. What such a
 * packet takes of the next wire and its queue is set aside when its first frame comes: others pass it only on a wire that is so
 * fast that it would wait for the packet's frames.
 * Beside fluid streams the packets are served at what the fluid leaves (see {@link FluidNetwork}).
 */
export class Link implements FrameSink, FluidMedium {
  readonly place: string;
  readonly rateBps: number;
  readonly delayNs: number;
  private readonly queueBytes: number;
  private readonly simulation: Simulation;
  private readonly draws: Draws;
  private readonly dropped: DropObserver;
  private receiver: FrameSink | null = null;
  /** Whether it is a switch, which passes on the first frame of a packet before the last has come. */
  private toSwitch = false;
  private readonly arrive: (frame: Frame) => void;
  private lossPerFrame: number;
  private jitterNs = 0;
  private reorders = false;
  /** No frame arrives before the one ahead of it. */
  private lastArrivalNs = -Infinity;
  /** Packets that this link sends on while their frames still come: nothing that comes after the last one overtakes it. */
  private readonly coming: Coming[] = [];
  /** Frames that wait for their flow's turn; null with a drop-tail queue, which needs no list. */
  private fair: FairQueue | null = null;
  private wireFree = noEvent;
  /** With what the frame that is being sent shares its arrival; null for its own. */
  private joined: Flood | null = null;
  private up = true;
  private servedBps: number;
  private busyUntilNs = -Infinity;
  private demand: PacketDemand = {
    originNs: 0,
    intervalNs: 10 * ms,
    window: 0,
    windowBytes: 0,
    lastBytes: 0,
  };

  constructor(
    simulation: Simulation,
    place: string,
    settings: LinkSettings,
    draws: Draws,
    dropped: DropObserver,
  ) {
    assert(settings.rateBps > 0, 'a link has a rate');
    assert(settings.lossPerFrame >= 0 && settings.lossPerFrame < 1, 'loss is a probability below 1');
    this.simulation = simulation;
    this.place = place;
    this.rateBps = settings.rateBps;
    this.delayNs = settings.delayNs;
    this.queueBytes = settings.queueBytes;
    this.lossPerFrame = settings.lossPerFrame;
    this.servedBps = settings.rateBps;
    this.draws = draws;
    this.dropped = dropped;
    this.arrive = (frame) => this.receiver!.send(frame);
  }

  /** Says which machine gets what arrives, each packet when its last Ethernet frame has come; before the first frame. */
  connect(receiver: FrameSink): void {
    this.receiver = receiver;
  }

  /** Says which switch gets what arrives, each packet when its first Ethernet frame has come. */
  connectSwitch(receiver: FrameSink): void {
    this.receiver = receiver;
    this.toSwitch = true;
  }

  /** From now on flows take turns, and the one with the most bytes loses frames when the queue is full. */
  queueFairly(): void {
    this.fair = new FairQueue(this.queueBytes);
  }

  /** Each packet arrives later by a draw, uniform from 0 to this; it overtakes others only where `reorders`. */
  vary(jitterNs: number, reorders: boolean): void {
    assert(jitterNs >= 0, 'jitter delays');
    this.jitterNs = jitterNs;
    this.reorders = reorders;
  }

  /** Counts what packets offer, the dropped ones included, in windows of `intervalNs`; of 10 ms unless told. */
  watchDemand(intervalNs: number): void {
    if (this.demand.intervalNs === intervalNs) return;
    const lastBytes = (this.packetDemandBps * intervalNs) / (8 * s);
    this.demand = { originNs: this.simulation.nowNs, intervalNs, window: 0, windowBytes: 0, lastBytes };
  }

  /** bit/s that packets offered in the last whole window. */
  get packetDemandBps(): number {
    // Most links beside fluid never see a packet.
    if (this.demand.lastBytes === 0 && this.demand.windowBytes === 0) return 0;
    turnWindow(this.demand, this.simulation.nowNs);
    return (this.demand.lastBytes * 8 * s) / this.demand.intervalNs;
  }

  get isUp(): boolean {
    return this.up;
  }

  /** A cut link loses what it is given; what already is on the wire arrives. */
  setUp(up: boolean): void {
    this.up = up;
  }

  get lineRateBps(): number {
    return this.rateBps;
  }

  /** The probability that one Ethernet frame is lost. */
  get loss(): number {
    return this.lossPerFrame;
  }

  setLossPerFrame(lossPerFrame: number): void {
    assert(lossPerFrame >= 0 && lossPerFrame < 1, 'loss is a probability below 1');
    this.lossPerFrame = lossPerFrame;
  }

  /** The rate that fluid streams leave to packets; what waits is served at the new rate from now on. */
  servePacketsAt(rateBps: number): void {
    assert(rateBps > 0, 'packets are always served at some rate');
    const nowNs = this.simulation.nowNs;
    if (this.busyUntilNs > nowNs) {
      this.busyUntilNs = nowNs + Math.ceil(((this.busyUntilNs - nowNs) * this.servedBps) / rateBps);
    }
    this.servedBps = rateBps;
    if (this.simulation.isPending(this.wireFree)) this.simulation.reschedule(this.wireFree, this.busyUntilNs);
  }

  send(frame: Frame): void {
    assert(this.receiver !== null, 'a link leads somewhere');
    const bytes = wireBytes(frame);
    if (this.coming.length > 0) this.forgetWhole(this.simulation.nowNs);
    turnWindow(this.demand, this.simulation.nowNs);
    this.demand.windowBytes += bytes;
    if (!this.up) {
      this.dropped(frame, this.place, 'loss');
      return;
    }
    if (this.fair !== null) {
      this.waitForTurn(frame, this.fair);
      return;
    }
    const roomBytes = this.queueBytes - this.waitingBytes();
    if (bytes > roomBytes) this.queueWhatFits(frame, roomBytes);
    else this.transmit(frame, bytes);
  }

  /** Sends the frame of a flood, which keeps the time of its arrival. */
  join(flood: Flood): void {
    this.joined = flood;
    this.send(flood.frame);
    this.joined = null;
  }

  private waitingBytes(): number {
    const waitingNs = this.busyUntilNs - this.simulation.nowNs;
    return waitingNs <= 0 ? 0 : (waitingNs * this.servedBps) / (8 * s);
  }

  private waitForTurn(frame: Frame, fair: FairQueue): void {
    if (this.busyUntilNs <= this.simulation.nowNs && fair.bytes === 0) {
      this.transmit(frame, wireBytes(frame));
      return;
    }
    fair.add(frame, (lost) => this.dropped(lost, this.place, 'queue'));
    if (fair.bytes > 0 && !this.simulation.isPending(this.wireFree)) {
      this.wireFree = this.simulation.scheduleAt(this.busyUntilNs, sendNext, this);
    }
  }

  /** Called when the wire becomes free while frames wait. */
  sendNext(): void {
    const frame = this.fair?.take() ?? null;
    if (frame === null) return;
    if (this.coming.length > 0) this.forgetWhole(this.simulation.nowNs);
    this.transmit(frame, wireBytes(frame));
    if (this.fair!.bytes > 0) {
      this.wireFree = this.simulation.scheduleAt(this.busyUntilNs, sendNext, this);
    }
  }

  private transmit(frame: Frame, bytes: number): void {
    const nowNs = this.simulation.nowNs;
    const startNs = this.busyUntilNs > nowNs ? this.busyUntilNs : nowNs;
    this.busyUntilNs = startNs + Math.ceil((bytes * 8 * s) / this.servedBps);
    const packet = frame.packet;
    if (packet !== null && bytes > oneFrameBytesMax + frame.tunnelBytes) {
      const train = new FrameTrain(packet, frame.tunnelBytes, { bytes, startNs, rateBps: this.servedBps });
      const leftNs = wholeInNs(frame, nowNs);
      if (leftNs > 0) train.comes(nowNs, nowNs + leftNs);
      if (this.lossPerFrame > 0) this.transmitWithLoss(frame, train);
      else this.arriveInTrain(frame, train, 0, train.frames);
    } else if (packet !== null && this.lossPerFrame > 0 && this.isLost(packet, 0)) {
      this.dropped(frame, this.place, 'loss');
    } else {
      this.lastArrivalNs = this.arrivalNs(frame, this.busyUntilNs);
      if (this.joined !== null) this.joined.arriveAt(this.lastArrivalNs, this.receiver!);
      else this.simulation.scheduleAt(this.lastArrivalNs, this.arrive, frame);
    }
  }

  /** When what leaves the wire at a time is at its other end. */
  private arrivalNs(frame: Frame, leavesNs: number): number {
    let arrivalNs = leavesNs + this.delayNs;
    if (this.jitterNs > 0) arrivalNs += this.drawJitterNs(frame);
    // What came before arrives when its own time was set: it may have been served more slowly.
    return !this.reorders && arrivalNs < this.lastArrivalNs ? this.lastArrivalNs : arrivalNs;
  }

  private transmitWithLoss(frame: Frame, train: FrameTrain): void {
    let from = 0;
    let lost = this.isLost(train.packet, 0);
    for (let index = 1; index <= train.frames; index++) {
      const last = index === train.frames;
      if (!last && this.isLost(train.packet, train.offsetBytes(index)) === lost) continue;
      const all = last && from === 0;
      const piece = all
        ? frame
        : part(frame, train.packet, train.offsetBytes(from), train.offsetBytes(index));
      if (lost) this.dropped(piece, this.place, 'loss');
      else this.arriveInTrain(piece, train, from, index);
      from = index;
      lost = !lost;
    }
  }

  /** Lets some frames of a train arrive, with the first or the last of them. */
  private arriveInTrain(frame: Frame, train: FrameTrain, from: number, to: number): void {
    const lastNs = train.leavesNs(to - 1);
    const leavesNs = this.toSwitch ? train.leavesNs(from) : lastNs;
    const arrivalNs = this.arrivalNs(frame, leavesNs);
    const wholeNs = arrivalNs + lastNs - leavesNs;
    const { comesUntilNs } = train;
    if (comesUntilNs > this.simulation.nowNs) this.coming.push({ comesUntilNs, lastNs, wholeNs });
    else this.lastArrivalNs = wholeNs;
    const arriving = wholeNs > arrivalNs ? frameUnderWay(frame, wholeNs) : frame;
    this.simulation.scheduleAt(arrivalNs, this.arrive, arriving);
  }

  /** What comes after the last frame of a packet leaves and arrives after it. */
  private forgetWhole(nowNs: number): void {
    let kept = 0;
    for (const train of this.coming) {
      if (train.comesUntilNs > nowNs) this.coming[kept++] = train;
      else {
        this.busyUntilNs = Math.max(this.busyUntilNs, train.lastNs);
        this.lastArrivalNs = Math.max(this.lastArrivalNs, train.wholeNs);
      }
    }
    this.coming.length = kept;
  }

  /**
   * Drop-tail, frame by frame: the head of a large packet still fits where its tail does not. While its frames come,
   * those that wait go on leaving: what fits is what has room when the last one comes.
   */
  private queueWhatFits(frame: Frame, roomBytes: number): void {
    const frames = wireFrames(frame);
    const bytes = wireBytes(frame);
    const comesNs = wholeInNs(frame, this.simulation.nowNs);
    const leavingBytes = (comesNs * this.servedBps) / (8 * s);
    const fitting =
      bytes > this.queueBytes * frames ? 0 : Math.floor((roomBytes + leavingBytes) / (bytes / frames));
    if (fitting <= 0 || frames === 1 || frame.packet === null) {
      this.dropped(frame, this.place, 'queue');
      return;
    }
    if (fitting >= frames) {
      this.transmit(frame, bytes);
      return;
    }
    const headBytes = fitting * framePayloadBytes(frame.packet);
    const piece = part(frame, frame.packet, 0, headBytes);
    const headComesNs = (comesNs * (fitting - 1)) / (frames - 1);
    const head =
      headComesNs > 0 ? frameUnderWay(piece, Math.ceil(this.simulation.nowNs + headComesNs)) : piece;
    this.transmit(head, wireBytes(head));
    this.dropped(part(frame, frame.packet, headBytes, frame.packet.payloadBytes), this.place, 'queue');
  }

  /**
   * The index of a draw is (flow and direction, offset, transmission), so that two schemes lose the same frames
   * even after their traffic differs. Senders count transmissions in the IP identification.
   */
  private isLost(packet: Packet, offsetBytes: number): boolean {
    return this.draws.uniform2(drawKey(packet), drawIndex(packet, offsetBytes)) < this.lossPerFrame;
  }

  /** Drawn under keys that no loss is drawn under. */
  private drawJitterNs({ packet }: Frame): number {
    if (packet === null) return 0;
    return Math.floor(this.draws.uniform2(2 ** 40 + drawKey(packet), drawIndex(packet, 0)) * this.jitterNs);
  }
}

function drawKey(packet: Packet): number {
  return (packet.flow + 1) * 2 + (packet.sourcePort > packet.destinationPort ? 1 : 0);
}

function drawIndex(packet: Packet, offsetBytes: number): number {
  const sequence = (packet.sequence + packet.icmpSequence + offsetBytes) >>> 0;
  return (packet.fragmentId % 2 ** 20) * 2 ** 32 + sequence;
}

/** A packet of which frames still come to a wire: when the last one comes, leaves and arrives. */
interface Coming {
  readonly comesUntilNs: number;
  readonly lastNs: number;
  readonly wholeNs: number;
}

/** What packets offered in the window under way and in the one before; windows count from `originNs`. */
interface PacketDemand {
  readonly originNs: number;
  readonly intervalNs: number;
  window: number;
  windowBytes: number;
  lastBytes: number;
}

function turnWindow(demand: PacketDemand, nowNs: number): void {
  const window = Math.floor((nowNs - demand.originNs) / demand.intervalNs);
  if (window === demand.window) return;
  demand.lastBytes = window === demand.window + 1 ? demand.windowBytes : 0;
  demand.windowBytes = 0;
  demand.window = window;
}

/** The frames of a large packet from one payload offset to another, as a packet of their own. */
function part(frame: Frame, packet: Packet, fromBytes: number, toBytes: number): Frame {
  return frameOf(partOf(packet, fromBytes, toBytes), frame);
}

function sendNext(link: Link): void {
  link.sendNext();
}
