import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csv } from './csv.ts';
import { dataTable } from './data-table.ts';
import { parquet } from './parquet.ts';

/** An independent reader, fetched when it is asked for: as a dependency it would weigh more than all others together. */
const reader = '@duckdb/node-api@1.5.6-r.1';
const why = process.env['NSEH_DUCKDB'] === '1' ? '' : ` (fetches ${reader}; NSEH_DUCKDB=1 asks for it)`;

/** As far as this test uses it. */
interface DuckDb {
  DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<{ runAndReadAll(sql: string): Promise<Rows> }> }>;
  };
}

interface Rows {
  columnNames(): string[];
  getRows(): unknown[][];
}

test.skipIf(why !== '')(
  `DuckDB reads the same from Parquet and from CSV${why}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nseh-duckdb-'));
    try {
      execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, reader]);
      const table = dataTable(
        'runs',
        ['cell', 'scheme', 'downtime_ms'],
        [
          [0, 'com-stop', 141.25],
          [1, 'rules, "only"', null],
          [2, 'none', 2 ** -40],
        ],
      );
      writeFileSync(join(folder, 'runs.csv'), csv(table));
      writeFileSync(join(folder, 'runs.parquet'), parquet(table));
      const { DuckDBInstance } = createRequire(join(folder, 'x.js'))('@duckdb/node-api') as DuckDb;
      const database = await (await DuckDBInstance.create(':memory:')).connect();
      const read = async (file: string): Promise<unknown[]> => {
        const rows = await database.runAndReadAll(`select * from '${join(folder, file)}' order by cell`);
        return [rows.columnNames(), ...rows.getRows()];
      };
      const [columns, ...rows] = await read('runs.parquet');
      expect(columns).toEqual(table.columns);
      expect(rows).toEqual(table.rows);
      // CSV has no types; DuckDB infers them, and takes an empty cell for null.
      const fromCsv = (await read('runs.csv')).slice(1) as unknown[][];
      expect(
        fromCsv.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell))),
      ).toEqual(rows);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
