import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4, parseAddress } from '../network/address.ts';
import { makePacket } from '../network/packet.ts';
import { ConnectionTable } from './connection-table.ts';
import { Field, rowWords, Status } from './entry-layout.ts';
import { FlowKey, invertKey, readKey } from './flow-key.ts';
import { fillEntry } from './new-entry.ts';

const seed = 1;

/** Puts the flow number `n` into a table; its row. */
function insert(table: ConnectionTable, n: number): number {
  const { packet, key } = flow(table.family, n);
  const row = new Int32Array(rowWords(table.family));
  fillEntry(row, key, packet);
  const reply = new FlowKey();
  readKey(reply, row, 0, 1, table.family);
  reply.rehash(table.family, seed);
  row[Field.hashReply] = reply.hash;
  row[Field.status] = Status.confirmed;
  return table.insert(row);
}

function flow(family: 4 | 6, n: number): { packet: ReturnType<typeof makePacket>; key: FlowKey } {
  const peer = family === 4 ? ipv4(0x0b000000 + (n >>> 12)) : { ...parseAddress('fd00::')!, w3: n >>> 12 };
  const vm = family === 4 ? ipv4(0x0a000001) : parseAddress('fd01::1')!;
  const packet = makePacket({
    source: peer,
    destination: vm,
    sourcePort: 1024 + (n & 4095),
    destinationPort: 80,
  });
  const key = new FlowKey();
  key.setPacket(packet, 0, seed);
  return { packet, key };
}

/** Direction in which the flow is found, or -1. */
function find(table: ConnectionTable, n: number, reply: boolean): number {
  const { key } = flow(table.family, n);
  if (reply) invertKey(key, 6, table.family, seed);
  for (let ref = table.firstOf(key.hash); ref >= 0; ref = table.nextOf(ref))
    if (table.matches(ref, key)) return ref & 1;
  return -1;
}

describe('ConnectionTable', () => {
  it('finds, after any insertions and removals, exactly what a map would, in both directions', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.constantFrom(4 as const, 6 as const), (list, family) => {
        const table = new ConnectionTable(family);
        const rows = new Map<number, number>();
        for (const [add, n] of list) {
          const row = rows.get(n);
          if (add && row === undefined) rows.set(n, insert(table, n));
          if (!add && row !== undefined) {
            table.remove(row);
            rows.delete(n);
          }
        }
        expect(table.count).toBe(rows.size);
        for (let n = 0; n <= 60; n++) {
          expect(find(table, n, false)).toBe(rows.has(n) ? 0 : -1);
          expect(find(table, n, true)).toBe(rows.has(n) ? 1 : -1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('shows the hashes of an interval and no others, as the buckets of the kernel would', () => {
    const table = new ConnectionTable(4);
    for (let n = 0; n < 3000; n++) insert(table, n);
    let seen = 0;
    for (let bucket = 0; bucket < 7; bucket++) {
      const low = Math.ceil((bucket * 2 ** 32) / 7);
      const high = Math.ceil(((bucket + 1) * 2 ** 32) / 7) - 1;
      table.forEachOfHashes(low, high, () => seen++);
    }
    expect(seen).toBe(6000); // each entry twice, each tuple in one bucket
  });

  it.each([
    [4, 150],
    [6, 200],
  ] as const)(
    'takes for IPv%d at most %d bytes an entry, and 1.1 times that while it grows',
    (family, bytes) => {
      const table = new ConnectionTable(family);
      for (let n = 0; n < 100_000; n++) {
        insert(table, n);
        if (table.count >= 16_384 && table.count % 4096 === 0)
          expect(table.peakBytes / table.count).toBeLessThan(bytes * 1.1);
      }
      expect(table.bytes / table.count).toBeLessThan(bytes);
    },
  );
});
