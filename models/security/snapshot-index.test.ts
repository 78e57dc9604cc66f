import { expect, it } from 'vitest';
import { ipv4, type Address } from '../network/address.ts';
import { makePacket, Protocol } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { SnapshotIndex } from './snapshot-index.ts';
import { linuxDefaults } from './tracking-settings.ts';

const server = ipv4(2);

/** Entries of one datagram each, from these ports of these clients. */
function entriesFrom(ports: readonly number[], clients: readonly Address[]): ConnectionSnapshot[] {
  const tracker = new ConnectionTracker(linuxDefaults);
  for (const source of clients) {
    for (const sourcePort of ports) {
      const ends = { source, destination: server, protocol: Protocol.udp, sourcePort, destinationPort: 53 };
      tracker.track(makePacket(ends), 0, 0, false);
      tracker.confirm();
    }
  }
  return tracker.entries.dump({ kind: 'all' }, 0);
}

const ports = Array.from({ length: 300 }, (_, index) => 1024 + index);

it('finds each entry by a copy of another table, once', () => {
  const index = new SnapshotIndex(entriesFrom(ports, [ipv4(1), ipv4(7)]));
  const copies = entriesFrom([...ports].reverse(), [ipv4(7), ipv4(1)]);
  expect(copies).toHaveLength(600);
  for (const copy of copies) expect(index.take(copy)?.identity).toBe(copy.identity);
  expect(index.rest).toEqual([]);
  for (const copy of copies) expect(index.take(copy)).toBeNull();
});

it('tells entries apart by one port or one address', () => {
  const index = new SnapshotIndex(entriesFrom(ports, [ipv4(1)]));
  expect(index.take(entriesFrom([1024 + 300], [ipv4(1)])[0]!)).toBeNull();
  expect(index.take(entriesFrom([1024], [ipv4(7)])[0]!)).toBeNull();
  expect(index.rest).toHaveLength(300);
});

it('tells entries apart by their zone', () => {
  const tracker = new ConnectionTracker(linuxDefaults);
  const ends = { source: ipv4(1), destination: server, protocol: Protocol.udp, sourcePort: 1024 };
  for (const zone of [1, 2]) {
    tracker.track(makePacket({ ...ends, destinationPort: 53 }), zone, 0, false);
    tracker.confirm();
  }
  const [one, two] = tracker.entries.dump({ kind: 'all' }, 0);
  const index = new SnapshotIndex([one!]);
  expect(index.take(two!)).toBeNull();
  expect(index.take(one!)).toBe(one);
});
