import { assert } from '../../sim/assert.ts';
import { wireBytes, type Frame } from './frame.ts';

/** What a flow may send in one turn: one Ethernet frame of 1500 bytes, gaps included. */
const quantumBytes = 1538;

/** Frames of one flow that wait, and what the flow may still send in its turn. */
interface FlowQueue {
  readonly key: number;
  readonly frames: Frame[];
  /** Index of the oldest frame: what lies before has left. */
  head: number;
  bytes: number;
  deficitBytes: number;
}

/**
 * Frames that wait for a link, flow by flow, each in its turn: deficit round robin with credits that a large packet
 * may overdraw, as in FQ-CoDel (RFC 8290, 4.2), so that packets under segmentation offload need no quantum of their
 * size. When it is full, the flow with the most bytes loses a frame: its newest, where FQ-CoDel takes its oldest.
 */
export class FairQueue {
  private readonly limitBytes: number;
  private readonly flows = new Map<number, FlowQueue>();
  /** Flows with frames, the one whose turn it is first. */
  private readonly turns: FlowQueue[] = [];
  private waitingBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.waitingBytes;
  }

  /** Takes a frame in; `dropped` is told of each one that has to go for it. */
  add(frame: Frame, dropped: (frame: Frame) => void): void {
    const key = flowKey(frame);
    let flow = this.flows.get(key);
    if (flow === undefined) {
      flow = { key, frames: [], head: 0, bytes: 0, deficitBytes: quantumBytes };
      this.flows.set(key, flow);
      this.turns.push(flow);
    }
    flow.frames.push(frame);
    flow.bytes += wireBytes(frame);
    this.waitingBytes += wireBytes(frame);
    while (this.waitingBytes > this.limitBytes) dropped(this.takeNewest(this.fattest()));
  }

  /** The next frame to be sent; null when none waits. */
  take(): Frame | null {
    for (let flow = this.turns[0]; flow !== undefined; flow = this.turns[0]) {
      if (flow.deficitBytes > 0) return this.takeOldest(flow);
      flow.deficitBytes += quantumBytes;
      this.turns.shift();
      this.turns.push(flow);
    }
    return null;
  }

  private takeOldest(flow: FlowQueue): Frame {
    const frame = flow.frames[flow.head++]!;
    if (flow.head === 1024) flow.head -= flow.frames.splice(0, 1024).length;
    const bytes = wireBytes(frame);
    flow.deficitBytes -= bytes;
    this.left(flow, bytes);
    return frame;
  }

  private takeNewest(flow: FlowQueue): Frame {
    const frame = flow.frames.pop()!;
    this.left(flow, wireBytes(frame));
    return frame;
  }

  private left(flow: FlowQueue, bytes: number): void {
    flow.bytes -= bytes;
    this.waitingBytes -= bytes;
    if (flow.head < flow.frames.length) return;
    this.flows.delete(flow.key);
    this.turns.splice(this.turns.indexOf(flow), 1);
  }

  private fattest(): FlowQueue {
    let fattest = this.turns[0];
    for (const flow of this.turns) if (flow.bytes > fattest!.bytes) fattest = flow;
    assert(fattest !== undefined, 'a full queue has flows');
    return fattest;
  }
}

/** Which flow a frame belongs to: the two ends and ports as 32 mixed bits; announcements are one flow. */
function flowKey({ packet }: Frame): number {
  if (packet === null) return -1;
  const { source, destination } = packet;
  const ports = (packet.sourcePort << 16) | packet.destinationPort;
  const from = source.w3 ^ source.w2 ^ source.w1 ^ source.w0;
  const to = destination.w3 ^ destination.w2 ^ destination.w1 ^ destination.w0;
  return (Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b) ^ ports ^ packet.protocol) >>> 0;
}
