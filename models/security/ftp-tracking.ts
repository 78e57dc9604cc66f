import { sameAddress } from '../network/address.ts';
import { Protocol, type DataChannel, type Packet } from '../network/packet.ts';
import { noExtension, readAddress, type EntryExtension } from './connection-snapshot.ts';
import type { ConnectionTracker } from './connection-tracker.ts';
import { addressWords, Field } from './entry-layout.ts';
import { zoneIn } from './zone-word.ts';

/**
 * Connection tracking's helper for FTP. It reads lines: a packet with payload of a control connection is taken
 * for whole lines unless it says otherwise, and an announcement counts only where a line is known to begin. That
 * is not copied when an entry moves; instead the first packet of each direction is believed (measured, Linux
 * 6.18.44, npm run fuzz:conntrack). An end may only announce its own address. Source: Linux 6.18,
 * net/netfilter/nf_conntrack_ftp.c. Left out: rewriting the announcement under NAT, and dropping a packet that
 * begins as an announcement and does not end as one.
 */
export class FtpTracking {
  private readonly tracker: ConnectionTracker;

  constructor(tracker: ConnectionTracker) {
    this.tracker = tracker;
  }

  /** Gives a connection that is being opened a helper. */
  attach(kind: string): void {
    const { attachment } = this.tracker;
    if (kind !== 'ftp' || !attachment.hasEntry || attachment.row >= 0 || attachment.met) return;
    const pending = this.tracker.pendingExtension ?? noExtension;
    this.tracker.pendingExtension = { ...pending, helper: kind };
  }

  /**
   * Reads a packet of an established connection that the rules have accepted; false: it must be dropped, since another
   * connection announced the same already. A question leaves no trace.
   */
  read(packet: Packet, nowNs: number, asking: boolean): boolean {
    const { words, base, direction } = this.tracker.attachment;
    const number = words[base + Field.extension]!;
    if (number === 0 || packet.protocol !== Protocol.tcp || packet.payloadBytes === 0) return true;
    const { extensions } = this.tracker.collector;
    const extension = extensions.get(number);
    if (extension?.helper !== 'ftp') return true;
    const side = direction === 0 ? 0 : 1;
    const atLine = extension.lines[side].includes(packet.sequence | 0);
    const trusted = !atLine && extension.trustsNext[side];
    const announces = atLine || trusted ? packet.announces : null;
    const passes = announces === null || this.expect(announces, nowNs, asking);
    if (asking) return passes;
    const known = trusted ? { ...extension, trustsNext: without(extension.trustsNext, side) } : extension;
    const end = (packet.sequence + packet.payloadBytes) | 0;
    extensions.set(number, packet.endsLine ? withLine(known, direction, end) : known);
    return passes;
  }

  private expect(announces: DataChannel, nowNs: number, asking: boolean): boolean {
    const { words, base, direction, row } = this.tracker.attachment;
    const { family } = this.tracker;
    const width = addressWords(family);
    const own = base + Field.addresses + 2 * width * direction;
    const answering = base + Field.addresses + 2 * width * (1 - direction);
    if (!sameAddress(announces.address, readAddress(words, own, family))) return true;
    const expectation = {
      source: readAddress(words, answering, family),
      destination: readAddress(words, answering + width, family),
      protocol: Protocol.tcp,
      destinationPort: announces.port,
      zone: zoneIn(words[base + Field.zoneProtocol]!),
      expiresNs: nowNs + lifetimeNs,
      master: { family, row, extension: words[base + Field.extension]! },
    };
    const { expectations } = this.tracker.collector;
    if (expectations.isTaken(expectation, nowNs)) return false;
    if (!asking) expectations.add(expectation);
    return true;
  }
}

/** The helper's expectation policy: five minutes. */
const lifetimeNs = 300e9;

function without(trusts: EntryExtension['trustsNext'], side: 0 | 1): EntryExtension['trustsNext'] {
  return side === 0 ? [false, trusts[1]] : [trusts[0], false];
}

/** The helper remembers the beginnings of the two latest lines of each direction. */
function withLine(extension: EntryExtension, direction: number, sequence: number): EntryExtension {
  const [original, reply] = extension.lines;
  const add = (lines: readonly number[]): readonly number[] =>
    lines.includes(sequence) ? lines : [...lines, sequence].slice(-2);
  return { ...extension, lines: direction === 0 ? [add(original), reply] : [original, add(reply)] };
}
