/**
 * Something that fluid streams cross and share with packets: a link, or the CPU of a host that copies. Rates are in
 * bit/s of a stream.
 */
export interface FluidMedium {
  readonly isUp: boolean;
  /** What streams and packets may have together; may change at any time. */
  readonly rateBps: number;
  /** At which a wire sends frames, whoever has them; Infinity where there is none. */
  readonly lineRateBps: number;
  readonly delayNs: number;
  /** The probability that a frame is lost; may change at any time. */
  readonly loss: number;
  /** What packets offered in the last whole interval. */
  readonly packetDemandBps: number;
  /** Says over which interval packets are counted. */
  watchDemand(intervalNs: number): void;
  /** Streams take `fluidBps`; packets may have `rateBps`. */
  servePacketsAt(rateBps: number, fluidBps: number): void;
}
