import { describe, expect, test } from 'vitest';
import { ipv4, parseAddress } from '../models/network/address.ts';
import { changedPacket, Protocol, TcpFlag, makePacket } from '../models/network/packet.ts';
import { handMadeRows } from './hand-made-rows.fixture.ts';

const syn = makePacket({
  ...{ source: ipv4(0x0a000101), destination: ipv4(0x0a00000a), protocol: Protocol.tcp },
  ...{ sourcePort: 40_000, destinationPort: 80, tcpFlags: TcpFlag.syn, intent: 'syn-flood', flow: 12 },
});

describe('the recorder', () => {
  test('keeps of a dropped packet what drops.csv shows', () => {
    const rows = handMadeRows(1, ({ packetDropped }) => {
      packetDropped.publish({ timeNs: 5, place: 'b/firewall', cause: 'rule', packet: syn });
      const overIpv6 = changedPacket(syn, {
        source: parseAddress('2001:db8::1')!,
        destination: parseAddress('2001:db8::2')!,
      });
      packetDropped.publish({ timeNs: 7, place: 'a/web', cause: 'paused', packet: overIpv6 });
    });
    expect(rows.drops.row(0)).toEqual({
      ...{ timeNs: 5, place: 'b/firewall', cause: 'rule', intent: 'syn-flood', flow: 12, protocol: 6 },
      ...{ source: '10.0.1.1', sourcePort: 40_000, destination: '10.0.0.10', destinationPort: 80 },
      // IPv4 and TCP header without options.
      ...{ tcpFlags: 2, bytes: 20 + 20 },
    });
    expect(rows.drops.row(1)).toMatchObject({ source: '2001:db8::1', cause: 'paused', bytes: 40 + 20 });
  });

  test('counts deliveries by intent and end, and everything by interval', () => {
    const rows = handMadeRows(1, ({ packetDelivered, packetDropped, probeEnded }) => {
      packetDelivered.publish({ timeNs: 1, place: 'web', to: 'vm', packet: syn });
      packetDelivered.publish({
        timeNs: 2,
        place: 'web',
        to: 'vm',
        packet: changedPacket(syn, { intent: 'legitimate' }),
      });
      packetDelivered.publish({
        timeNs: 3,
        place: 'client',
        to: 'peer',
        packet: changedPacket(syn, { intent: 'legitimate' }),
      });
      packetDropped.publish({
        timeNs: 4,
        place: 'a',
        cause: 'invalid',
        packet: changedPacket(syn, { intent: 'legitimate' }),
      });
      packetDropped.publish({ timeNs: 5, place: 'a', cause: 'invalid', packet: syn });
      packetDropped.publish({ timeNs: 6, place: 'a', cause: 'queue', packet: syn });
      probeEnded.publish({ workload: 'ping', index: 0, sentNs: 7, answered: false });
    });
    expect([...rows.deliveredToVm]).toEqual([
      ['syn-flood', 1],
      ['legitimate', 1],
    ]);
    expect([...rows.deliveredToPeer]).toEqual([['legitimate', 1]]);
    expect(rows.series.rows()).toEqual([
      {
        startNs: 0,
        counts: {
          ...{ delivered_to_vm: 2, delivered_to_peer: 1, delivered_bytes: 3 * 40, attacks_delivered: 1 },
          ...{ legitimate_dropped_by_engine: 1, attacks_dropped_by_engine: 1, dropped_otherwise: 1 },
          ...{ probes_sent: 1, probes_lost: 1 },
        },
      },
    ]);
  });

  test('gives the messages of a flow and direction in the order of delivery, however many there are', () => {
    const rows = handMadeRows(1, ({ messageDelivered }) => {
      for (let message = 0; message < 1000; message++)
        messageDelivered.publish({
          ...{ flow: message % 3, index: Math.floor(message / 3), to: message % 2 === 0 ? 'vm' : 'peer' },
          ...{ bytes: 10, offeredNs: message, timeNs: message + 1 },
        });
    });
    const messages = rows.messages.ofFlow(1, 'peer');
    // Flow 1 gets the numbers 1, 4, 7 … 997: 333 of them, every other one odd and so to the peer.
    expect(messages).toHaveLength(167);
    expect(messages.map(({ offeredNs }) => offeredNs).slice(0, 3)).toEqual([1, 7, 13]);
    expect(rows.messages.countOfFlow(1)).toBe(333);
    expect(
      rows.messages
        .ofFlowBothWays(1)
        .map(({ timeNs }) => timeNs)
        .slice(0, 3),
    ).toEqual([2, 5, 8]);
  });
});
