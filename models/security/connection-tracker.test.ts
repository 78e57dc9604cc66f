import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4, parseAddress, type Address } from '../network/address.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { rowWords } from './entry-layout.ts';
import { RuleTable } from './rule-table.ts';
import { StateBit } from './rule-field.ts';
import { makeRuleset, type Rule } from './ruleset.ts';
import { sharedPlace, StatefulFirewall } from './stateful-firewall.ts';
import { linuxDefaults, type TrackingSettings } from './tracking-settings.ts';

const client = ipv4(0x0a000102);
const server = ipv4(0x0a000202);
const forward = { inInterface: 'c', outInterface: 's' };

/** A firewall that accepts what its rules do not drop. */
function firewall(settings: Partial<TrackingSettings> = {}, rules: readonly Rule[] = []): StatefulFirewall {
  const tracker = new ConnectionTracker({ ...linuxDefaults, ...settings });
  const result = new StatefulFirewall('fw', tracker, sharedPlace);
  const chain = {
    name: 'forward',
    base: { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' } as const,
    rules,
  };
  const table = { name: 't', family: 'inet', chains: [chain], sets: [], maps: [], counters: [], helpers: [] };
  result.setRules(new RuleTable(makeRuleset([{ ...table, family: 'inet' }])));
  return result;
}

function toServer(fields: Partial<Packet>): Packet {
  return makePacket({
    source: client,
    destination: server,
    sourcePort: 40_000,
    destinationPort: 80,
    ...fields,
  });
}

function toClient(fields: Partial<Packet>): Packet {
  return makePacket({
    source: server,
    destination: client,
    sourcePort: 80,
    destinationPort: 40_000,
    ...fields,
  });
}

const syn = toServer({ tcpFlags: TcpFlag.syn, sequence: 1000, window: 1000, maximumSegmentBytes: 1460 });
const synAck = toClient({
  tcpFlags: TcpFlag.syn | TcpFlag.ack,
  sequence: 5000,
  acknowledgement: 1001,
  window: 1000,
  maximumSegmentBytes: 1460,
});
const ack = toServer({ tcpFlags: TcpFlag.ack, sequence: 1001, acknowledgement: 5001, window: 1000 });

function state(fw: StatefulFirewall, packet: Packet, timeNs: number): string | null {
  return fw.inspect(packet, forward, timeNs).connectionState;
}

function openConnection(fw: StatefulFirewall): void {
  expect(state(fw, syn, 0)).toBe('new');
  expect(state(fw, synAck, 1e6)).toBe('established');
  expect(state(fw, ack, 2e6)).toBe('established');
}

function data(sequence: number, payloadBytes: number): Packet {
  return toServer({
    tcpFlags: TcpFlag.ack | TcpFlag.psh,
    sequence,
    acknowledgement: 5001,
    window: 1000,
    payloadBytes,
  });
}

describe('the window test', () => {
  // Handshake with windows of 1,000: the right edge of the client's data is 1001 + 1000 = 2001.
  it('takes a segment that begins at the right edge, and remembers it as unacknowledged for 300 s', () => {
    const fw = firewall();
    openConnection(fw);
    expect(state(fw, data(2001, 10), 3e6)).toBe('established');
    const [entry] = fw.tracker.entries.dump({ kind: 'all' }, 3e6);
    expect(entry?.timeoutNs).toBe(300e9);
  });

  it('ignores a segment beyond the edge while it ends within one window, and refuses the next byte', () => {
    const fw = firewall();
    openConnection(fw);
    expect(state(fw, data(2002, 998), 3e6)).toBe('established'); // ends at 3000 = 2001 + 1000 - 1
    const [entry] = fw.tracker.entries.dump({ kind: 'all' }, 3e6);
    expect(entry?.timeoutNs).toBe(432_000e9 - 1e6 + 1e6); // not refreshed: still that of the ACK, to a tick
    const strict = firewall();
    openConnection(strict);
    expect(state(strict, data(2002, 999), 3e6)).toBe('invalid');
  });

  // The four bounds, each missed by one after a handshake with windows of 1,000. The client's next number is
  // 1001: its data may begin at 2001 and end at 1 at the earliest; it may acknowledge 5001 and down to 5001 - 66000.
  const early = 2 ** 32 - 61_000; // 5001 - 66001 - 1
  const segments = {
    'at the right edge': data(2001, 10),
    'beyond the right edge': data(2002, 10),
    'ending left of the window': data(2 ** 32 - 10, 10),
    'acknowledging what was not sent': changedPacket(data(1001, 10), { acknowledgement: 5002 }),
    'acknowledging very late': changedPacket(data(1001, 10), { acknowledgement: early }),
    'empty, far beyond the edge': changedPacket(ack, { sequence: 900_000 }),
    'empty, acknowledging what was not sent': changedPacket(ack, { acknowledgement: 5002 }),
  } as const;
  it.each([
    ['at the right edge', 'established', 'established', 'established'],
    ['beyond the right edge', 'established', 'invalid', 'invalid'],
    ['ending left of the window', 'established', 'invalid', 'invalid'],
    ['acknowledging what was not sent', 'invalid', 'invalid', 'invalid'],
    ['acknowledging very late', 'established', 'invalid', 'invalid'],
    ['empty, far beyond the edge', 'invalid', 'invalid', 'established'],
    ['empty, acknowledging what was not sent', 'invalid', 'invalid', 'invalid'],
  ] as const)('of today, before 6.1 and before 3.7 finds a segment %s %s, %s and %s', (kind, ...expected) => {
    const found = (['linux-6.18', 'four-way', 'linux-3.6'] as const).map((windowTest) => {
      const fw = firewall({ windowTest });
      openConnection(fw);
      return state(fw, segments[kind], 3e6);
    });
    expect(found).toEqual(expected);
  });

  it('refuses an acknowledgement of one byte more than was sent', () => {
    const fw = firewall();
    openConnection(fw);
    const early = changedPacket(ack, { acknowledgement: 5002 });
    expect(state(fw, early, 3e6)).toBe('invalid');
  });
});

describe('picking up connections', () => {
  it('makes an entry of a segment in the middle, for 300 s and without window tests', () => {
    const fw = firewall();
    expect(state(fw, data(70_000, 10), 0)).toBe('new');
    expect(state(fw, toClient({ tcpFlags: TcpFlag.ack, sequence: 9, acknowledgement: 123_456 }), 1e6)).toBe(
      'established',
    );
    const [entry] = fw.tracker.entries.dump({ kind: 'all' }, 1e6);
    expect(entry?.timeoutNs).toBe(300e9);
  });

  it('refuses it where tcp_loose is off', () => {
    const fw = firewall({ tcpLoose: false });
    expect(state(fw, data(70_000, 10), 0)).toBe('invalid');
    expect(fw.tracker.count).toBe(0);
  });
});

describe('the table', () => {
  it('drops a new connection silently when it is full, whatever the rules say', () => {
    const fw = firewall({ entriesMax: 1 });
    expect(state(fw, syn, 0)).toBe('new');
    const second = fw.inspect(changedPacket(syn, { sourcePort: 40_001 }), forward, 1e6);
    expect(second).toMatchObject({ verdict: 'drop', cause: 'table-full', connectionState: null });
    expect(state(fw, synAck, 2e6)).toBe('established');
  });

  it('counts an expired entry until something walks over it, and the collector does every minute', () => {
    const timeouts = { ...linuxDefaults.timeouts, tcpSynSentS: 2 };
    const fw = firewall({ entriesMax: 1, timeouts });
    state(fw, syn, 2e9); // the collector ran at 1 s
    expect(state(fw, changedPacket(syn, { sourcePort: 40_001 }), 10e9)).toBeNull();
    expect(fw.tracker.count).toBe(1);
    expect(state(fw, changedPacket(syn, { sourcePort: 40_001 }), 62e9)).toBe('new');
  });
});

describe('UDP', () => {
  const request = toServer({ protocol: Protocol.udp, payloadBytes: 10 });
  const answer = toClient({ protocol: Protocol.udp, payloadBytes: 10 });

  it('becomes a stream of 120 s with a datagram more than two seconds after the first', () => {
    const fw = firewall();
    state(fw, request, 0);
    state(fw, answer, 1e9);
    expect(fw.tracker.entries.dump({ kind: 'all' }, 1e9)[0]?.timeoutNs).toBe(30e9);
    state(fw, request, 2.1e9);
    const [entry] = fw.tracker.entries.dump({ kind: 'all' }, 2.1e9);
    expect(entry?.timeoutNs).toBe(120e9);
    expect(entry?.assured).toBe(true);
  });
});

/** Packets among few ends, so that they often meet: all protocols, both families, headers of any kind. */
const anyPacket: fc.Arbitrary<Packet> = fc
  .record({
    pair: fc.nat(5),
    reverse: fc.boolean(),
    protocol: fc.constantFrom(6, 6, 6, 17, 1, 58, 132),
    ports: fc.nat(1),
    tcpFlags: fc.nat(63),
    sequence: fc.oneof(fc.integer({ min: 990, max: 3100 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    acknowledgement: fc.oneof(fc.integer({ min: 990, max: 3100 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    window: fc.constantFrom(0, 1000, 65_535),
    windowScale: fc.constantFrom(-1, 0, 7),
    icmpType: fc.constantFrom(0, 3, 8, 11, 128, 129, 1, 135, 200),
    payloadBytes: fc.constantFrom(0, 1, 500),
    checksumValid: fc.boolean(),
    quoting: fc.boolean(),
  })
  .map(({ pair, reverse, ports, quoting, ...fields }) => {
    const [a, b] = ends[pair]!;
    const source = reverse ? b : a;
    const destination = reverse ? a : b;
    const [sourcePort, destinationPort] = reverse ? [80, 40_000 + ports] : [40_000 + ports, 80];
    const packet = makePacket({ source, destination, sourcePort, destinationPort, ...fields });
    if (!quoting) return packet;
    const quoted = makePacket(
      changedPacket(packet, { protocol: 6, source: destination, destination: source }),
    );
    return changedPacket(packet, { quoted, quotedBytes: 48 });
  });

const v6 = (text: string): Address => parseAddress(text)!;
const ends: readonly (readonly [Address, Address])[] = [
  [client, server],
  [client, ipv4(0x0a000203)],
  [ipv4(0x0a000103), server],
  [v6('fd00:1::2'), v6('fd00:2::2')],
  [v6('fd00:1::3'), v6('fd00:2::2')],
  [v6('fd00:1::2'), v6('fd00:2::3')],
];

function everything(fw: StatefulFirewall, timeNs: number): string[] {
  return fw.tracker.entries
    .changedSince(-1, { kind: 'all' }, timeNs)
    .map(
      (entry) =>
        `${entry.family} ${entry.words.subarray(entry.base, entry.base + rowWords(entry.family)).join(',')} ${entry.lastChangeNs}`,
    )
    .sort();
}

describe('a question', () => {
  it('gets the answer that the packet would get, and leaves no trace', () => {
    const trial = fc.array(fc.tuple(anyPacket, fc.nat(3e9)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(trial, fc.constantFrom(0, 3), (steps, entriesMax) => {
        const fw = firewall({ entriesMax, buckets: 16 });
        let nowNs = 0;
        for (const [packet, pauseNs] of steps) {
          nowNs += pauseNs;
          const before = [everything(fw, nowNs), fw.tracker.count, { ...fw.tracker.collector.statistics }];
          const asked = { ...fw.ask(packet, forward, nowNs) };
          expect([everything(fw, nowNs), fw.tracker.count, { ...fw.tracker.collector.statistics }]).toEqual(
            before,
          );
          expect(fw.inspect(packet, forward, nowNs)).toEqual(asked);
        }
      }),
      { numRuns: 150 },
    );
  });
});

const dropInvalid: Rule = {
  expressions: [
    {
      kind: 'match',
      selectors: [{ field: 'ct state', mask: null }],
      operator: 'any-bit',
      keys: { kind: 'inline', keys: [[{ kind: 'numbers', low: StateBit.invalid, high: StateBit.invalid }]] },
    },
    { kind: 'verdict', verdict: { kind: 'drop' } },
  ],
  comment: '',
  place: '',
};

describe('a question to a full table', () => {
  it('foresees that the walk which is due will make room', () => {
    const timeouts = { ...linuxDefaults.timeouts, tcpSynSentS: 2 };
    const fw = firewall({ entriesMax: 1, timeouts });
    state(fw, syn, 2e9);
    const second = changedPacket(syn, { sourcePort: 40_001 });
    expect(fw.ask(second, forward, 10e9).verdict).toBe('drop');
    expect(fw.ask(second, forward, 62e9).verdict).toBe('accept');
    expect(fw.tracker.count).toBe(1);
  });
});

describe('robustness', () => {
  it('counts each of a million random packets under a verdict and, if dropped, a cause', () => {
    const fw = firewall({ entriesMax: 8, buckets: 4096 }, [dropInvalid]);
    const packets = fc.sample(anyPacket, { numRuns: 5000, seed: 7 });
    const counts = new Map<string, number>();
    let causeless = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const packet = packets[(i * 7919 + (i >>> 9)) % packets.length]!;
      const { verdict, cause } = fw.inspect(packet, forward, i * 1e6);
      if ((verdict === 'drop') !== (cause !== null)) causeless++;
      const key = cause ?? verdict;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(causeless).toBe(0);
    expect([...counts.keys()].sort()).toEqual(['accept', 'invalid', 'no-entry', 'table-full']);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(1_000_000);
  });
});
