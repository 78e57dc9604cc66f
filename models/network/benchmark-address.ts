import { addressOf, ipv4, type Address } from './address.ts';

/** An address of the networks set aside for benchmarks: 198.18.0.0/15 (RFC 2544) or 2001:2::/48 (RFC 5180). */
export function benchmarkAddress(family: 4 | 6, number: number): Address {
  return family === 4 ? ipv4(0xc612_0000 + number) : addressOf(6, 0x2001_0002, 0, 0, number);
}
