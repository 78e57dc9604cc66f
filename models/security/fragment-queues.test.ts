import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { makePacket, Protocol, type Packet } from '../network/packet.ts';
import { FragmentQueues } from './fragment-queues.ts';

const lifetimeNs = 30e9;

/** Part of a UDP datagram with 2,000 bytes of payload in pieces of 1,000 bytes; the header takes 8 of the first. */
function fragment(part: 0 | 1 | 2, fields: Partial<Packet> = {}): Packet {
  return makePacket({
    source: ipv4(1),
    destination: ipv4(2),
    protocol: Protocol.udp,
    sourcePort: part === 0 ? 40_000 : 0,
    destinationPort: part === 0 ? 53 : 0,
    payloadBytes: [992, 1000, 8][part]!,
    fragmentOffsetBytes: part * 1000,
    moreFragments: part < 2,
    fragmentId: 7,
    ...fields,
  });
}

function add(queues: FragmentQueues, piece: Packet, nowNs = 0): Packet | null {
  return queues.add(piece, nowNs, lifetimeNs, false);
}

describe('FragmentQueues', () => {
  it('makes one datagram of its fragments in any order, with the ports of the first', () => {
    const queues = new FragmentQueues();
    expect([add(queues, fragment(2)), add(queues, fragment(0))]).toEqual([null, null]);
    const whole = add(queues, fragment(1));
    expect(whole).toMatchObject({ payloadBytes: 2000, sourcePort: 40_000, fragmentOffsetBytes: -1 });
    expect(queues.count).toBe(0);
  });

  it('keeps datagrams of other ids, ends and protocols apart', () => {
    const queues = new FragmentQueues();
    add(queues, fragment(0));
    add(queues, fragment(1));
    expect(add(queues, fragment(2, { fragmentId: 8 }))).toBeNull();
    expect(add(queues, fragment(2, { protocol: Protocol.icmp }))).toBeNull();
  });

  it('bears a fragment that comes twice, and gives up a datagram whose fragments overlap', () => {
    const twice = new FragmentQueues();
    const pieces = [fragment(0), fragment(0), fragment(1), fragment(2)];
    expect(pieces.map((piece) => add(twice, piece) !== null)).toEqual([false, false, false, true]);
    const overlapping = new FragmentQueues();
    const wrong = fragment(1, { fragmentOffsetBytes: 992 });
    expect([fragment(0), wrong, fragment(1), fragment(2)].map((piece) => add(overlapping, piece))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('forgets a datagram that is not complete in time', () => {
    const queues = new FragmentQueues();
    add(queues, fragment(0), 0);
    add(queues, fragment(1), 29e9);
    expect(add(queues, fragment(2), 30e9)).toBeNull();
  });
});
