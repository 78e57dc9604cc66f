import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  compareAddresses,
  formatAddress,
  ipv4,
  parseAddress,
  sameAddress,
  unsignedWords,
  type Address,
} from './address.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const words6 = fc.tuple(word, word, word, word);

/** The address as one whole number. */
function wholeNumber(address: Address): bigint {
  return unsignedWords(address).reduce((sum, each) => sum * 2n ** 32n + BigInt(each), 0n);
}

describe('an address', () => {
  it('is the same whether made of a number, of signed words or of its text, above 2^31 as well', () => {
    // 198.18.0.1 is 0xc6120001, or -0x39edffff as a signed word.
    const made = [ipv4(0xc612_0001), addressOf(4, 0, 0, 0, -0x39ed_ffff), parseAddress('198.18.0.1')!];
    for (const address of made) {
      expect(formatAddress(address)).toBe('198.18.0.1');
      expect(sameAddress(address, made[0]!)).toBe(true);
      expect(unsignedWords(address)).toEqual([0xc612_0001]);
    }
    expect(formatAddress(ipv4(0xffff_ffff))).toBe('255.255.255.255');
  });

  it('has the words that its text says, and the other way round', () => {
    fc.assert(
      fc.property(words6, (words) => {
        const text = words.map((each) => `${(each >>> 16).toString(16)}:${(each & 0xffff).toString(16)}`);
        const address = parseAddress(text.join(':'))!;
        expect(unsignedWords(address)).toEqual(words);
        expect(address).toEqual(addressOf(6, ...words));
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });

  it('is ordered as whole numbers are', () => {
    const pair = fc.oneof(
      fc.tuple(word, word).map((two) => two.map(ipv4)),
      fc.tuple(words6, words6).map((two) => two.map((words) => addressOf(6, ...words))),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [first, second] = [wholeNumber(a!), wholeNumber(b!)];
        expect(Math.sign(compareAddresses(a!, b!))).toBe(first < second ? -1 : first > second ? 1 : 0);
      }),
    );
    const [low, high] = [parseAddress('10.0.0.1')!, parseAddress('192.168.0.1')!];
    expect(compareAddresses(low, high)).toBeLessThan(0);
  });
});
