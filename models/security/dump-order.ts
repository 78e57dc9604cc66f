import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { Field } from './entry-layout.ts';
import { loadPlans } from './load-mode.ts';
import type { LoadMode } from './security-engine.ts';

/**
 * The entries as the kernel lists them: by the bucket of their original tuples. What was read from a file has no hash
 * and stays in its order. Source: Linux 6.18, nf_conntrack_netlink.c, `ctnetlink_dump_table`.
 */
export function inDumpOrder(entries: readonly ConnectionSnapshot[]): ConnectionSnapshot[] {
  return [...entries].sort((a, b) => hashOf(a) - hashOf(b));
}

/** In the order in which they are loaded: it matters to the tool that stops at the first failure, and gets them as listed. */
export function inLoadOrder(
  entries: readonly ConnectionSnapshot[],
  mode: LoadMode,
): readonly ConnectionSnapshot[] {
  return loadPlans[mode].stopsAtFailure ? inDumpOrder(entries) : entries;
}

/** A bucket's number grows with the hash, so that both give the same order. */
function hashOf({ words, base }: ConnectionSnapshot): number {
  return words[base + Field.hashOriginal]! >>> 0;
}
