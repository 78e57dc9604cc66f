import { parquetWriteBuffer } from 'hyparquet-writer';
import type { DataTable } from './data-table.ts';

/** The table as Parquet: numbers as DOUBLE, texts as STRING, empty cells as null. The same table, the same bytes. */
export function parquet({ columns, rows }: DataTable): Uint8Array {
  const columnData = columns.map((name, column) => {
    const data = rows.map((row) => row[column] ?? null);
    const type = data.some((cell) => typeof cell === 'string') ? ('STRING' as const) : ('DOUBLE' as const);
    return { name, data, type, nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
