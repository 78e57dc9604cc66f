import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { makePacket, Protocol } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { inDumpOrder } from './dump-order.ts';
import { Field, Status } from './entry-layout.ts';
import { LoadError } from './tracked-entries.ts';
import { linuxDefaults } from './tracking-settings.ts';

/** A table of so many flows, of which the first is one that another announced. */
function dumped(count: number, hashSeed: number): ReturnType<ConnectionTracker['entries']['dump']> {
  const tracker = new ConnectionTracker({ ...linuxDefaults, hashSeed });
  for (let flow = 0; flow < count; flow++) {
    const ends = { source: ipv4(0x0a000102), destination: ipv4(0x0a000202), protocol: Protocol.udp };
    tracker.track(makePacket({ ...ends, sourcePort: 40_000 + flow, destinationPort: 53 }), 0, 0, false);
    tracker.confirm();
  }
  const entries = tracker.entries.dump({ kind: 'all' }, 0);
  const words = entries[0]!.words;
  words[entries[0]!.base + Field.status]! |= Status.expected;
  return entries;
}

describe('inDumpOrder', () => {
  it('is the same for one hash key and another for another', () => {
    const ports = (seed: number): number[] =>
      inDumpOrder(dumped(20, seed)).map(({ sourcePort }) => sourcePort);
    expect(ports(1)).toEqual(ports(1));
    expect(ports(1)).not.toEqual(ports(2));
    expect([...ports(1)].sort()).toEqual(Array.from({ length: 20 }, (_, flow) => 40_000 + flow));
  });

  // The kernel refuses an entry that sets EXPECTED, and the tool ends there. The place of one in a random order of 20
  // is uniform from 0 to 19: 9.5 entries before it, standard deviation 5.77; the mean of 200 within four of its own.
  it('lets the tool load half of a table, on average, before the one entry that the kernel refuses', () => {
    const loaded = Array.from({ length: 200 }, (_, seed) => {
      const { entries } = new ConnectionTracker(linuxDefaults);
      const answers = entries.load(inDumpOrder(dumped(20, seed + 1)), 'save', 0);
      expect(answers.filter((answer) => answer === LoadError.busy)).toHaveLength(1);
      return answers.filter((answer) => answer === LoadError.none).length;
    });
    const mean = loaded.reduce((sum, count) => sum + count, 0) / loaded.length;
    expect(Math.abs(mean - 9.5)).toBeLessThan((4 * 5.77) / Math.sqrt(200));
  });
});
