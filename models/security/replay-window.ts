/** The highest sequence number received, and which of those below it were: bit i for `highest - i`. */
export interface ReplayWindow {
  readonly highest: number;
  readonly received: bigint;
}

/**
 * The window after a packet with this number, or null when it is a replay or too old to tell (RFC 4303, 3.4.3).
 * Numbers are 32 bits wide and do not wrap: an SA is renewed before.
 */
export function afterPacket(
  window: ReplayWindow,
  sequence: number,
  sizePackets: number,
): ReplayWindow | null {
  const { highest, received } = window;
  if (sequence > highest) {
    const mask = (1n << BigInt(sizePackets)) - 1n;
    const shift = Math.min(sequence - highest, sizePackets);
    return { highest: sequence, received: ((received << BigInt(shift)) | 1n) & mask };
  }
  const bit = 1n << BigInt(Math.min(highest - sequence, sizePackets));
  const tooOld = highest - sequence >= sizePackets || sequence === 0;
  return tooOld || (received & bit) !== 0n ? null : { highest, received: received | bit };
}
