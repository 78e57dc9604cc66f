import { Protocol } from '../../models/network/packet.ts';
import { tcpStates } from '../../models/security/tcp-transitions.ts';
import { parseValue } from './nft-value.ts';
import { readCount, readEnds, readZone } from './written-entry.ts';
import type { WrittenEntry } from './written-entry.ts';

/** Options that `conntrack -o save` writes, by their short names (conntrack(8)). */
const names: Readonly<Record<string, string>> = {
  '-t': 'timeout',
  '-u': 'status',
  '-s': 'source',
  '-d': 'destination',
  '-r': 'reply-source',
  '-g': 'reply-source',
  '-q': 'reply-destination',
  '-n': 'reply-destination',
  '-p': 'protocol',
  '-w': 'zone',
  '--orig-zone': 'original-zone',
  '--reply-zone': 'reply-zone',
  '-m': 'mark',
  '--sport': 'sport',
  '--dport': 'dport',
  '--reply-port-src': 'reply-sport',
  '--reply-port-dst': 'reply-dport',
  '--state': 'state',
  '--icmp-type': 'type',
  '--icmp-code': 'code',
  '--icmp-id': 'id',
  '--icmpv6-type': 'type',
  '--icmpv6-code': 'code',
  '--icmpv6-id': 'id',
};

/** One line of `conntrack -L -o save`; returns what is wrong with it when it is none. */
export function readSavedEntry(line: string): WrittenEntry | string {
  const words = line.split(/\s+/).slice(1);
  const options: Partial<Record<string, string>> = {};
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i]!;
    const name = Object.hasOwn(names, word) ? names[word] : undefined;
    const value = words[i + 1];
    if (name === undefined || value === undefined) return `has ${word}, which is not understood`;
    options[name] = value;
  }
  const protocol = protocolOf(options['protocol'] ?? '');
  const timeoutS = readCount(options['timeout'] ?? '0', 0x7fff_ffff / 250);
  const original = readEnds(options['source'] ?? '', options['destination'] ?? '');
  const reply = readEnds(options['reply-source'] ?? '', options['reply-destination'] ?? '');
  if (protocol === undefined || timeoutS === undefined) return 'has no protocol or no time left';
  if (original === undefined || reply?.[0].family !== original[0].family) return 'has no two tuples';
  const state = options['state'] ?? '';
  if (protocol === Protocol.tcp && !tcpStates.some((known) => known === state))
    return `has the TCP state ${state}`;
  const ports = portsOf(options, protocol);
  const zone = readZone(options['zone'], options['original-zone'], options['reply-zone']);
  const mark = readCount(options['mark'] ?? '0', 0xffff_ffff);
  if (ports === undefined || zone === undefined || mark === undefined)
    return 'has a port, zone or mark that is no number';
  const status = (options['status'] ?? '').split(',');
  return {
    ...{ protocol, timeoutS, state, mark, ...zone, helper: '' },
    original: { source: original[0], destination: original[1], first: ports[0], second: ports[1] },
    reply: { source: reply[0], destination: reply[1], first: ports[2], second: ports[3] },
    replied: status.includes('SEEN_REPLY'),
    assured: status.includes('ASSURED'),
  };
}

function protocolOf(text: string): number | undefined {
  const value = parseValue('inet_proto', text);
  return value?.kind === 'numbers' ? value.low : undefined;
}

/** Replies to ICMP queries, by the type of the query (invmap in nf_conntrack_proto_icmp.c and _icmpv6.c). */
const icmpReplies: Readonly<Record<number, number>> = {
  8: 0,
  0: 8,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
};
const icmpv6Replies: Readonly<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 };

/** Ports of both tuples, or what stands for them. */
function portsOf(
  options: Partial<Record<string, string>>,
  protocol: number,
): [number, number, number, number] | undefined {
  const count = (name: string, max: number): number => readCount(options[name] ?? '0', max) ?? -1;
  const isIcmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  if (isIcmp) {
    const [type, code, id] = [count('type', 255), count('code', 255), count('id', 0xffff)];
    const replies = protocol === Protocol.icmp ? icmpReplies : icmpv6Replies;
    return Math.min(type, code, id) < 0
      ? undefined
      : [id, (type << 8) | code, id, ((replies[type] ?? type) << 8) | code];
  }
  const ports = [
    count('sport', 0xffff),
    count('dport', 0xffff),
    count('reply-sport', 0xffff),
    count('reply-dport', 0xffff),
  ] as const;
  return Math.min(...ports) < 0 ? undefined : [...ports];
}
