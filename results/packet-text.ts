import { formatAddress } from '../models/network/address.ts';
import { Protocol, TcpFlag } from '../models/network/packet.ts';
import type { Packet } from '../models/network/packet.ts';

/** A packet in one line, as tcpdump shows it: `10.0.1.1.1024 > 10.0.0.10.80: Flags [S], seq 7, win 1024, length 0`. */
export function packetText(packet: Packet): string {
  const { protocol } = packet;
  if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) return icmpText(packet);
  const from = `${formatAddress(packet.source)}.${packet.sourcePort}`;
  const to = `${formatAddress(packet.destination)}.${packet.destinationPort}`;
  return `${from} > ${to}: ${protocol === Protocol.tcp ? tcpText(packet) : datagramText(packet)}`;
}

function icmpText({ source, destination, protocol, icmpType, icmpCode }: Packet): string {
  const name = protocol === Protocol.icmp ? 'ICMP' : 'ICMP6';
  return `${formatAddress(source)} > ${formatAddress(destination)}: ${name} type ${icmpType}, code ${icmpCode}`;
}

function tcpText({ tcpFlags, sequence, acknowledgement, window, payloadBytes }: Packet): string {
  const has = (flag: keyof typeof TcpFlag): boolean => (tcpFlags & TcpFlag[flag]) !== 0;
  const letters = [
    has('syn') ? 'S' : '',
    has('fin') ? 'F' : '',
    has('rst') ? 'R' : '',
    has('psh') ? 'P' : '',
    has('urg') ? 'U' : '',
    has('ack') ? '.' : '',
  ].join('');
  return [
    `Flags [${letters === '' ? 'none' : letters}]`,
    `seq ${sequence}`,
    ...(has('ack') ? [`ack ${acknowledgement}`] : []),
    `win ${window}`,
    `length ${payloadBytes}`,
  ].join(', ');
}

function datagramText({ protocol, payloadBytes }: Packet): string {
  return `${protocol === Protocol.udp ? 'UDP' : `protocol ${protocol}`}, length ${payloadBytes}`;
}
