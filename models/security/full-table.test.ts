import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { changedPacket, makePacket, TcpFlag, type Packet } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { RuleTable } from './rule-table.ts';
import { makeRuleset } from './ruleset.ts';
import { sharedPlace, StatefulFirewall } from './stateful-firewall.ts';
import { loadEvicting } from './load-evicting.ts';
import { LoadError } from './tracked-entries.ts';
import { linuxDefaults } from './tracking-settings.ts';

// Entries written by netlink into a full table: measured on Linux 6.18.44 with 1,500 half-open entries in 512 buckets,
// 14 times: of 400 assured entries the first 31 to 57 were taken (mean 44.6), as many as early drop found victims, and
// all others refused with ENOMEM; with 1,500 assured entries, or with 100 half-open ones in 262,144 buckets, none was.

const passage = { inInterface: 'c', outInterface: 's' };
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
const entriesMax = 1500;

function firewall(settings: { buckets: number; entriesMax: number; hashSeed: number }): StatefulFirewall {
  const tracker = new ConnectionTracker({ ...linuxDefaults, ...settings });
  const result = new StatefulFirewall('fw', tracker, sharedPlace);
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' } as const;
  const chains = [{ name: 'forward', base, rules: [] }];
  const table = { name: 't', family: 'ip', chains, sets: [], maps: [], counters: [], helpers: [] } as const;
  result.setRules(new RuleTable(makeRuleset([table])));
  return result;
}

function syn(address: number, port: number): Packet {
  const ends = {
    source: ipv4(address),
    sourcePort: port,
    destination: ipv4(0x0a00000b),
    destinationPort: 80,
  };
  return makePacket({ ...ends, tcpFlags: TcpFlag.syn, sequence: 1 });
}

/** SYNs from as many addresses as there are entries. */
function flood(fw: StatefulFirewall, count: number): number {
  let passed = 0;
  for (let i = 0; i < count; i++) {
    const packet = syn(0xc6120000 + i * 7, 1024 + i);
    if (fw.inspect(packet, passage, i * 1000).verdict === 'accept') passed++;
  }
  return passed;
}

/** The entries of connections that another firewall has followed to where they are assured. */
function assured(count: number): ReturnType<StatefulFirewall['tracker']['entries']['dump']> {
  const fw = firewall({ buckets: 262_144, entriesMax: 262_144, hashSeed: 1 });
  for (let i = 0; i < count; i++) {
    const opening = syn(0x0a000101, 30_000 + i);
    const { source, destination, sourcePort, destinationPort } = opening;
    const back = {
      source: destination,
      destination: source,
      sourcePort: destinationPort,
      destinationPort: sourcePort,
    };
    fw.inspect(opening, passage, 0);
    const answer = { tcpFlags: TcpFlag.syn | TcpFlag.ack, sequence: 9, acknowledgement: 2 };
    fw.inspect(makePacket({ ...back, ...answer }), passage, 1);
    fw.inspect(
      makePacket(changedPacket(opening, { tcpFlags: TcpFlag.ack, sequence: 2, acknowledgement: 10 })),
      passage,
      2,
    );
  }
  return fw.tracker.entries.dump({ kind: 'all' }, 3);
}

describe('entries that are loaded into a table full of half-open ones', () => {
  it('find room in eight buckets alone, and are refused from then on', () => {
    const incoming = assured(400);
    const taken = seeds.map((hashSeed) => {
      const fw = firewall({ buckets: 512, entriesMax, hashSeed });
      expect(flood(fw, entriesMax)).toBe(entriesMax);
      const answers = fw.tracker.entries.load(incoming, 'full', 10_000_000);
      const count = answers.filter((answer) => answer === LoadError.none).length;
      expect(answers.slice(count).every((answer) => answer === LoadError.noMemory)).toBe(true);
      expect(fw.tracker.collector.statistics.earlyDropped).toBe(count);
      return count;
    });
    // An entry has two tuples, each in one of 512 buckets: 1500 · (1 − (504 / 512)²) = 46.5, standard deviation 6.7.
    for (const count of taken) expect(Math.abs(count - 46.5)).toBeLessThan(4 * 6.7);
    const mean = taken.reduce((sum, count) => sum + count, 0) / taken.length;
    expect(Math.abs(mean - 44.6)).toBeLessThan(3 * 6.7 * Math.sqrt(1 / 8 + 1 / 14));
  });

  it('find none where the buckets are many, or where all entries are assured', () => {
    const sparse = firewall({ buckets: 262_144, entriesMax: 100, hashSeed: 1 });
    flood(sparse, 100);
    const refused = sparse.tracker.entries.load(assured(50), 'full', 10_000_000);
    expect(new Set(refused)).toEqual(new Set([LoadError.noMemory]));
    const full = firewall({ buckets: 512, entriesMax: 50, hashSeed: 1 });
    full.tracker.entries.load(assured(50), 'full', 0);
    const [last] = full.tracker.entries.load(assured(51).slice(50), 'full', 0);
    expect(last).toBe(LoadError.noMemory);
  });

  it('take the place of those that would end first where the loader makes room', () => {
    const fw = firewall({ buckets: 512, entriesMax, hashSeed: 1 });
    flood(fw, entriesMax);
    const answers = loadEvicting(fw.tracker.entries, assured(400), 'full', 10_000_000);
    expect(new Set(answers)).toEqual(new Set([LoadError.none]));
    expect(fw.tracker.entries.count({ kind: 'all' }, 10_000_000)).toBe(entriesMax);
  });
});

describe('a SYN flood', () => {
  it('displaces itself where a table is dense, and fills one with many buckets for good', () => {
    // Eight of 512 buckets hold 47 tuples of 1,500 half-open entries: there is always a victim.
    const dense = firewall({ buckets: 512, entriesMax, hashSeed: 1 });
    expect(flood(dense, 4000)).toBe(4000);
    // Measured with 100 entries in 262,144 buckets: 100 of 100 new connections refused (golden-conntrack.json.gz).
    const sparse = firewall({ buckets: 262_144, entriesMax: 100, hashSeed: 1 });
    // An entry is in the eight buckets of a newcomer with probability 16 / 262,144: 1.2 victims are expected in 200.
    const passed = flood(sparse, 300);
    expect(passed).toBeGreaterThanOrEqual(100);
    expect(passed).toBeLessThan(108);
  });
});
