import type { Address } from '../models/network/address.ts';

/**
 * Whether a machine can have the address: not one of this host, of many or of nobody (0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4
 * and 240.0.0.0/4; `::`, `::1` and ff00::/8: RFC 6890, RFC 4291).
 */
export function isMachineAddress({ family, w0, w1, w2, w3 }: Address): boolean {
  if (family === 4) {
    const first = w3 >>> 24;
    return first !== 0 && first !== 127 && first < 224;
  }
  const low = w0 === 0 && w1 === 0 && w2 === 0 && w3 >>> 0 <= 1;
  return !low && w0 >>> 24 !== 0xff;
}
