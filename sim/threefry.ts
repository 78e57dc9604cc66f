/**
 * Threefry-2x32 with 20 rounds: a pure function from a 64-bit key and a 64-bit counter to 64 bits that pass
 * BigCrush. It needs 32-bit additions, rotations and exclusive ors only, which JavaScript has. All words are
 * 32 bits, signed or not; the two words of the result are left in `out[0]` and `out[1]`.
 *
 * Source: Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 4.2, with
 * the rotation distances of its reference implementation, Random123 (threefry.h).
 */
export function threefry(
  out: Int32Array,
  keyLow: number,
  keyHigh: number,
  counterLow: number,
  counterHigh: number,
): void {
  const keyParity = skeinParity ^ keyLow ^ keyHigh;
  let x0 = (counterLow + keyLow) | 0;
  let x1 = (counterHigh + keyHigh) | 0;

  // Five times four rounds (add, rotate, exclusive or), each followed by the next two of the three key words
  // and the number of the block. Written out, since the rotation distances are then constants.
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + keyHigh) | 0;
  x1 = (x1 + keyParity + 1) | 0;

  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + keyParity) | 0;
  x1 = (x1 + keyLow + 2) | 0;

  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + keyLow) | 0;
  x1 = (x1 + keyHigh + 3) | 0;

  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + keyHigh) | 0;
  x1 = (x1 + keyParity + 4) | 0;

  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + keyParity) | 0;
  x1 = (x1 + keyLow + 5) | 0;

  out[0] = x0;
  out[1] = x1;
}

/** Keeps an all-zero key from being special: C240 of Skein 1.3, section 3.3.2, in its 32-bit form. */
const skeinParity = 0x1bd11bda;
