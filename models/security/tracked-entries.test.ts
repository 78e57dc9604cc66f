import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { Field, TcpTrackFlag } from './entry-layout.ts';
import { RuleTable } from './rule-table.ts';
import { makeRuleset, type Rule } from './ruleset.ts';
import { sharedPlace, StatefulFirewall, type TablePlace } from './stateful-firewall.ts';
import { setTcpState } from './tcp-fields.ts';
import { tcpStates } from './tcp-transitions.ts';
import { LoadError } from './tracked-entries.ts';
import { linuxDefaults } from './tracking-settings.ts';

const client = ipv4(0x0a000102);
const server = ipv4(0x0a000202);
const passage = { inInterface: 'c', outInterface: 's' };
const all = { kind: 'all' } as const;

function firewall(rules: readonly Rule[] = [], place: TablePlace = sharedPlace): StatefulFirewall {
  const tracker = new ConnectionTracker({ ...linuxDefaults, tcpLoose: false });
  const result = new StatefulFirewall('fw', tracker, place);
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' } as const;
  const helpers = [{ name: 'f', type: 'ftp', protocol: 'tcp', family: 'ip' }] as const;
  const chains = [{ name: 'forward', base, rules }];
  const table = { name: 't', family: 'ip', chains, sets: [], maps: [], counters: [], helpers } as const;
  result.setRules(new RuleTable(makeRuleset([table])));
  return result;
}

function toServer(fields: Partial<Packet>): Packet {
  return makePacket({
    source: client,
    destination: server,
    sourcePort: 40_000,
    destinationPort: 21,
    ...fields,
  });
}

function toClient(fields: Partial<Packet>): Packet {
  return makePacket({
    source: server,
    destination: client,
    sourcePort: 21,
    destinationPort: 40_000,
    ...fields,
  });
}

const options = { window: 1000, windowScale: 7, sackPermitted: true };
const handshake = [
  toServer({ ...options, tcpFlags: TcpFlag.syn, sequence: 1000 }),
  toClient({ ...options, tcpFlags: TcpFlag.syn | TcpFlag.ack, sequence: 5000, acknowledgement: 1001 }),
  toServer({ tcpFlags: TcpFlag.ack, sequence: 1001, acknowledgement: 5001, window: 1000 }),
];

function play(fw: StatefulFirewall, packets: readonly Packet[], fromNs: number): (string | null)[] {
  return packets.map((packet, i) => fw.inspect(packet, passage, fromNs + i * 1e6).connectionState);
}

function established(): StatefulFirewall {
  const fw = firewall();
  expect(play(fw, handshake, 0)).toEqual(['new', 'established', 'established']);
  return fw;
}

/** Both ends acknowledge what is in flight; one byte more than was ever sent is acknowledged last. */
const forged = toServer({ tcpFlags: TcpFlag.ack, sequence: 1001, acknowledgement: 5002, window: 1000 });

describe('loading entries', () => {
  // Which mode restores what: measured by reloading entries of a 6.18.44, table of results/reference.
  it.each([
    ['full', 7, TcpTrackFlag.windowScale | TcpTrackFlag.sackPermitted | TcpTrackFlag.maxAckSet, 'invalid'],
    [
      'flags',
      7,
      TcpTrackFlag.windowScale | TcpTrackFlag.sackPermitted | TcpTrackFlag.maxAckSet,
      'established',
    ],
    ['noflags', 0, 0, 'established'],
    ['naive', 0, 0, 'established'],
    ['save', 0, TcpTrackFlag.sackPermitted | TcpTrackFlag.beLiberal, 'established'],
    ['savefix', 0, TcpTrackFlag.sackPermitted | TcpTrackFlag.beLiberal, 'established'],
  ] as const)(
    'in mode %s restores scale %d and flags %d, and judges a forged ACK %s',
    (mode, scale, flags, verdict) => {
      const dump = established().tracker.entries.dump(all, 10e6);
      const copy = firewall();
      expect(copy.tracker.entries.load(dump, mode, 10e6)).toEqual([LoadError.none]);
      const [entry] = copy.tracker.entries.dump(all, 10e6);
      expect(entry?.tcpState).toBe('ESTABLISHED');
      expect(entry?.assured).toBe(true);
      expect([entry?.windowScale(0), entry?.windowScale(1)]).toEqual([scale, scale]);
      expect([entry?.tcpFlags(0), entry?.tcpFlags(1)]).toEqual([flags, flags]);
      expect(play(copy, [forged], 20e6)).toEqual([verdict]);
    },
  );

  // Linux 6.18.44 and conntrack-tools 1.4.7, asked for each state in both families: CLOSE_INIT from TIME_WAIT on.
  it.each([
    ['LAST_ACK', 0],
    ['TIME_WAIT', TcpTrackFlag.closeInit],
    ['CLOSE', TcpTrackFlag.closeInit],
    ['SYN_SENT2', TcpTrackFlag.closeInit],
  ] as const)(
    'lets the tool say of a connection in %s that it may be opened again: %d',
    (state, closeInit) => {
      const [dumped] = established().tracker.entries.dump(all, 10e6);
      setTcpState(dumped!.words, dumped!.base, tcpStates.indexOf(state));
      const copy = firewall();
      copy.tracker.entries.load([dumped!], 'save', 10e6);
      const [entry] = copy.tracker.entries.dump(all, 10e6);
      const flags = TcpTrackFlag.sackPermitted | TcpTrackFlag.beLiberal | closeInit;
      expect(entry?.tcpState).toBe(state);
      expect([entry?.tcpFlags(0), entry?.tcpFlags(1)]).toEqual([flags, flags]);
    },
  );

  // `conntrack -L -o save` of conntrack-tools 1.4.7 prints no mark of an entry that has mark=77.
  it.each([
    ['save', 0],
    ['savefix', 0],
    ['noflags', 77],
    ['flags', 77],
    ['full', 77],
  ] as const)('in mode %s makes a mark of 77 one of %d', (mode, mark) => {
    const [dumped] = established().tracker.entries.dump(all, 10e6);
    dumped!.words[dumped!.base + Field.mark] = 77;
    const copy = firewall();
    copy.tracker.entries.load([dumped!], mode, 10e6);
    expect(copy.tracker.entries.dump(all, 10e6)[0]?.mark).toBe(mark);
  });

  it('floors the remaining time to whole seconds, but not in a full copy', () => {
    const dump = established().tracker.entries.dump(all, 500e6);
    const copy = firewall();
    copy.tracker.entries.load(dump, 'flags', 500e6);
    // The ACK at 2 ms set 432,000 s; at 500 ms 431,999.5 s are left.
    expect(copy.tracker.entries.dump(all, 500e6)[0]?.timeoutNs).toBe(431_999e9);
    const whole = firewall();
    whole.tracker.entries.load(dump, 'full', 500e6);
    expect(whole.tracker.entries.dump(all, 500e6)[0]?.timeoutNs).toBe(dump[0]?.timeoutNs);
  });

  it('refuses an entry whose tuple is there already', () => {
    const fw = established();
    const dump = fw.tracker.entries.dump(all, 10e6);
    expect(fw.tracker.entries.load(dump, 'flags', 10e6)).toEqual([LoadError.exists]);
    expect(fw.tracker.count).toBe(1);
  });
});

/** Segments of two connections that mostly fit, so that windows, states and timeouts move. */
const anySegment = fc
  .record({
    connection: fc.nat(1),
    reverse: fc.boolean(),
    kind: fc.constantFrom('syn', 'syn-ack', 'ack', 'ack', 'ack', 'fin', 'rst', 'udp'),
    step: fc.nat(3),
    payloadBytes: fc.constantFrom(0, 100),
  })
  .map(({ connection, reverse, kind, step, payloadBytes }) => {
    const flags = { syn: 2, 'syn-ack': 18, ack: 16, fin: 17, rst: 4, udp: 0 }[kind];
    const near = (base: number): number => base + step * 100;
    const fields = {
      protocol: kind === 'udp' ? Protocol.udp : Protocol.tcp,
      tcpFlags: flags,
      sequence: kind === 'syn' || kind === 'syn-ack' ? (reverse ? 5000 : 1000) : near(reverse ? 5001 : 1001),
      acknowledgement: near(reverse ? 1001 : 5001),
      window: 1000,
      payloadBytes: kind === 'ack' || kind === 'udp' ? payloadBytes : 0,
    };
    return reverse
      ? toClient({ ...fields, destinationPort: 40_000 + connection })
      : toServer({ ...fields, sourcePort: 40_000 + connection });
  });

function content(fw: StatefulFirewall, nowNs: number): string[] {
  return fw.tracker.entries
    .dump(all, nowNs)
    .map((entry) =>
      [
        entry.identity,
        entry.status,
        entry.timeoutNs,
        entry.mark,
        ...entry.words.subarray(entry.base + Field.windowOriginal, entry.base + Field.addresses),
      ].join(' '),
    )
    .sort();
}

describe('a full copy', () => {
  it('judges every later packet as the original does', () => {
    const traffic = fc.array(anySegment, { maxLength: 25 });
    fc.assert(
      fc.property(traffic, traffic, (before, after) => {
        const original = firewall();
        play(original, before, 0);
        const copy = firewall();
        copy.tracker.entries.load(original.tracker.entries.dump(all, 50e6), 'full', 50e6);
        expect(play(copy, after, 100e6)).toEqual(play(original, after, 100e6));
        expect(content(copy, 200e6)).toEqual(content(original, 200e6));
      }),
      { numRuns: 200 },
    );
  });

  it('is kept up to date by what changed and what was removed since', () => {
    const traffic = fc.array(anySegment, { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(traffic, { minLength: 1, maxLength: 5 }), (rounds) => {
        const original = firewall();
        const copy = firewall();
        original.tracker.entries.rememberRemovals(0);
        let readNs = 0;
        rounds.forEach((round, i) => {
          const nowNs = (i + 1) * 1e9;
          play(original, round, nowNs);
          const removed = original.tracker.entries.removedSince(readNs, all);
          const changed = original.tracker.entries.changedSince(readNs, all, nowNs + 500e6);
          for (const { entry } of removed ?? []) copy.tracker.entries.deleteEntry(entry, nowNs + 500e6);
          for (const entry of changed) copy.tracker.entries.deleteEntry(entry, nowNs + 500e6);
          copy.tracker.entries.load(changed, 'full', nowNs + 500e6);
          readNs = nowNs + 500e6;
        });
        expect(content(copy, 9e9)).toEqual(content(original, 9e9));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the journal of removals', () => {
  it('says that it does not know when more was removed than it holds', () => {
    const tracker = new ConnectionTracker({ ...linuxDefaults, removalsRemembered: 2 });
    const { entries } = tracker;
    entries.rememberRemovals(0);
    const dump = established().tracker.entries.dump(all, 0);
    for (const timeNs of [1e9, 2e9, 3e9]) {
      entries.load(dump, 'flags', timeNs);
      entries.delete(all, timeNs);
    }
    expect(entries.removedSince(0, all)).toBeNull();
    expect(entries.removedSince(1e9, all)?.map(({ timeNs }) => timeNs)).toEqual([2e9, 3e9]);
  });
});

describe('selection', () => {
  it('finds entries by address of either end, by mark, by zone and by interface', () => {
    const fw = firewall([], { zone: 7, mark: 4, interface: 3 });
    play(fw, handshake, 0);
    const count = (selection: Parameters<typeof fw.tracker.entries.dump>[0]): number =>
      fw.tracker.entries.dump(selection, 10e6).length;
    expect(count({ kind: 'addresses', addresses: [server] })).toBe(1);
    expect(count({ kind: 'addresses', addresses: [ipv4(1)] })).toBe(0);
    expect([count({ kind: 'zone', zone: 7 }), count({ kind: 'zone', zone: 0 })]).toEqual([1, 0]);
    expect([4, 8].map((value) => count({ kind: 'mark', mask: 12, value }))).toEqual([1, 0]);
    expect([3, 4].map((number) => count({ kind: 'interface', interface: number }))).toEqual([1, 0]);
  });
});

describe('the FTP helper', () => {
  const attach: Rule = { expressions: [{ kind: 'helper', helper: 'f' }], comment: '', place: '' };
  const line = (sequence: number): Packet =>
    toClient({ tcpFlags: TcpFlag.ack, sequence, acknowledgement: 1001, window: 1000, payloadBytes: 10 });
  const channel = toServer({ tcpFlags: TcpFlag.syn, sourcePort: 50_000, destinationPort: 2000 });
  const pasv = (sequence: number): Packet =>
    changedPacket(line(sequence), { announces: { address: server, port: 2000 } });

  it('relates the announced channel, once a line before it was read', () => {
    const fw = firewall([attach]);
    expect(play(fw, [...handshake, line(5001), pasv(5011), channel], 0).at(-1)).toBe('related');
    const [master, child] = fw.tracker.entries.dump(all, 10e6);
    expect(child?.extension.master).toEqual(master?.original);
  });

  it('misses an announcement after a packet with which no line ends', () => {
    const fw = firewall([attach]);
    const word = changedPacket(line(5001), { endsLine: false });
    expect(play(fw, [...handshake, word, pasv(5011), channel], 0).at(-1)).toBe('new');
  });

  // Linux 6.18, nf_conntrack_expect.c, `__nf_ct_expect_check`: what another master expects is busy, and the helper drops.
  it('drops an announcement of what another connection announced, until that was opened', () => {
    const fw = firewall([attach]);
    const other = (packet: Packet): Packet =>
      packet.sourcePort === 21
        ? changedPacket(packet, { destinationPort: 40_001 })
        : changedPacket(packet, { sourcePort: 40_001 });
    const opening = [...handshake, line(5001)];
    play(fw, [...opening, ...opening.map(other), pasv(5011)], 0);
    for (const at of [10e6, 11e6]) {
      expect(fw.ask(other(pasv(5011)), passage, at).verdict).toBe('drop');
      expect(fw.inspect(other(pasv(5011)), passage, at)).toMatchObject({
        verdict: 'drop',
        cause: 'table-full',
      });
    }
    expect(fw.inspect(pasv(5011), passage, 12e6).verdict).toBe('accept');
    expect(play(fw, [channel], 13e6)).toEqual(['related']);
    expect(fw.inspect(other(pasv(5011)), passage, 14e6).verdict).toBe('accept');
  });

  // Measured, Linux 6.18.44: after a copy by netlink the first packet of a direction is taken for a line.
  it.each([
    ['flags', 0, 'related'],
    ['naive', 0, 'related'],
    ['full', 0, 'related'],
    ['noflags', 0, 'new'], // carries no helper
    ['save', 0, 'new'],
    ['flags', 5, 'related'], // not where a line is known to begin
    ['full', 5, 'new'],
  ] as const)('after a copy by mode %s sees an announcement %d bytes off as %s', (mode, gap, expected) => {
    const fw = firewall([attach]);
    play(fw, [...handshake, line(5001)], 0);
    const copy = firewall([attach]);
    copy.tracker.entries.load(fw.tracker.entries.dump(all, 10e6), mode, 10e6);
    expect(play(copy, [pasv(5011 + gap), channel], 20e6).at(-1)).toBe(expected);
  });

  it.each([
    ['a line elsewhere', line(5011)],
    ['no whole line', changedPacket(line(5011), { endsLine: false })],
  ])('believes only one packet after a copy, and be it %s', (_, first) => {
    const fw = firewall([attach]);
    play(fw, [...handshake, line(5001)], 0);
    const copy = firewall([attach]);
    copy.tracker.entries.load(fw.tracker.entries.dump(all, 10e6), 'flags', 10e6);
    expect(play(copy, [first, pasv(5026), channel], 20e6).at(-1)).toBe('new');
  });

  it('lets netlink refuse the related entry of a naive copy, and loads it after its master otherwise', () => {
    const fw = firewall([attach]);
    play(fw, [...handshake, line(5001), pasv(5011), channel], 0);
    const dump = fw.tracker.entries.dump(all, 10e6);
    expect(firewall().tracker.entries.load(dump, 'naive', 10e6)).toEqual([0, LoadError.busy]);
    expect(firewall().tracker.entries.load(dump, 'flags', 10e6)).toEqual([0, 0]);
    expect(firewall().tracker.entries.load(dump.slice(1), 'flags', 10e6)).toEqual([LoadError.noEntry]);
    const reversed = [...dump].reverse();
    expect(firewall().tracker.entries.load(reversed, 'save', 10e6)).toEqual([
      LoadError.busy,
      LoadError.cancelled,
    ]);
  });
});
