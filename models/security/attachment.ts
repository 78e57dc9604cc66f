import type { ConnectionState } from './nse.ts';

/** What a packet was found to belong to. One object for all trackers, overwritten by the next packet of any. */
export interface Attachment {
  /** `untracked` and `invalid` packets have no entry; `null` state: dropped, the table is full. */
  state: ConnectionState | null;
  /** The entry: its row begins at `base` of `words`. Meaningless without an entry. */
  words: Int32Array;
  base: number;
  hasEntry: boolean;
  /** Row in the table, -1 for an entry that is not confirmed or was just removed. */
  row: number;
  /** 0 original, 1 reply; for a related ICMP error that of the tuple it was found by. */
  direction: number;
  /** The packet met an entry, whatever it was judged to be. */
  met: boolean;
}

/** Where no packet was seen yet. */
export function unattached(words: Int32Array): Attachment {
  return { state: null, words, base: 0, hasEntry: false, row: -1, direction: 0, met: false };
}
