import { isConnection, type ContextItem } from '../security/context-item.ts';
import type { SecurityEngine } from '../security/security-engine.ts';
import type { TransportPlan } from './scheme.ts';

export type ItemCosts = Pick<
  TransportPlan,
  'exportNsFixed' | 'readNsPerEntry' | 'exportNsPerEntry' | 'importNsFixed' | 'importNsPerEntry'
>;

/** What an engine's items cost in CPU time: as the engine says, without walking a table, or as the scheme does. */
export function itemCosts({ traits }: SecurityEngine, transport: TransportPlan): ItemCosts {
  if (traits.itemCosts === null) return transport;
  const { exportNs, importNs } = traits.itemCosts;
  const nothing = { exportNsFixed: 0, readNsPerEntry: 0, importNsFixed: 0 };
  return { ...nothing, exportNsPerEntry: exportNs, importNsPerEntry: importNs };
}

/** Bytes of items, before anything is added for the wire. */
export function itemsBytes(items: readonly ContextItem[], transport: TransportPlan): number {
  return items.reduce((sum, item) => sum + (isConnection(item) ? transport.bytesPerEntry : item.bytes), 0);
}

/**
 * A record holds at most 2^14 bytes (RFC 8446, 5.1) and adds 22: its header of 5, the byte that says what it holds
 * (5.2), and a tag of 16 (RFC 5116, 5.1, of AES-GCM).
 */
const recordBytesMax = 2 ** 14;
const recordOverheadBytes = 22;

/** Bytes on the wire for so many of context, or of answers. */
export function wireBytes(bytes: number, { encryption }: TransportPlan): number {
  const records = encryption.protocol === 'none' ? 0 : Math.ceil(bytes / recordBytesMax);
  return bytes + records * recordOverheadBytes;
}

/** CPU time of either host for so many bytes of context, whatever they hold. */
export function bytesNs(bytes: number, { mebibyteNs, encryption }: TransportPlan): number {
  const sealNs = encryption.protocol === 'none' ? 0 : encryption.mebibyteNs;
  return (bytes / 2 ** 20) * (mebibyteNs + sealNs);
}

/** How many answers the destination gives to so many items; one to a shipment without any. */
export function answersTo(items: number, { acknowledgement }: TransportPlan): number {
  if (acknowledgement.by === 'stream') return 0;
  return Math.max(1, Math.ceil(items / acknowledgement.itemsPerAnswer));
}
