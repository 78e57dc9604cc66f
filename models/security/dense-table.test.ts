import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { makePacket, Protocol } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { linuxDefaults, type TrackingSettings } from './tracking-settings.ts';

/*
 * Tables with more entries than buckets, where it shows which part of a bucket an operation walks over. The
 * kernel's figures were measured (Linux 6.18.44) with nf_conntrack_buckets=512 and flows of one datagram each.
 */

/** A tracker of 512 buckets, seen as the sysctls and /proc show a kernel's. */
class DenseTable {
  readonly tracker: ConnectionTracker;

  constructor(settings: Partial<TrackingSettings>) {
    this.tracker = new ConnectionTracker({ ...linuxDefaults, buckets: 512, entriesMax: 0, ...settings });
  }

  get count(): number {
    return this.tracker.count;
  }

  /** Changes `udp_timeout`. */
  setLifetime(udpS: number): void {
    const { settings } = this.tracker;
    this.tracker.configure({ ...settings, timeouts: { ...settings.timeouts, udpS } });
  }

  /** Sends a datagram of each flow from `first` on; how many came through. */
  send(first: number, flows: number, nowNs: number): number {
    let passed = 0;
    for (let flow = first; flow < first + flows; flow++) {
      const { state } = this.tracker.track(datagram(flow), 0, nowNs, false);
      if (state !== null && this.tracker.confirm()) passed++;
    }
    return passed;
  }

  /** Looks flows up that have no entry and get none, as rules see to that drop them. */
  lookUp(first: number, flows: number, nowNs: number): void {
    for (let flow = first; flow < first + flows; flow++) this.tracker.track(datagram(flow), 0, nowNs, false);
  }
}

function datagram(flow: number): ReturnType<typeof makePacket> {
  return makePacket({
    source: ipv4(0x0a000102),
    destination: ipv4(0x0a000202),
    protocol: Protocol.udp,
    sourcePort: 1024 + (flow % 60_000),
    destinationPort: 53,
  });
}

describe('a table with more entries than buckets', () => {
  // A lookup walks one bucket. After 100 an entry is left if neither of its tuples was in a bucket looked at:
  // 1500 * (1 - 1/512)^200 = 1015; the kernel had 1045 and 1019.
  it('loses by a lookup what has expired in the whole bucket', () => {
    const dense = new DenseTable({});
    dense.setLifetime(2);
    dense.send(0, 1500, 2e9);
    dense.lookUp(20_000, 100, 4.1e9);
    expect(dense.count).toBeGreaterThan(965);
    expect(dense.count).toBeLessThan(1065);
  });

  // Measured: of 1500 expired and 200 live entries 909 were left after one packet for each live one when the
  // live ones were the oldest, and all 1700 when they were the newest (200 + 1500 * (1 - 1/512)^400 = 886).
  it.each([
    ['newer than', 836, 936],
    ['older than', 1700, 1700],
  ] as const)('loses by a hit what has expired and is %s the match', (order, low, high) => {
    const dense = new DenseTable({});
    const live = (nowNs: number): number => dense.send(20_000, 200, nowNs);
    dense.setLifetime(600);
    if (order === 'newer than') live(2e9);
    dense.setLifetime(2);
    dense.send(0, 1500, 2e9);
    dense.setLifetime(600);
    if (order === 'older than') live(2e9);
    expect(dense.count).toBe(1700);
    live(4.1e9);
    expect(dense.count).toBeGreaterThanOrEqual(low);
    expect(dense.count).toBeLessThanOrEqual(high);
  });

  // Measured: of 10,000, 20,000 and 40,000 flows 9,997, 17,012 and 19,992 got an entry; the datagrams of the
  // others were dropped, and `conntrack -S` counted them as chaintoolong.
  it('drops the first packet of a flow for which a bucket is too long', () => {
    const dense = new DenseTable({});
    dense.setLifetime(600);
    const passed = [10_000, 10_000, 20_000].map((flows, i) =>
      dense.send([0, 10_000, 20_000][i]!, flows, 2e9),
    );
    expect(Math.abs(passed[0]! - 9997)).toBeLessThan(15);
    expect(Math.abs(passed[0]! + passed[1]! - 17_012)).toBeLessThan(170);
    expect(Math.abs(dense.count - 19_992)).toBeLessThan(200);
  });

  // Measured: all of 500 new flows got in. Eight of 512 buckets hold 47 of 3000 tuples.
  it('finds for each new connection, when it is full, entries to give up in the eight buckets it looks at', () => {
    const dense = new DenseTable({ entriesMax: 1500 });
    dense.setLifetime(600);
    expect(dense.send(0, 2000, 2e9)).toBe(2000);
    expect(dense.tracker.collector.statistics.refused).toBe(0);
  });
});
