import { s } from '../../sim/time.ts';
import { framePayloadBytes, oneFrameBytesMax } from './frame.ts';
import type { Packet } from './packet.ts';

/** What a wire does with a train: bytes it has to send, when it begins with the first, and how fast it is. */
interface Passage {
  readonly bytes: number;
  readonly startNs: number;
  readonly rateBps: number;
}

/**
 * The Ethernet frames of one large packet on their way over one wire: all full but the last. Those of a packet that
 * comes from another wire are taken to come evenly from the first to the last. Where they do not (they waited for a part of
 * the way), a frame between may leave later here than on a real wire; the first and the last leave as they would.
 */
export class FrameTrain {
  readonly packet: Packet;
  readonly frames: number;
  private readonly passage: Passage;
  private readonly frameBytes: number;
  private readonly framePayloadBytes: number;
  private firstNs = -Infinity;
  private spacingNs = 0;
  /** When the last frame comes; it has where the packet comes from a machine. */
  comesUntilNs = -Infinity;

  constructor(packet: Packet, tunnelBytes: number, passage: Passage) {
    this.packet = packet;
    this.passage = passage;
    this.frameBytes = oneFrameBytesMax + tunnelBytes;
    this.framePayloadBytes = framePayloadBytes(packet);
    this.frames = Math.ceil(packet.payloadBytes / this.framePayloadBytes);
  }

  /** The first frame comes now, the last one later. */
  comes(nowNs: number, untilNs: number): void {
    this.firstNs = nowNs;
    this.comesUntilNs = untilNs;
    this.spacingNs = ((untilNs - nowNs) * this.frameBytes) / (this.passage.bytes - this.frameBytes);
  }

  /** Where in the payload a frame begins; that after the last is where it ends. */
  offsetBytes(index: number): number {
    return Math.min(index * this.framePayloadBytes, this.packet.payloadBytes);
  }

  /** When the frame has left: they leave one after the other, and none before it has come. */
  leavesNs(index: number): number {
    const { startNs, bytes } = this.passage;
    if (index < this.frames - 1) {
      const sentNs = startNs + this.durationNs((index + 1) * this.frameBytes);
      return Math.max(
        sentNs,
        Math.ceil(this.firstNs + index * this.spacingNs) + this.durationNs(this.frameBytes),
      );
    }
    const sentNs = startNs + this.durationNs(bytes);
    if (this.comesUntilNs <= startNs) return sentNs;
    const lastNs = this.durationNs(bytes - index * this.frameBytes);
    return Math.max(sentNs, this.leavesNs(index - 1) + lastNs, this.comesUntilNs + lastNs);
  }

  private durationNs(bytes: number): number {
    return Math.ceil((bytes * 8 * s) / this.passage.rateBps);
  }
}
