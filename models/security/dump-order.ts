import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { Field } from './entry-layout.ts';

/**
 * The entries as the kernel lists them: by the bucket of their original tuples. What was read from a file has no hash
 * and stays in its order. Source: Linux 6.18, nf_conntrack_netlink.c, `ctnetlink_dump_table`.
 */
export function inDumpOrder(entries: readonly ConnectionSnapshot[]): ConnectionSnapshot[] {
  return [...entries].sort((a, b) => hashOf(a) - hashOf(b));
}

/** A bucket's number grows with the hash, so that both give the same order. */
function hashOf({ words, base }: ConnectionSnapshot): number {
  return words[base + Field.hashOriginal]! >>> 0;
}
