import type { Address } from '../network/address.ts';
import { formatAddress } from '../network/address.ts';
import { Protocol } from '../network/packet.ts';
import { ConnectionSnapshot } from './connection-snapshot.ts';

/** What an item of an engine other than connection tracking holds: numbers under names. */
export type ItemFields = Readonly<Record<string, number | bigint>>;

/** An item of such an engine as it was at one moment. */
export interface KeyedItem {
  /** Names the item among the VM's; the same in every copy. */
  readonly identity: string;
  /** Kind and version of the engine that it was read from: no other one can take it. */
  readonly format: string;
  readonly fields: ItemFields;
  /** How much of it is there: a copy of a lower grade has lost something. */
  readonly grade: number;
  readonly bytes: number;
  /** When it was read, and what was left of its lifetime then and in all, in ns; Infinity where it has no end. */
  readonly readNs: number;
  readonly timeoutNs: number;
  readonly lifetimeNs: number;
  /** The connections that it serves, see {@link connectionScopes}. */
  readonly scope: string;
}

/** One item of a VM's dynamic context: a connection entry, or what another engine keeps. */
export type ContextItem = ConnectionSnapshot | KeyedItem;

export function isConnection(item: ContextItem): item is ConnectionSnapshot {
  return item instanceof ConnectionSnapshot;
}

/** A connection of the VM as its own end sees it. */
export interface ConnectionEnds {
  readonly localPort: number;
  readonly remote: Address;
  readonly remotePort: number;
}

/**
 * Names for what an item can serve, from one connection to all of the VM's: protocol and ports with the other
 * end's address, that address, or nothing.
 */
export function connectionScopes(ends: ConnectionEnds): readonly [string, string, string] {
  return [connectionScope(Protocol.tcp, ends), formatAddress(ends.remote), ''];
}

export function connectionScope(protocol: number, { localPort, remote, remotePort }: ConnectionEnds): string {
  return `${protocol} ${localPort} ${formatAddress(remote)}:${remotePort}`;
}

/** The scopes under which an item's connection may be known: an entry does not say which of its ends is the VM's. */
export function scopesOf(item: ContextItem): readonly string[] {
  if (!isConnection(item)) return [item.scope];
  const { protocol, original } = item;
  const { source, sourcePort, destination, destinationPort } = original;
  return [
    connectionScope(protocol, { localPort: destinationPort, remote: source, remotePort: sourcePort }),
    connectionScope(protocol, { localPort: sourcePort, remote: destination, remotePort: destinationPort }),
  ];
}
