import { formatAddress, sameAddress, type Address } from '../../models/network/address.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../../models/network/packet.ts';
import type { Addressing } from '../../models/security/addressing.ts';
import type { ConnectionTracker } from '../../models/security/connection-tracker.ts';
import { ScenarioError } from '../../sim/assert.ts';
import { clientSide } from './entry-view.ts';
import { goldenAddress } from './golden-packet.ts';

/**
 * The firewall host of the recordings: interface c0 towards the client with 10.0.1.1 and fd00:1::1, s0 towards
 * the server with 10.0.2.1 and fd00:2::1, connected routes only.
 */
export class RecorderHost implements Addressing {
  private readonly addresses = new Map<string, Address[]>([
    ['c0', [goldenAddress('10.0.1.1'), goldenAddress('fd00:1::1')]],
    ['s0', [goldenAddress('10.0.2.1'), goldenAddress('fd00:2::1')]],
  ]);
  private readonly down = new Set<string>();

  isLocal(address: Address): boolean {
    return [...this.addresses.values()].some((list) => list.some((own) => sameAddress(own, address)));
  }

  outInterface(destination: Address): string {
    const name = clientSide(formatAddress(destination)) ? 'c0' : 's0';
    return this.down.has(name) || this.interfaceAddress(name, destination.family) === null ? '' : name;
  }

  interfaceAddress(interfaceName: string, family: 4 | 6): Address | null {
    const list = this.addresses.get(interfaceName) ?? [];
    return list.find((address) => address.family === family) ?? null;
  }

  /** An `ip` command of a recording: addresses come and go, and links; entries bound to them die. */
  command(text: string, tracker: ConnectionTracker, nowNs: number): void {
    const words = text.split(' ');
    const name = words[words[0] === 'link' ? 2 : 4] ?? '';
    switch (`${words[0] ?? ''} ${words[1] ?? ''}`) {
      case 'addr add':
        this.addresses.get(name)?.push(goldenAddress((words[2] ?? '').split('/')[0] ?? ''));
        return;
      case 'addr del': {
        const gone = goldenAddress((words[2] ?? '').split('/')[0] ?? '');
        const left = (this.addresses.get(name) ?? []).filter((own) => !sameAddress(own, gone));
        this.addresses.set(name, left);
        tracker.entries.deleteMasqueraded(tracker.interfaceNumbers.of(name), gone, nowNs);
        return;
      }
      case 'link set':
        if (words[3] === 'up') {
          this.down.delete(name);
          return;
        }
        this.down.add(name);
        tracker.entries.deleteMasqueraded(tracker.interfaceNumbers.of(name), null, nowNs);
        return;
      case 'neigh replace':
        return;
      default:
        throw new ScenarioError([
          { place: 'packets', message: `"ip ${text}" is not known`, allowed: 'addr, link, neigh' },
        ]);
    }
  }
}

/**
 * What a Linux host without services answers to a packet for itself: a TCP reset (RFC 9293, 3.5.2), an echo
 * reply, port unreachable; null where it is silent.
 */
export function hostAnswer(packet: Packet): Packet | null {
  const ends = { source: packet.destination, destination: packet.source, protocol: packet.protocol };
  switch (packet.protocol) {
    case Protocol.tcp: {
      if ((packet.tcpFlags & TcpFlag.rst) !== 0) return null;
      const acknowledged = (packet.tcpFlags & TcpFlag.ack) !== 0;
      const syn = (packet.tcpFlags & TcpFlag.syn) !== 0 ? 1 : 0;
      const fin = (packet.tcpFlags & TcpFlag.fin) !== 0 ? 1 : 0;
      return makePacket({
        ...ends,
        sourcePort: packet.destinationPort,
        destinationPort: packet.sourcePort,
        tcpFlags: acknowledged ? TcpFlag.rst : TcpFlag.rst | TcpFlag.ack,
        sequence: acknowledged ? packet.acknowledgement : 0,
        acknowledgement: acknowledged ? 0 : (packet.sequence + packet.payloadBytes + syn + fin) >>> 0,
      });
    }
    case Protocol.icmp:
    case Protocol.icmpv6: {
      const request = packet.protocol === Protocol.icmp ? 8 : 128;
      if (packet.icmpType !== request) return null;
      const icmpType = packet.protocol === Protocol.icmp ? 0 : 129;
      const { icmpId, icmpSequence, payloadBytes } = packet;
      return makePacket({ ...ends, icmpType, icmpId, icmpSequence, payloadBytes });
    }
    case Protocol.udp: {
      const v4 = packet.source.family === 4;
      return makePacket({
        ...ends,
        protocol: v4 ? Protocol.icmp : Protocol.icmpv6,
        icmpType: v4 ? 3 : 1,
        icmpCode: v4 ? 3 : 4,
        quoted: packet,
        quotedBytes: (v4 ? 28 : 48) + packet.payloadBytes,
      });
    }
    default:
      return null;
  }
}
