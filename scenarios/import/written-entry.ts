import { parseAddress } from '../../models/network/address.ts';
import type { Address } from '../../models/network/address.ts';
import type { ZoneDirection } from '../../models/security/zone-word.ts';

/** An entry as text tells it; what the text leaves out is 0 or empty. */
export interface WrittenEntry {
  readonly protocol: number;
  /** Whole seconds that were left. */
  readonly timeoutS: number;
  /** TCP state, empty for other protocols. */
  readonly state: string;
  readonly original: WrittenTuple;
  readonly reply: WrittenTuple;
  readonly replied: boolean;
  readonly assured: boolean;
  readonly mark: number;
  readonly zone: number;
  readonly zoneDirection: ZoneDirection;
  readonly helper: string;
}

export interface WrittenTuple {
  readonly source: Address;
  readonly destination: Address;
  /** Ports; of ICMP the id, and type and code. */
  readonly first: number;
  readonly second: number;
}

/** Two addresses of one family from text; undefined when they are not. */
export function readEnds(source: string, destination: string): [Address, Address] | undefined {
  const from = parseAddress(source);
  const to = parseAddress(destination);
  return from !== undefined && to !== undefined && from.family === to.family ? [from, to] : undefined;
}

/** The zone of an entry: of both directions, of the original or of the reply one; undefined if one is no number. */
export function readZone(
  both: string | undefined,
  original: string | undefined,
  reply: string | undefined,
): Pick<WrittenEntry, 'zone' | 'zoneDirection'> | undefined {
  const zone = readCount(both ?? original ?? reply ?? '0', 0xffff);
  if (zone === undefined) return undefined;
  if (both !== undefined) return { zone, zoneDirection: 'both' };
  if (original !== undefined) return { zone, zoneDirection: 'original' };
  return { zone, zoneDirection: reply === undefined ? 'both' : 'reply' };
}

/** A whole number within bounds, or undefined. */
export function readCount(text: string | undefined, max: number): number | undefined {
  if (text === undefined || !/^(?:\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}
