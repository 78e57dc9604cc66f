import { Protocol } from '../../models/network/packet.ts';
import { tcpStates } from '../../models/security/tcp-transitions.ts';
import { readCount, readEnds, readZone } from './written-entry.ts';
import type { WrittenEntry, WrittenTuple } from './written-entry.ts';

/**
 * One line of `conntrack -L`:
 *
 *     [ipv4 2] tcp 6 431999 ESTABLISHED src= dst= sport= dport= [UNREPLIED] src= … [ASSURED] mark=0 use=1
 *
 * Returns what is wrong with it when it is none.
 */
export function readListedEntry(line: string): WrittenEntry | string {
  const words = line.split(/\s+/);
  if (words[0] === 'ipv4' || words[0] === 'ipv6') words.splice(0, 2);
  const protocol = readCount(words[1], 255);
  const timeoutS = readCount(words[2], 0x7fff_ffff / 250);
  if (protocol === undefined || timeoutS === undefined) return 'has no protocol and no time left';
  const pairs = words.slice(3).flatMap((word) => {
    const at = word.indexOf('=');
    return at < 0 ? [] : [{ key: word.slice(0, at), value: word.slice(at + 1) }];
  });
  const state = protocol === Protocol.tcp ? (words[3] ?? '') : '';
  if (protocol === Protocol.tcp && !tcpStates.some((known) => known === state))
    return `has the TCP state ${state}`;
  const tuples = readTuples(pairs, protocol);
  if (tuples === undefined) return 'has no two tuples';
  const valueOf = (key: string): string | undefined => pairs.find((pair) => pair.key === key)?.value;
  const mark = readCount(valueOf('mark') ?? '0', 0xffff_ffff);
  const zone = readZone(valueOf('zone'), valueOf('zone-orig'), valueOf('zone-reply'));
  if (mark === undefined || zone === undefined) return 'has a mark or a zone that is no number';
  return {
    protocol,
    timeoutS,
    state,
    original: tuples[0],
    reply: tuples[1],
    replied: !words.includes('[UNREPLIED]'),
    assured: words.includes('[ASSURED]'),
    mark,
    ...zone,
    helper: valueOf('helper') ?? '',
  };
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Each tuple begins with `src=`. */
function readTuples(pairs: readonly Pair[], protocol: number): [WrittenTuple, WrittenTuple] | undefined {
  const starts = pairs.flatMap(({ key }, i) => (key === 'src' ? [i] : []));
  const [first, second] = starts;
  if (starts.length !== 2 || first === undefined || second === undefined) return undefined;
  const original = readTuple(pairs.slice(first, second), protocol);
  const reply = readTuple(pairs.slice(second), protocol);
  if (original?.source.family !== reply?.source.family) return undefined;
  return original === undefined || reply === undefined ? undefined : [original, reply];
}

function readTuple(pairs: readonly Pair[], protocol: number): WrittenTuple | undefined {
  const valueOf = (key: string): string | undefined => pairs.find((pair) => pair.key === key)?.value;
  const ends = readEnds(valueOf('src') ?? '', valueOf('dst') ?? '');
  const isIcmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  const first = readCount(valueOf(isIcmp ? 'id' : 'sport') ?? '0', 0xffff);
  const second = isIcmp
    ? readType(valueOf('type'), valueOf('code'))
    : readCount(valueOf('dport') ?? '0', 0xffff);
  if (ends === undefined || first === undefined || second === undefined) return undefined;
  return { source: ends[0], destination: ends[1], first, second };
}

function readType(type: string | undefined, code: string | undefined): number | undefined {
  const upper = readCount(type, 255);
  const lower = readCount(code, 255);
  return upper === undefined || lower === undefined ? undefined : (upper << 8) | lower;
}
