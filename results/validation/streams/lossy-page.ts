import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { lossyThroughputBps } from '../../../models/network/lossy-throughput.ts';
import type { TcpSettings } from '../../../models/network/tcp-settings.ts';
import { ms } from '../../../sim/time.ts';
import { markdownTable } from '../../markdown-table.ts';
import { threeDigits } from '../../three-digits.ts';
import { heldOut, queueBytes, type LossyCell } from './lossy-cells.ts';
import { shortTransfers, timeTransfer } from './short-transfer.ts';

/** A path that was held out, and how many times as fast as packet endpoints the law is there. */
export interface HeldCell extends LossyCell {
  readonly ratio: number;
}

export const lossyAges = ['linux-6.x', 'linux-2.6'] as const;

/** What packet endpoints of an age reached on paths of which the law was not made. */
export function heldCells(age: TcpSettings['age']): HeldCell[] {
  const file = new URL(`../../reference/lossy-streams-${age}.json`, import.meta.url);
  const cells = JSON.parse(readFileSync(file, 'utf8')) as LossyCell[];
  return cells.map((cell) => ({ ...cell, ratio: lossyThroughputBps(age, cell) / cell.rateBps }));
}

/** Where on the page a table stands. */
const places = {
  lossy: '<!-- loss: npx tsx cli/write-lossy-page.ts -->\n',
  short: '<!-- start: npx tsx cli/write-lossy-page.ts -->\n',
};
const end = '<!-- end of tables -->\n';

/** The page docs/models.md with the tables of today in their places. */
export async function pageWithStreamTables(page: string): Promise<string> {
  const written = withTables(withTables(page, places.lossy, lossyTables()), places.short, shortTable());
  return format(written, { parser: 'markdown', printWidth: 110, singleQuote: true });
}

function withTables(page: string, place: string, tables: string): string {
  const from = page.indexOf(place) + place.length;
  return `${page.slice(0, from)}\n${tables}\n${page.slice(page.indexOf(end, from))}`;
}

/** Deep enough for every round trip of the table. */
const deepQueueBytes = 1e8;

function shortTable(): string {
  const rows = [queueBytes, deepQueueBytes].flatMap((bytes) =>
    shortTransfers.roundTripsMs.map((roundTripMs) => [
      bytes === queueBytes ? '256 KiB' : '100 MB',
      `${roundTripMs} ms`,
      ...shortTransfers.bytes.map((size) => {
        const { packetsS, fluidS } = timeTransfer(size, roundTripMs * ms, bytes);
        return `${threeDigits(packetsS)} s, ${(fluidS / packetsS).toFixed(2)}`;
      }),
    ]),
  );
  const sizes = shortTransfers.bytes.map((size) => `${size / 1e6} MB`);
  return `${markdownTable(['queue', 'round trip', ...sizes], rows)}\n`;
}

function lossyTables(): string {
  const held = lossyAges.map((age) => ({ age, cells: heldCells(age) }));
  const usual = held[0]!.cells.filter(({ lineRateBps }) => lineRateBps === 1e9);
  const byCell = markdownTable(
    ['round trip', ...heldOut.losses.map(percent)],
    heldOut.roundTripsMs.map((roundTripMs) => [
      `${roundTripMs} ms`,
      ...heldOut.losses.map((loss) => {
        const cell = usual.find((one) => one.loss === loss && one.roundTripNs === roundTripMs * ms);
        return cell === undefined ? '' : cell.ratio.toFixed(2);
      }),
    ]),
  );
  const summary = markdownTable(
    ['endpoints', 'line', 'cells', 'half within', '95 % within', 'all within', 'largest at'],
    held.flatMap(({ age, cells }) =>
      heldOut.lineRatesBps.map((lineRateBps) =>
        summaryRow(
          age,
          lineRateBps,
          cells.filter((cell) => cell.lineRateBps === lineRateBps),
        ),
      ),
    ),
  );
  const counts = held.map(({ age, cells }) => countsText(age, cells)).join(' ');
  return `${byCell}\n\n${summary}\n\n${counts}\n`;
}

function countsText(age: TcpSettings['age'], cells: readonly HeldCell[]): string {
  const within = (error: number): number => cells.filter((cell) => errorOf(cell) <= error).length;
  return `Of ${cells.length} paths of \`${age}\` ${within(0.15)} are within 15 % and ${within(0.25)} within 25 %.`;
}

function summaryRow(age: string, lineRateBps: number, cells: readonly HeldCell[]): string[] {
  const sorted = [...cells].sort((one, other) => errorOf(one) - errorOf(other));
  const within = (share: number): string => percent(errorOf(sorted[Math.ceil(share * sorted.length) - 1]!));
  const worst = sorted[sorted.length - 1]!;
  const where = `${worst.roundTripNs / ms} ms, ${percent(worst.loss)} (${worst.ratio.toFixed(2)})`;
  return [
    age,
    `${lineRateBps / 1e6} Mbit/s`,
    String(cells.length),
    within(0.5),
    within(0.95),
    within(1),
    where,
  ];
}

/** How far the ratio is from 1, either way: 0.25 is a ratio of 1.25 or 0.8. */
export function errorOf({ ratio }: HeldCell): number {
  return Math.max(ratio, 1 / ratio) - 1;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
