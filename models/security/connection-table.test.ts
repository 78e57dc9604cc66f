import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4, parseAddress } from '../network/address.ts';
import { makePacket } from '../network/packet.ts';
import { ConnectionTable } from './connection-table.ts';
import { Field, rowWords } from './entry-layout.ts';
import { FlowKey, invertKey } from './flow-key.ts';
import { fillEntry } from './new-entry.ts';

const seed = 1;

/** Puts the flow number `n` into a table; its row. */
function insert(table: ConnectionTable, n: number): number {
  const { key } = flow(table.family, n);
  const row = new Int32Array(rowWords(table.family));
  fillEntry(row, 0, key, key.hashOfInverse(table.family, seed, 1), table.family);
  row[Field.timeout] = 100;
  return table.insert(row, 0);
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
  if (reply) invertKey(key, table.family, seed, 1);
  if (table.surelyMisses(key.hash, 99)) return -1;
  for (let ref = table.firstOf(key.hash); ref >= 0; ref = table.nextOf(ref))
    if (table.matches(ref, key)) return ref & 1;
  return -1;
}

/** The kernel's hash table, literally. */
class KernelChains {
  private readonly buckets: number;
  private readonly chains = new Map<number, number[]>();

  constructor(buckets: number) {
    this.buckets = buckets;
  }

  of(bucket: number): readonly number[] {
    return this.chains.get(bucket) ?? [];
  }

  add(table: ConnectionTable, row: number): number {
    for (const direction of [0, 1]) this.chainOf(table, row, direction).unshift(row * 2 + direction);
    return row;
  }

  drop(table: ConnectionTable, row: number): void {
    for (const direction of [0, 1]) {
      const chain = this.chainOf(table, row, direction);
      chain.splice(chain.indexOf(row * 2 + direction), 1);
    }
  }

  private chainOf(table: ConnectionTable, row: number, direction: number): number[] {
    const hash = table.wordsOf(row)[table.baseOf(row) + direction]! >>> 0;
    const bucket = Number((BigInt(hash) * BigInt(this.buckets)) >> 32n);
    const chain = this.chains.get(bucket) ?? [];
    this.chains.set(bucket, chain);
    return chain;
  }
}

function bucketOf(table: ConnectionTable, bucket: number): number[] {
  const refs: number[] = [];
  for (let ref = table.firstOfBucket(bucket); ref >= 0; ref = table.nextOf(ref))
    if (table.bucketOfTuple(ref) === bucket) refs.push(ref);
  return refs;
}

describe('ConnectionTable', () => {
  it('finds, after any insertions and removals, exactly what a map would, in both directions', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.constantFrom(4 as const, 6 as const), (list, family) => {
        const table = new ConnectionTable(family, 1 << 18);
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

  // A bucket is a list that new tuples are put in front of (hlist_nulls_add_head_rcu).
  it('holds in each bucket the tuples that the kernel would, newest first, whatever came and went', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'drop'), fc.nat(1e6)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.constantFrom(512, 1536, 1 << 18), (list, buckets) => {
        const table = new ConnectionTable(4, buckets);
        const chains = new KernelChains(buckets);
        const rows: number[] = [];
        let flows = 0;
        for (const [step, n] of list) {
          for (let times = 0; times < 1 + (n % 97); times++) {
            if (step === 'add') rows.push(chains.add(table, insert(table, flows++)));
            else if (rows.length > 0) {
              const [row] = rows.splice((n * 31 + times) % rows.length, 1);
              chains.drop(table, row!);
              table.remove(row!);
            }
          }
        }
        for (let bucket = 0; bucket < buckets; bucket += buckets > 2000 ? 501 : 1)
          expect(bucketOf(table, bucket)).toEqual(chains.of(bucket));
      }),
      { numRuns: 40 },
    );
  });

  it('is as small once it is empty as it was at first, and holds entries again', () => {
    const table = new ConnectionTable(4, 1 << 18);
    insert(table, 0);
    const { bytes } = table;
    const rows = Array.from({ length: 3000 }, (_, n) => insert(table, n + 1));
    for (const row of [0, ...rows]) table.remove(row);
    insert(table, 7);
    expect(table.bytes).toBe(bytes);
    expect([find(table, 7, true), find(table, 7, false), find(table, 8, true)]).toEqual([1, 0, -1]);
  });

  it('spares a lookup its rows only while none of them may have expired', () => {
    const table = new ConnectionTable(4, 1 << 18);
    for (let n = 0; n < 100; n++) insert(table, n);
    const absent = Array.from({ length: 100 }, (_, n) => flow(4, 1000 + n).key.hash);
    expect(absent.filter((hash) => table.surelyMisses(hash, 99)).length).toBeGreaterThan(80);
    expect(absent.filter((hash) => table.surelyMisses(hash, 100))).toEqual([]);
    table.noteExpiry(50);
    expect(absent.filter((hash) => table.surelyMisses(hash, 50))).toEqual([]);
  });

  it('takes in an entry that was made in its spare row, also if others went meanwhile', () => {
    for (const between of ['nothing', 'one less', 'none left'] as const) {
      const table = new ConnectionTable(4, 1 << 18);
      const rows = Array.from({ length: 20 }, (_, n) => insert(table, n));
      const spare = table.spareRow();
      const [words, base] = [table.wordsOf(spare), table.baseOf(spare)];
      const { key } = flow(4, 100);
      fillEntry(words, base, key, key.hashOfInverse(4, seed, 1), 4);
      words[base + Field.timeout] = 100;
      expect(find(table, 100, false)).toBe(-1);
      if (between === 'one less') table.remove(rows[3]!);
      if (between === 'none left') for (const row of rows) table.remove(row);
      table.insert(words, base);
      expect([find(table, 100, false), find(table, 100, true)]).toEqual([0, 1]);
      const counts = { nothing: 21, 'one less': 20, 'none left': 1 };
      expect(table.count).toBe(counts[between]);
      expect(
        Array.from({ length: table.rowsUsed }, (_, row) => table.occupied(row)).filter(Boolean).length,
      ).toBe(table.count);
    }
  });

  it('has as many buckets as whole pages hold, and finds everything after it got another number', () => {
    const table = new ConnectionTable(4, 600);
    expect(table.buckets).toBe(1024);
    for (let n = 0; n < 3000; n++) insert(table, n);
    table.resize(5000);
    expect(table.buckets).toBe(5120);
    for (let n = 0; n < 3000; n++) expect(find(table, n, n % 2 === 0)).toBe(n % 2 === 0 ? 1 : 0);
  });

  it.each([
    [4, 150],
    [6, 200],
  ] as const)(
    'takes for IPv%d at most %d bytes an entry, and 1.1 times that while it grows',
    (family, bytes) => {
      const table = new ConnectionTable(family, 1 << 18);
      for (let n = 0; n < 100_000; n++) {
        insert(table, n);
        if (table.count >= 16_384 && table.count % 4096 === 0)
          expect(table.peakBytes / table.count).toBeLessThan(bytes * 1.1);
      }
      expect(table.bytes / table.count).toBeLessThan(bytes);
    },
  );
});
