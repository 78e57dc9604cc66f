/**
 * Where a field of a connection entry stands within its row of 32-bit words. The addresses come last, in the
 * order original source, original destination, reply source, reply destination: one word each in an IPv4 table,
 * four in an IPv6 one.
 *
 * Rows rather than columns, because a packet reads most fields of one entry: two cache lines, not thirty.
 */
export const Field = {
  /** Hash of the original and of the reply tuple. */
  hashOriginal: 0,
  hashReply: 1,
  /** Next tuple in the hash chain: row * 2 + direction, or -1; the first also links free rows. */
  nextOriginal: 2,
  nextReply: 3,
  /** Source port << 16 | destination port; ICMP: id << 16 | type << 8 | code. */
  portsOriginal: 4,
  portsReply: 5,
  /** See zone-word.ts. */
  zoneProtocol: 6,
  /** {@link Status} bits. */
  status: 7,
  /** Tick at which the entry expires; before confirmation the lifetime in ticks. */
  timeout: 8,
  mark: 9,
  /** Time of the last change in ns, in two words, the lower one first. */
  lastChange: 10,
  /** Two local interfaces, 16 bits each, 0 where there is none. */
  interfaces: 12,
  /** Number of the entry's extension (helper, master, lines), 0 for none; never given twice. */
  extension: 13,
  /** Per direction: highest end seen, highest end allowed, largest window, highest acknowledgement. */
  windowOriginal: 14,
  windowReply: 18,
  /** UDP: tick from which two-way traffic makes a stream. Shares the first word of the windows. */
  udpStreamFrom: 14,
  /** Scale and {@link TcpTrackFlag} of the original (bits 0–15) and the reply direction (16–31). */
  scalesFlags: 22,
  lastSequence: 23,
  lastAcknowledgement: 24,
  lastEnd: 25,
  /** Last window as in the header | outgoing interface of masquerading << 16. */
  lastWindow: 26,
  /** State | last event << 4 | last direction << 7 | last scale << 8 | last flags << 12 | retransmissions << 20. */
  tcpMisc: 27,
  addresses: 28,
} as const;

/** Offsets within {@link Field.windowOriginal} and {@link Field.windowReply}. */
export const Window = { end: 0, maxEnd: 1, maxWindow: 2, maxAcknowledgement: 3 } as const;

/** Status bits as in the kernel (include/uapi/linux/netfilter/nf_conntrack_common.h). */
export const Status = {
  expected: 1,
  seenReply: 2,
  assured: 4,
  confirmed: 8,
  sourceNat: 16,
  destinationNat: 32,
  sequenceAdjust: 64,
  sourceNatDone: 128,
  destinationNatDone: 256,
  dying: 512,
  fixedTimeout: 1024,
  helper: 8192,
} as const;

/** Flags of one direction of a TCP entry (include/uapi/linux/netfilter/nf_conntrack_tcp.h). */
export const TcpTrackFlag = {
  windowScale: 1,
  sackPermitted: 2,
  closeInit: 4,
  beLiberal: 8,
  dataUnacknowledged: 16,
  maxAckSet: 32,
  challengeAck: 64,
  simultaneousOpen: 128,
} as const;

/** Words of a row in the table of a family. */
export function rowWords(family: 4 | 6): number {
  return Field.addresses + 4 * addressWords(family);
}

export function addressWords(family: 4 | 6): number {
  return family === 4 ? 1 : 4;
}
