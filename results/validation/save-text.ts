import { formatAddress, sameAddress } from '../../models/network/address.ts';
import { Protocol } from '../../models/network/packet.ts';
import type { ConnectionSnapshot } from '../../models/security/connection-snapshot.ts';
import { Status } from '../../models/security/entry-layout.ts';

/** An entry as `conntrack -L -o save` of conntrack-tools 1.4.7 prints it. */
export function saveText(entry: ConnectionSnapshot): string {
  const { original, reply, status } = entry;
  const flags = writtenStatus.filter(([bit]) => (status & bit) !== 0).map(([, name]) => name);
  const translatedSource =
    (status & Status.sourceNatDone) !== 0 && !sameAddress(original.source, reply.destination);
  const translatedDestination =
    (status & Status.destinationNatDone) !== 0 && !sameAddress(original.destination, reply.source);
  return [
    `-A -t ${Math.floor(entry.ticksLeft / 250)} -u ${flags.length === 0 ? 'UNSET' : flags.join(',')}`,
    ...(entry.zone === 0 ? [] : [`${zoneOptions[entry.zoneDirection]} ${entry.zone}`]),
    `-s ${formatAddress(original.source)} -d ${formatAddress(original.destination)}`,
    `${translatedDestination ? '-g' : '-r'} ${formatAddress(reply.source)}`,
    `${translatedSource ? '-n' : '-q'} ${formatAddress(reply.destination)}`,
    protocolText(entry),
  ].join(' ');
}

/** In the order of the bits. */
const writtenStatus: readonly (readonly [number, string])[] = [
  [Status.expected, 'EXPECTED'],
  [Status.seenReply, 'SEEN_REPLY'],
  [Status.assured, 'ASSURED'],
  [Status.fixedTimeout, 'FIXED_TIMEOUT'],
];

const zoneOptions = { both: '-w', original: '--orig-zone', reply: '--reply-zone' } as const;

function protocolText(entry: ConnectionSnapshot): string {
  const { original, reply } = entry;
  const ports =
    `--sport ${original.sourcePort} --dport ${original.destinationPort} ` +
    `--reply-port-src ${reply.sourcePort} --reply-port-dst ${reply.destinationPort}`;
  switch (entry.protocol) {
    case Protocol.tcp:
      return `-p tcp ${ports} --state ${entry.tcpState ?? ''}`;
    case Protocol.udp:
      return `-p udp ${ports}`;
    case Protocol.icmp:
      return `-p icmp ${icmpText('icmp', entry)}`;
    case Protocol.icmpv6:
      return `-p icmpv6 ${icmpText('icmpv6', entry)}`;
    default:
      return `-p ${entry.protocol}`;
  }
}

function icmpText(name: string, { original }: ConnectionSnapshot): string {
  return `--${name}-type ${original.icmpType} --${name}-code ${original.icmpCode} --${name}-id ${original.icmpId}`;
}
