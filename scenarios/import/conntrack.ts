import { sameAddress } from '../../models/network/address.ts';
import type { Address } from '../../models/network/address.ts';
import { Protocol } from '../../models/network/packet.ts';
import { ConnectionSnapshot, noExtension } from '../../models/security/connection-snapshot.ts';
import { Field, Status, addressWords, rowWords } from '../../models/security/entry-layout.ts';
import { setTcpState } from '../../models/security/tcp-fields.ts';
import { tcpStates } from '../../models/security/tcp-transitions.ts';
import { tickOf, ticks } from '../../models/security/tracking-settings.ts';
import { zoneWord } from '../../models/security/zone-word.ts';
import type { Problem } from '../../sim/assert.ts';
import type { WrittenEntry } from './written-entry.ts';
import { readListedEntry } from './conntrack-list.ts';
import { readSavedEntry } from './conntrack-save.ts';
import { ProblemList } from './imported-ruleset.ts';

export interface ImportedEntries {
  readonly entries: readonly ConnectionSnapshot[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the entries that `conntrack -L` prints, with or without `-o extended`, or `conntrack -L -o save`, as
 * they were at `nowNs`. Neither tells windows, and the first tells no status but REPLIED and ASSURED.
 */
export function importConntrack(text: string, file: string, nowNs: number): ImportedEntries {
  const problems = new ProblemList(file);
  const entries: ConnectionSnapshot[] = [];
  text.split('\n').forEach((raw, i) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || /^conntrack v\S+ \(conntrack-tools\)/.test(line)) return;
    const entry = /^-[AI] /.test(line) ? readSavedEntry(line) : readListedEntry(line);
    if (typeof entry === 'string')
      problems.add(i + 1, entry, 'a line of conntrack -L or conntrack -L -o save');
    else entries.push(snapshotOf(entry, nowNs));
  });
  return { entries, problems: problems.problems };
}

function snapshotOf(entry: WrittenEntry, nowNs: number): ConnectionSnapshot {
  const { family } = entry.original.source;
  const words = new Int32Array(rowWords(family));
  const takenTick = tickOf(nowNs);
  words[Field.portsOriginal] = (entry.original.first << 16) | entry.original.second;
  words[Field.portsReply] = (entry.reply.first << 16) | entry.reply.second;
  words[Field.zoneProtocol] = zoneWord(entry.zone, entry.protocol, entry.zoneDirection);
  words[Field.status] = statusOf(entry);
  words[Field.timeout] = takenTick + ticks(entry.timeoutS);
  words[Field.mark] = entry.mark | 0;
  const ends = [
    entry.original.source,
    entry.original.destination,
    entry.reply.source,
    entry.reply.destination,
  ];
  ends.forEach((address, i) => writeAddress(words, Field.addresses + i * addressWords(family), address));
  if (entry.protocol === Protocol.tcp)
    setTcpState(
      words,
      0,
      Math.max(
        tcpStates.findIndex((state) => state === entry.state),
        0,
      ),
    );
  const extension = entry.helper === '' ? noExtension : { ...noExtension, helper: entry.helper };
  return new ConnectionSnapshot({ family, words, base: 0, takenTick, lastChangeNs: nowNs, extension });
}

/** A reply that does not go back to where the original came from shows that the connection is translated. */
function statusOf({ protocol, original, reply, replied, assured }: WrittenEntry): number {
  let status: number = Status.confirmed;
  if (replied) status |= Status.seenReply;
  if (assured) status |= Status.assured;
  const isIcmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  const sourcePortBack = isIcmp ? reply.first : reply.second;
  const destinationPortBack = isIcmp ? original.second : reply.first;
  if (!sameAddress(original.source, reply.destination) || original.first !== sourcePortBack)
    status |= Status.sourceNat | Status.sourceNatDone;
  if (!sameAddress(original.destination, reply.source) || original.second !== destinationPortBack)
    status |= Status.destinationNat | Status.destinationNatDone;
  return status;
}

function writeAddress(words: Int32Array, at: number, { family, w0, w1, w2, w3 }: Address): void {
  if (family === 4) words[at] = w3;
  else words.set([w0, w1, w2, w3], at);
}
