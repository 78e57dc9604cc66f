import { describe, expect, test } from 'vitest';
import { ipv4 } from '../models/network/address.ts';
import { changedPacket, Protocol, TcpFlag, makePacket } from '../models/network/packet.ts';
import { PacketExamples } from './packet-examples.ts';
import { packetText } from './packet-text.ts';

const syn = makePacket({
  ...{ source: ipv4(0x0a000101), destination: ipv4(0x0a00000a), protocol: Protocol.tcp },
  ...{ sourcePort: 40_000, destinationPort: 80, tcpFlags: TcpFlag.syn, sequence: 7, window: 1024, flow: 12 },
});

describe('examples of packets', () => {
  test('are the first of their kind after the pause, or the first at all', () => {
    const examples = new PacketExamples();
    examples.see('dropped', 'rule', 'b/firewall', 1, syn);
    examples.see('dropped', 'queue', 'b/firewall', 2, syn);
    examples.pause();
    examples.see('dropped', 'rule', 'b/firewall', 3, changedPacket(syn, { sequence: 8 }));
    examples.see('dropped', 'rule', 'b/firewall', 4, changedPacket(syn, { sequence: 9 }));
    examples.see('dropped', 'rule', 'a/firewall', 5, syn);
    expect(examples.list().map(({ timeNs, cause, place }) => [timeNs, cause, place])).toEqual([
      [2, 'queue', 'b/firewall'],
      [3, 'rule', 'b/firewall'],
      [5, 'rule', 'a/firewall'],
    ]);
  });

  test('are told in one line, as tcpdump does', () => {
    expect(packetText(syn)).toBe('10.0.1.1.40000 > 10.0.0.10.80: Flags [S], seq 7, win 1024, length 0');
    const answer = changedPacket(syn, { tcpFlags: TcpFlag.syn | TcpFlag.ack, acknowledgement: 8 });
    expect(packetText(answer)).toContain('Flags [S.], seq 7, ack 8');
    expect(packetText(changedPacket(syn, { protocol: Protocol.udp, payloadBytes: 64 }))).toContain(
      '80: UDP, length 64',
    );
  });
});
