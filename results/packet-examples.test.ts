import { describe, expect, test } from 'vitest';
import { ipv4 } from '../models/network/address.ts';
import { Protocol, TcpFlag, makePacket } from '../models/network/packet.ts';
import { PacketExamples } from './packet-examples.ts';
import { packetText } from './packet-text.ts';

const syn = makePacket({
  ...{ source: ipv4(0x0a000101), destination: ipv4(0x0a00000a), protocol: Protocol.tcp },
  ...{ sourcePort: 40_000, destinationPort: 80, tcpFlags: TcpFlag.syn, sequence: 7, window: 1024, flow: 12 },
});

describe('examples of packets', () => {
  test('are the first of their kind after the pause, or the first at all', () => {
    const examples = new PacketExamples();
    const refused = { fate: 'dropped', cause: 'rule', place: 'b/firewall' } as const;
    const lost = { ...refused, cause: 'queue' };
    examples.see(refused, 1, syn);
    examples.see(lost, 2, syn);
    examples.pause();
    examples.see(refused, 3, { ...syn, sequence: 8 });
    examples.see(refused, 4, { ...syn, sequence: 9 });
    expect(examples.list().map(({ timeNs, cause }) => [timeNs, cause])).toEqual([
      [2, 'queue'],
      [3, 'rule'],
    ]);
  });

  test('are told in one line, as tcpdump does', () => {
    expect(packetText(syn)).toBe('10.0.1.1.40000 > 10.0.0.10.80: Flags [S], seq 7, win 1024, length 0');
    const answer = { ...syn, tcpFlags: TcpFlag.syn | TcpFlag.ack, acknowledgement: 8 };
    expect(packetText(answer)).toContain('Flags [S.], seq 7, ack 8');
    expect(packetText({ ...syn, protocol: Protocol.udp, payloadBytes: 64 })).toContain('80: UDP, length 64');
  });
});
