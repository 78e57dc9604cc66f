/** For which direction of a connection a zone holds; in the other one the connection is in zone 0. */
export type ZoneDirection = 'both' | 'original' | 'reply';

/**
 * Zone and protocol of a tuple in one word: zone | protocol << 16 | direction << 24. Source for directions: Linux
 * 6.18, include/net/netfilter/nf_conntrack_zones.h, `nf_ct_zone_id`, `nf_ct_zone_equal`.
 */
export function zoneWord(zone: number, protocol: number, direction: ZoneDirection): number {
  return zone | (protocol << 16) | (directionCodes[direction] << 24);
}

const directionCodes = { both: 0, original: 1, reply: 2 } as const;

export function protocolIn(word: number): number {
  return (word >>> 16) & 255;
}

/** The zone's number, whatever its direction. */
export function zoneIn(word: number): number {
  return word & 0xffff;
}

export function zoneDirectionIn(word: number): ZoneDirection {
  const code = word >>> 24;
  if (code === directionCodes.both) return 'both';
  return code === directionCodes.original ? 'original' : 'reply';
}

/** The word of one direction (0 original, 1 reply) with the zone that holds there: what is hashed and compared. */
export function wordOfDirection(word: number, direction: number): number {
  const code = word >>> 24;
  if (code === directionCodes.both) return word;
  return code === direction + 1 ? word & 0x00ff_ffff : word & 0x00ff_0000;
}

/** Whether the zone holds for one direction only. */
export function isDirected(word: number): boolean {
  return word >>> 24 !== directionCodes.both;
}
