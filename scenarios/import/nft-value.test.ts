import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../models/network/address.ts';
import type { Range } from '../../models/security/ruleset.ts';
import { compareKeys, parseValue, prefixLength, prefixRange, rangeBetween } from './nft-value.ts';

function value(text: string): Range {
  return parseValue(text.includes(':') ? 'ipv6_addr' : 'ipv4_addr', text)!;
}

function shown(range: Range | undefined): string {
  return range?.kind === 'addresses' ? `${formatAddress(range.low)} ${formatAddress(range.high)}` : '';
}

// Addresses from 128.0.0.0 and 8000:: on have words of 2^31 and more.
describe('a range of addresses', () => {
  it.each([
    ['10.0.0.1', '192.168.0.1'],
    ['192.168.0.1', '198.18.0.1'],
    ['7fff::', '8000::'],
  ])('reaches from %s to %s and not the other way round', (low, high) => {
    expect(shown(rangeBetween(value(low), value(high)))).toBe(`${low} ${high}`);
    expect(rangeBetween(value(high), value(low))).toBeUndefined();
  });

  it.each([
    ['0.0.0.0', 0, '0.0.0.0 255.255.255.255'],
    ['192.168.5.6', 1, '128.0.0.0 255.255.255.255'],
    ['192.168.5.6', 16, '192.168.0.0 192.168.255.255'],
    ['10.1.2.3', 32, '10.1.2.3 10.1.2.3'],
    ['fd00::1', 33, 'fd00:: fd00:0:7fff:ffff:ffff:ffff:ffff:ffff'],
  ])('of those that share the beginning of %s, %d bits long, is %s', (text, bits, expected) => {
    const range = prefixRange(parseAddress(text)!, bits);
    expect(shown(range)).toBe(expected);
    if (range?.kind === 'addresses') expect(prefixLength(range.low, range.high)).toBe(bits);
  });

  it('is no prefix where its ends are not those of one', () => {
    expect(prefixLength(parseAddress('127.0.0.0')!, parseAddress('128.0.0.255')!)).toBe(-1);
  });
});

it('lists the keys of a set from the lowest address on', () => {
  const texts = ['10.0.0.1', '127.0.0.1', '128.0.0.1', '198.18.0.1', '255.0.0.1'];
  const keys = [3, 0, 4, 2, 1].map((at) => [value(texts[at]!)]);
  expect(keys.sort(compareKeys).map(([range]) => shown(range).split(' ')[0])).toEqual(texts);
});
