import { expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { makePacket, TcpFlag, type Packet } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { RuleTable } from './rule-table.ts';
import { makeRuleset } from './ruleset.ts';
import { sharedPlace, StatefulFirewall } from './stateful-firewall.ts';
import { linuxDefaults } from './tracking-settings.ts';

/** A window of 1,653 bytes in both directions, and 1,448 bytes under way that are not acknowledged. */
function established(): StatefulFirewall {
  const made = new StatefulFirewall('fw', new ConnectionTracker(linuxDefaults), sharedPlace);
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' } as const;
  const chain = { name: 'forward', base, rules: [] };
  const table = { name: 't', chains: [chain], sets: [], maps: [], counters: [], helpers: [] };
  made.setRules(new RuleTable(makeRuleset([{ ...table, family: 'inet' }])));
  const { syn, ack } = TcpFlag;
  const opening = [
    segment('up', { tcpFlags: syn, sequence: 1_000 }),
    segment('down', { tcpFlags: syn | ack, sequence: 5_000, acknowledgement: 1_001 }),
    segment('up', { sequence: 1_001, acknowledgement: 5_001 }),
    data(1_001, 1_448),
  ];
  for (const packet of opening) expect(made.inspect(packet, passage, 0).connectionState).not.toBe('invalid');
  return made;
}

const passage = { inInterface: 'c', outInterface: 's' };
const ends = { client: ipv4(0x0a000102), server: ipv4(0x0a000202) };

function segment(way: 'up' | 'down', fields: Partial<Packet>): Packet {
  const up = { source: ends.client, destination: ends.server, sourcePort: 40_000, destinationPort: 80 };
  const down = { source: ends.server, destination: ends.client, sourcePort: 80, destinationPort: 40_000 };
  return makePacket({ ...(way === 'up' ? up : down), tcpFlags: TcpFlag.ack, window: 1_653, ...fields });
}

function data(sequence: number, payloadBytes: number): Packet {
  return segment('up', { sequence, acknowledgement: 5_001, payloadBytes });
}

/** Measured, Linux 6.18.44: both segments are beyond the window, which ends at 2,654, by less than its size, and pass. */
it('forgets data beyond the window that it let through when a lower segment of that kind follows, and their ACK is invalid', () => {
  const acknowledgement = segment('down', { sequence: 5_001, acknowledgement: 3_997 });
  const falling = established();
  expect(falling.inspect(data(3_897, 100), passage, 0).connectionState).toBe('established');
  expect(falling.inspect(data(2_700, 100), passage, 0).connectionState).toBe('established');
  expect(falling.inspect(acknowledgement, passage, 0).connectionState).toBe('invalid');
  const rising = established();
  expect(rising.inspect(data(2_700, 100), passage, 0).connectionState).toBe('established');
  expect(rising.inspect(data(3_897, 100), passage, 0).connectionState).toBe('established');
  expect(rising.inspect(acknowledgement, passage, 0).connectionState).toBe('established');
});
