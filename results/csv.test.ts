import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { csv } from './csv.ts';
import { dataTable } from './data-table.ts';
import { parquet } from './parquet.ts';

const table = dataTable(
  'sample',
  ['name', 'time_ms'],
  [
    ['a,"b"', 0.1 + 0.2],
    ['c', null],
  ],
);

test('CSV has full precision, empty cells for null, and quotes where they are needed', () => {
  expect(csv(table)).toBe('name,time_ms\n"a,""b""",0.30000000000000004\nc,\n');
});

test('Parquet gives the same cells to another reader, and the same bytes each time', async () => {
  const bytes = parquet(table);
  expect(Buffer.from(parquet(table)).equals(Buffer.from(bytes))).toBe(true);
  const read = await parquetReadObjects({ file: bytes.buffer as ArrayBuffer });
  expect(read).toEqual([
    { name: 'a,"b"', time_ms: 0.1 + 0.2 },
    { name: 'c', time_ms: null },
  ]);
});

test('a number that is none, or a row that is too short, is our bug', () => {
  expect(() => dataTable('x', ['x'], [[Number.NaN]])).toThrow(/finite/);
  expect(() => dataTable('x', ['x', 'y'], [[1]])).toThrow(/columns/);
});
