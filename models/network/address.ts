/**
 * An IPv4 or IPv6 address as four 32-bit words, most significant first, each signed: V8 keeps such a number in the
 * object, and one of 2^31 or more in a box of its own. An IPv4 address lives in `w3`; its other words are 0.
 * What orders addresses or calculates with them asks {@link unsignedWords}.
 */
export interface Address {
  readonly family: 4 | 6;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

/**
 * The address with the given words, signed or unsigned. All addresses are made here, so that they have one shape: V8 tells
 * shapes apart by the order of keys and by the place that makes or copies an object.
 */
export function addressOf(family: 4 | 6, w0: number, w1: number, w2: number, w3: number): Address {
  return { family, w0: w0 | 0, w1: w1 | 0, w2: w2 | 0, w3: w3 | 0 };
}

/** Whether two addresses are the same, family included; often they are one object. */
export function sameAddress(a: Address, b: Address): boolean {
  if (a === b) return true;
  return a.w3 === b.w3 && a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.family === b.family;
}

/** The IPv4 address with the given 32-bit value. */
export function ipv4(value: number): Address {
  return addressOf(4, 0, 0, 0, value);
}

/** The words of an address as unsigned numbers: one of IPv4, four of IPv6. */
export function unsignedWords({ family, w0, w1, w2, w3 }: Address): number[] {
  return family === 4 ? [w3 >>> 0] : [w0 >>> 0, w1 >>> 0, w2 >>> 0, w3 >>> 0];
}

/** Negative, zero or positive as `a` is below, at or above `b`; of one family. */
export function compareAddresses(a: Address, b: Address): number {
  return (
    (a.w0 >>> 0) - (b.w0 >>> 0) ||
    (a.w1 >>> 0) - (b.w1 >>> 0) ||
    (a.w2 >>> 0) - (b.w2 >>> 0) ||
    (a.w3 >>> 0) - (b.w3 >>> 0)
  );
}

/** Reads dotted IPv4 or RFC 4291 IPv6 text; `undefined` when the text is neither. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Dotted text of an IPv4 address, RFC 5952 text of an IPv6 one. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    const value = address.w3;
    return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  }
  const groups = [address.w0, address.w1, address.w2, address.w3].flatMap((word) => [
    word >>> 16,
    word & 0xffff,
  ]);
  return compressZeros(groups);
}

function parseIpv4(text: string): Address | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return ipv4(bytes.reduce((value, byte) => value * 256 + byte, 0));
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const word = (index: number): number => (groups[index]! << 16) | groups[index + 1]!;
  return addressOf(6, word(0), word(2), word(4), word(6));
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts[parts.length - 1]!;
  const embedded = last.includes('.') ? parseIpv4(last) : undefined;
  if (last.includes('.')) {
    if (embedded === undefined) return undefined;
    parts.pop();
  }
  if (!parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return undefined;
  const groups = parts.map((part) => Number.parseInt(part, 16));
  return embedded === undefined ? groups : [...groups, embedded.w3 >>> 16, embedded.w3 & 0xffff];
}

function compressZeros(groups: readonly number[]): string {
  let start = -1;
  let length = 1; // a single zero group stays written out (RFC 5952, 4.2.2)
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    i = Math.max(i, end - 1);
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}
