/**
 * What a sender remembers of the last reduction of its window, to take it back where the loss proves to be none: the
 * receiver says of all that was sent again that it had come before (RFC 3708), echoes a timestamp from before (RFC 3522), or
 * acknowledges after a timeout what was sent only once (RFC 5682). Source: Linux 6.18, net/ipv4/tcp_input.c, tcp_init_undo, tcp_process_loss,
 * tcp_try_undo_dsack.
 */
export class WindowUndo {
  /** Before the reduction, in segments. */
  readonly window: number;
  readonly threshold: number;
  /** Whether a timeout is still doubted. */
  doubted: boolean;
  /** The oldest segment has arrived since the timeout: what comes for new data decides the doubt. */
  sendsNewFirst = false;
  /** Bytes sent again of which the receiver has not said that they came twice; -1 before any. */
  private unprovenBytes = -1;
  /** The timestamp of the first retransmission, -1 before any. */
  private firstAgainStamp = -1;

  constructor(window: number, threshold: number, doubted: boolean) {
    this.window = window;
    this.threshold = threshold;
    this.doubted = doubted;
  }

  sentAgain(bytes: number, stamp: number): void {
    if (this.firstAgainStamp < 0) this.firstAgainStamp = stamp;
    this.unprovenBytes = Math.max(0, this.unprovenBytes) + bytes;
  }

  /** The receiver has said that so many bytes came twice. */
  cameTwice(bytes: number): void {
    if (this.unprovenBytes > 0) this.unprovenBytes = Math.max(0, this.unprovenBytes - bytes);
  }

  /** Whether what is acknowledged was sent before anything was sent again (Eifel detection, RFC 3522; tcp_packet_delayed). */
  echoIsOlder(echo: number): boolean {
    return echo >= 0 && echo < this.firstAgainStamp;
  }

  /** All that was sent again had come before. */
  get proven(): boolean {
    return this.unprovenBytes === 0;
  }
}

/** How many bytes the first block of an acknowledgement says to have come twice (RFC 2883, 4), in offsets. */
export function bytesThatCameTwice(blocks: readonly number[] | null, acknowledged: number): number {
  if (blocks === null) return 0;
  const [left, right, outerLeft, outerRight] = blocks;
  const below = right! <= acknowledged;
  const within = outerLeft !== undefined && left! >= outerLeft && right! <= outerRight!;
  return below || within ? right! - left! : 0;
}
