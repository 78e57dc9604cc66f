import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { changedPacket, makePacket, Protocol } from '../network/packet.ts';
import { FlowSet } from './flow-set.ts';

const packet = makePacket({
  protocol: Protocol.tcp,
  source: ipv4(1),
  sourcePort: 5000,
  destination: ipv4(2),
  destinationPort: 80,
});

describe('a set of flows', () => {
  it('takes a flow once, in whichever direction its packets go', () => {
    const flows = new FlowSet();
    const back = changedPacket(packet, {
      source: ipv4(2),
      sourcePort: 80,
      destination: ipv4(1),
      destinationPort: 5000,
    });
    expect([flows.add(packet), flows.add(packet), flows.add(back)]).toEqual([true, false, false]);
  });

  it('tells flows apart by protocol, by each address and by which port is whose', () => {
    const flows = new FlowSet();
    flows.add(packet);
    const others = [
      changedPacket(packet, { protocol: Protocol.udp }),
      changedPacket(packet, { source: ipv4(2), destination: ipv4(1) }),
      changedPacket(packet, { sourcePort: 5001 }),
      changedPacket(packet, { sourcePort: 80, destinationPort: 5000 }),
      changedPacket(packet, { source: ipv4(2), sourcePort: 5000 }),
    ];
    // The second and the fourth are one flow, seen from its two ends.
    expect(others.map((other) => flows.add(other))).toEqual([true, true, true, false, true]);
  });
});
