import { addressOf, compareAddresses, parseAddress } from '../../models/network/address.ts';
import type { Address } from '../../models/network/address.ts';
import type { ValueType } from '../../models/security/rule-field.ts';
import type { Key, Range } from '../../models/security/ruleset.ts';
import { symbolValue, valueMax } from './nft-symbols.ts';

/** The range of exactly one value; undefined when `text` is none of the type. */
export function parseValue(type: ValueType, text: string | number): Range | undefined {
  if (type === 'ipv4_addr' || type === 'ipv6_addr') {
    const address = parseTypedAddress(type, text);
    return address && { kind: 'addresses', low: address, high: address };
  }
  if (type === 'ifname' || type === 'iface_index' || type === 'ct_helper')
    return typeof text === 'string' && text !== '' ? { kind: 'name', pattern: text } : undefined;
  const value = parseNumber(type, text);
  return value === undefined ? undefined : { kind: 'numbers', low: value, high: value };
}

/** The range from one value to another, both included; undefined when they are none, or the wrong way round. */
export function rangeBetween(low: Range | undefined, high: Range | undefined): Range | undefined {
  if (low?.kind === 'numbers' && high?.kind === 'numbers' && low.low <= high.low)
    return { kind: 'numbers', low: low.low, high: high.low };
  if (low?.kind === 'addresses' && high?.kind === 'addresses' && compareAddresses(low.low, high.low) <= 0)
    return { kind: 'addresses', low: low.low, high: high.low };
  return undefined;
}

/** The addresses that share their first `bits` bits with `address`. */
export function prefixRange(address: Address, bits: number): Range | undefined {
  const width = address.family === 4 ? 32 : 128;
  if (!Number.isInteger(bits) || bits < 0 || bits > width) return undefined;
  const hostBits = width - bits;
  const masks = [3, 2, 1, 0].map((word) => hostMask(Math.min(Math.max(hostBits - word * 32, 0), 32)));
  const words = [address.w0, address.w1, address.w2, address.w3];
  return {
    kind: 'addresses',
    low: fromWords(
      address.family,
      words.map((word, i) => word & ~masks[i]!),
    ),
    high: fromWords(
      address.family,
      words.map((word, i) => word | (address.family === 4 && i < 3 ? 0 : masks[i]!)),
    ),
  };
}

/** Length of the prefix that a range of addresses is; -1 when it is none. */
export function prefixLength(low: Address, high: Address): number {
  const width = low.family === 4 ? 32 : 128;
  const highWords = [high.w0, high.w1, high.w2, high.w3];
  const lowWords = [low.w0, low.w1, low.w2, low.w3];
  const firstWord = low.family === 4 ? 3 : 0;
  const differing = lowWords.findIndex((word, i) => i >= firstWord && word !== highWords[i]);
  if (differing < 0) return width;
  const bits = (differing - firstWord) * 32 + Math.clz32(lowWords[differing]! ^ highWords[differing]!);
  const prefix = prefixRange(low, bits);
  const whole =
    prefix?.kind === 'addresses' &&
    compareAddresses(prefix.low, low) === 0 &&
    compareAddresses(prefix.high, high) === 0;
  return whole ? bits : -1;
}

/** Orders keys of a set by their values, as nft lists them: a set has no order of its own. */
export function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length; i++) {
    const difference = compareRanges(a[i]!, b[i]!);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareRanges(a: Range, b: Range): number {
  if (a.kind === 'numbers' && b.kind === 'numbers') return a.low - b.low || a.high - b.high;
  if (a.kind === 'addresses' && b.kind === 'addresses')
    return compareAddresses(a.low, b.low) || compareAddresses(a.high, b.high);
  if (a.kind !== 'name' || b.kind !== 'name' || a.pattern === b.pattern) return 0;
  return a.pattern < b.pattern ? -1 : 1;
}

/** All values of a type. */
export function wholeRange(type: ValueType): Range | undefined {
  if (type === 'ipv4_addr') return prefixRange(parseAddress('0.0.0.0')!, 0);
  if (type === 'ipv6_addr') return prefixRange(parseAddress('::')!, 0);
  if (type === 'ifname' || type === 'iface_index') return { kind: 'name', pattern: '*' };
  return type === 'ct_helper' ? undefined : { kind: 'numbers', low: 0, high: valueMax(type) };
}

function parseTypedAddress(type: 'ipv4_addr' | 'ipv6_addr', text: string | number): Address | undefined {
  if (typeof text === 'number') return undefined;
  const address = parseAddress(text);
  return address?.family === (type === 'ipv4_addr' ? 4 : 6) ? address : undefined;
}

function parseNumber(type: ValueType, text: string | number): number | undefined {
  const value = typeof text === 'number' ? text : (symbolValue(type, text) ?? integerOf(text));
  if (value === undefined || !Number.isInteger(value) || value < 0 || value > valueMax(type))
    return undefined;
  return value;
}

function integerOf(text: string): number | undefined {
  return /^(?:0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text) ? Number(text) : undefined;
}

function hostMask(bits: number): number {
  return bits === 0 ? 0 : 0xffff_ffff >>> (32 - bits);
}

function fromWords(family: 4 | 6, words: readonly number[]): Address {
  return addressOf(family, words[0]!, words[1]!, words[2]!, words[3]!);
}
