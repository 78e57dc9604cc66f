import { Protocol } from '../network/packet.ts';
import { ConnectionSnapshot } from './connection-snapshot.ts';
import { Field, rowWords } from './entry-layout.ts';
import type { LifetimeRule } from './security-engine.ts';
import { tcpStateOf } from './tcp-fields.ts';
import { tickOf, type TrackingTimeouts } from './tracking-settings.ts';
import { Lifetime, timeoutTicks } from './tracking-timeouts.ts';

/**
 * Entries with the lifetimes that a rule gives them where they are loaded; those of which none is left are not among
 * them. `remaining` is what netlink does: the time on the way is not counted.
 */
export function withLifetimes(
  entries: readonly ConnectionSnapshot[],
  rule: LifetimeRule,
  timeouts: TrackingTimeouts,
  nowNs: number,
): readonly ConnectionSnapshot[] {
  switch (rule) {
    case 'remaining':
      return entries;
    case 'absolute':
      return entries.flatMap((entry) => {
        const left = entry.ticksLeft - (tickOf(nowNs) - entry.takenTick);
        return left > 0 ? [withTicksLeft(entry, left)] : [];
      });
    case 'restart':
      return entries.map((entry) => withTicksLeft(entry, timeoutTicks(timeouts)[lifetimeOf(entry)]!));
  }
}

function withTicksLeft(entry: ConnectionSnapshot, ticksLeft: number): ConnectionSnapshot {
  const { family, base, takenTick, lastChangeNs, extension } = entry;
  // Its own row alone: it may have been read into an array with many others.
  const words = entry.words.slice(base, base + rowWords(family));
  words[Field.timeout] = takenTick + ticksLeft;
  return new ConnectionSnapshot({ family, words, base: 0, takenTick, lastChangeNs, extension });
}

/** Where the whole lifetime of the entry's state stands among all lifetimes. */
function lifetimeOf(entry: ConnectionSnapshot): number {
  switch (entry.protocol) {
    case Protocol.tcp:
      return tcpStateOf(entry.words, entry.base);
    case Protocol.udp:
      return entry.assured ? Lifetime.udpStream : Lifetime.udp;
    case Protocol.icmp:
      return Lifetime.icmp;
    case Protocol.icmpv6:
      return Lifetime.icmpv6;
    default:
      return Lifetime.generic;
  }
}
