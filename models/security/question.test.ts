import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { RuleTable } from './rule-table.ts';
import { makeRuleset } from './ruleset.ts';
import { sharedPlace, StatefulFirewall } from './stateful-firewall.ts';
import { linuxDefaults } from './tracking-settings.ts';

// A question gets the answer that the packet would get, in tables that are full, in buckets that are long, and however
// many walks of the collector are due since the last packet.

const vm = ipv4(0x0a00_0202);
const passage = { inInterface: 'ext0', outInterface: 'int0' };

function firewall(entriesMax: number, buckets: number): StatefulFirewall {
  const tracker = new ConnectionTracker({ ...linuxDefaults, entriesMax, buckets });
  const result = new StatefulFirewall('fw', tracker, sharedPlace);
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' } as const;
  const chains = [{ name: 'forward', base, rules: [] }];
  const table = { name: 't', family: 'inet', chains, sets: [], maps: [], counters: [], helpers: [] } as const;
  result.setRules(new RuleTable(makeRuleset([table])));
  return result;
}

interface Step {
  readonly client: number;
  readonly kind: 'syn' | 'answer' | 'ack' | 'reset' | 'datagram' | 'reply';
  readonly waitNs: number;
}

function packetOf({ client, kind }: Step): Packet {
  const peer = ipv4(0x0a00_0100 + client);
  const inward = { source: peer, sourcePort: 4000, destination: vm, destinationPort: 80 };
  const outward = { source: vm, sourcePort: 80, destination: peer, destinationPort: 4000 };
  const tcp = { protocol: Protocol.tcp, window: 1000 };
  switch (kind) {
    case 'syn':
      return makePacket({ ...inward, ...tcp, tcpFlags: TcpFlag.syn, sequence: 100 });
    case 'answer':
      return makePacket({
        ...{ ...outward, ...tcp, tcpFlags: TcpFlag.syn | TcpFlag.ack, sequence: 500 },
        acknowledgement: 101,
      });
    case 'ack':
      return makePacket({ ...inward, ...tcp, tcpFlags: TcpFlag.ack, sequence: 101, acknowledgement: 501 });
    case 'reset':
      return makePacket({ ...inward, ...tcp, tcpFlags: TcpFlag.rst, sequence: 101 });
    case 'datagram':
      return makePacket({ ...inward, protocol: Protocol.udp, payloadBytes: 10 });
    case 'reply':
      return makePacket({ ...outward, protocol: Protocol.udp, payloadBytes: 10 });
  }
}

// Short waits let the table fill; in long ones entries expire, of which none, one or many walks take some away.
const waitsNs = [1e6, 500e6, 2e9, 11e9, 31e9, 65e9, 130e9, 400e9];
const step = fc.record({
  client: fc.nat({ max: 40 }),
  kind: fc.constantFrom<Step['kind']>(
    'syn',
    'syn',
    'answer',
    'ack',
    'reset',
    'datagram',
    'datagram',
    'reply',
  ),
  waitNs: fc.constantFrom(...waitsNs),
});
const burst = fc
  .array(step, { minLength: 1, maxLength: 20 })
  .map((steps) => steps.map((one) => ({ ...one, waitNs: 1e6 })));
const story = fc
  .array(
    fc.oneof(
      burst,
      step.map((one) => [one]),
    ),
    { minLength: 5, maxLength: 30 },
  )
  .map((parts) => parts.flat());

it('gets the answer that the packet would get, however much of the table is overdue', () => {
  fc.assert(
    fc.property(
      story,
      fc.constantFrom(4, 8, 20, 200),
      fc.constantFrom(1, 2, 8, 64),
      (steps, max, buckets) => {
        const fw = firewall(max, buckets);
        let nowNs = 0;
        for (const one of steps) {
          nowNs += one.waitNs;
          const packet = packetOf(one);
          const asked = { ...fw.ask(packet, passage, nowNs) };
          expect({ ...fw.inspect(packet, passage, nowNs) }).toEqual(asked);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
