import { addressOf, ipv4, unsignedWords, type Address } from '../models/network/address.ts';
import { fillTemplate } from './template-text.ts';

/** One of the things that a template with `count:` stands for. */
export interface Expanded<T> {
  readonly item: T;
  /** Which one, from 0. */
  readonly index: number;
}

/**
 * The things that a template stands for: in every text `{i}` is the index, see {@link fillTemplate}.
 * Without `count`, or with 1, the thing itself.
 */
export function expandTemplate<T extends { readonly count: number }>(template: T): Expanded<T>[] {
  return Array.from({ length: template.count }, (_, index) => ({ item: fill(template, index), index }));
}

/** The address `steps` further on, or `undefined` past the end of its family. */
export function addressAfter(address: Address, steps: number): Address | undefined {
  const { family } = address;
  const words = unsignedWords(address);
  let carry = steps;
  for (let at = words.length - 1; at >= 0 && carry > 0; at--) {
    const sum = words[at]! + carry;
    words[at] = sum % 2 ** 32;
    carry = Math.floor(sum / 2 ** 32);
  }
  if (carry > 0) return undefined;
  return family === 4 ? ipv4(words[0]!) : addressOf(family, words[0]!, words[1]!, words[2]!, words[3]!);
}

function fill<T>(value: T, index: number): T {
  if (typeof value === 'string') return fillTemplate(value, index) as T;
  if (Array.isArray(value)) return value.map((part: unknown) => fill(part, index)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, fill(part as unknown, index)]),
  ) as T;
}
