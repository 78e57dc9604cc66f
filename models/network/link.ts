import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { ms, s } from '../../sim/time.ts';
import type { DropCause } from '../observations.ts';
import { FairQueue } from './fair-queue.ts';
import type { FluidMedium } from './fluid-medium.ts';
import { frameOf, mtuBytes, wireBytes, wireFrames, type Frame, type FrameSink } from './frame.ts';
import { changedPacket, packetBytes, type Packet } from './packet.ts';

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
 * loses some of its frames, or for which the queue has too little room, arrives as the parts that are left.
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
  private readonly arrive: (frame: Frame) => void;
  private lossPerFrame: number;
  private jitterNs = 0;
  private reorders = false;
  /** No frame arrives before the one ahead of it. */
  private lastArrivalNs = -Infinity;
  /** Frames that wait for their flow's turn; null with a drop-tail queue, which needs no list. */
  private fair: FairQueue | null = null;
  private wireFree = noEvent;
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

  /** Says who gets what arrives; before the first frame. */
  connect(receiver: FrameSink): void {
    this.receiver = receiver;
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
    this.transmit(frame, wireBytes(frame));
    if (this.fair!.bytes > 0) {
      this.wireFree = this.simulation.scheduleAt(this.busyUntilNs, sendNext, this);
    }
  }

  private transmit(frame: Frame, bytes: number): void {
    const nowNs = this.simulation.nowNs;
    const startNs = this.busyUntilNs > nowNs ? this.busyUntilNs : nowNs;
    this.busyUntilNs = startNs + Math.ceil((bytes * 8 * s) / this.servedBps);
    if (this.lossPerFrame > 0) this.transmitWithLoss(frame);
    else this.arriveLater(frame);
  }

  private arriveLater(frame: Frame): void {
    let arrivalNs = this.busyUntilNs + this.delayNs;
    if (this.jitterNs > 0) arrivalNs += this.drawJitterNs(frame);
    // What came before arrives when its own time was set: it may have been served more slowly.
    if (!this.reorders && arrivalNs < this.lastArrivalNs) arrivalNs = this.lastArrivalNs;
    this.lastArrivalNs = arrivalNs;
    this.simulation.scheduleAt(arrivalNs, this.arrive, frame);
  }

  /** Drop-tail, frame by frame: the head of a large packet still fits where its tail does not. */
  private queueWhatFits(frame: Frame, roomBytes: number): void {
    const frames = wireFrames(frame);
    const fitting = Math.floor(roomBytes / (wireBytes(frame) / frames));
    if (fitting <= 0 || frames === 1 || frame.packet === null) {
      this.dropped(frame, this.place, 'queue');
      return;
    }
    const headBytes = fitting * framePayloadBytes(frame.packet);
    const head = part(frame, frame.packet, 0, headBytes);
    this.transmit(head, wireBytes(head));
    this.dropped(part(frame, frame.packet, headBytes, frame.packet.payloadBytes), this.place, 'queue');
  }

  private transmitWithLoss(frame: Frame): void {
    const packet = frame.packet;
    if (packet === null || packetBytes(packet) <= mtuBytes) {
      this.finish(frame, packet !== null && this.isLost(packet, 0));
      return;
    }
    const stepBytes = framePayloadBytes(packet);
    let startBytes = 0;
    let startLost = this.isLost(packet, 0);
    for (let offset = stepBytes; offset < packet.payloadBytes; offset += stepBytes) {
      const lost = this.isLost(packet, offset);
      if (lost === startLost) continue;
      this.finish(part(frame, packet, startBytes, offset), startLost);
      startBytes = offset;
      startLost = lost;
    }
    this.finish(startBytes === 0 ? frame : part(frame, packet, startBytes, packet.payloadBytes), startLost);
  }

  private finish(frame: Frame, lost: boolean): void {
    if (lost) this.dropped(frame, this.place, 'loss');
    else this.arriveLater(frame);
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

/** Payload that one Ethernet frame of the packet carries. */
function framePayloadBytes(packet: Packet): number {
  return mtuBytes - (packetBytes(packet) - packet.payloadBytes);
}

/** The frames of a large packet from one payload offset to another, as a packet of their own. */
function part(frame: Frame, packet: Packet, fromBytes: number, toBytes: number): Frame {
  const sequence = (packet.sequence + fromBytes) >>> 0;
  return frameOf(changedPacket(packet, { sequence, payloadBytes: toBytes - fromBytes }), frame);
}

function sendNext(link: Link): void {
  link.sendNext();
}
