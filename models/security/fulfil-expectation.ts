import type { Packet } from '../network/packet.ts';
import { noExtension, type EntryExtension } from './connection-snapshot.ts';
import { Field, Status } from './entry-layout.ts';
import type { TableCollector } from './table-collector.ts';
import type { TupleSearch } from './tuple-search.ts';
import { zoneIn } from './zone-word.ts';

/**
 * A new connection that was announced is related to the one that announced it, and bears its mark; the expectation
 * has then served. Returns what the new entry has besides its row, null if nobody announced it.
 * Source: Linux 6.18, nf_conntrack_core.c, `init_conntrack`.
 */
export function fulfilExpectation(
  words: Int32Array,
  base: number,
  packet: Packet,
  collector: TableCollector,
  search: TupleSearch,
): EntryExtension | null {
  const { expectations } = collector;
  if (expectations.count === 0) return null;
  const expectation = expectations.find(packet, zoneIn(words[base + Field.zoneProtocol]!), search.nowNs);
  if (expectation === null) return null;
  const { family, row } = expectation.master;
  const table = search.table(family);
  if (search.asked?.has(table, row) === true) return null;
  const master = collector.snapshot(table, row, search.nowNs);
  words[base + Field.status]! |= Status.expected;
  words[base + Field.mark] = table.wordsOf(row)[table.baseOf(row) + Field.mark]!;
  if (search.asked === null) {
    collector.beforeLoss?.();
    expectations.remove(expectation);
  }
  return { ...noExtension, master: master.original };
}
