import { bisectLeft } from 'd3-array';
import type { PageTraffic } from '../page-data.ts';
import { font, smallFont } from './chart.ts';
import type { Drawing, Hit, Pen } from './chart.ts';
import { columnsOf } from './traffic-columns.ts';
import type { Column } from './traffic-columns.ts';
import type { Palette } from './palette.ts';
import { roundStep } from './time-axis.ts';

type Counter = Exclude<keyof PageTraffic, 'binMs' | 'startMs'>;

/** One curve, or several stacked ones, with a label and a unit. */
interface Row {
  readonly label: string;
  readonly unit: 'bit/s' | 'packets/s';
  readonly parts: readonly {
    readonly counter: Counter;
    readonly colour: keyof Palette;
    readonly name: string;
  }[];
}

const rows: readonly Row[] = [
  { label: 'delivered', unit: 'bit/s', parts: [{ counter: 'bytes', colour: 'blue', name: 'delivered' }] },
  {
    label: 'dropped or lost',
    unit: 'packets/s',
    parts: [
      { counter: 'legitimateDropped', colour: 'red', name: 'legitimate, dropped by an engine' },
      { counter: 'lost', colour: 'orange', name: 'lost on the way' },
      { counter: 'attacksDropped', colour: 'grey', name: 'attacks dropped' },
    ],
  },
  {
    ...{ label: 'attacks delivered', unit: 'packets/s' },
    parts: [{ counter: 'attacks', colour: 'orange', name: 'attacks delivered' }],
  },
];
const rowHeight = 78;
const rowGap = 18;

/** Rates over time; behind them in grey the control without migration, where there is one. */
export class TrafficDrawing implements Drawing {
  private readonly traffic: PageTraffic;
  private readonly control: PageTraffic | null;
  private stepped = -1;

  constructor(traffic: PageTraffic, control: PageTraffic | null) {
    this.traffic = traffic;
    this.control = control;
  }

  height(): number {
    return rows.length * (rowHeight + rowGap) + 4;
  }

  draw(pen: Pen): number {
    let drawn = 0;
    rows.forEach((row, index) => {
      const columns = row.parts.map(({ counter }) => this.columns(pen, this.traffic, row, counter));
      const control =
        this.control === null
          ? []
          : row.parts.map((part) => this.columns(pen, this.control!, row, part.counter));
      const shown = row.unit === 'bit/s' ? (control[0] ?? []) : [];
      const most = Math.max(largestSum(columns), ...shown.map(({ rate }) => rate));
      const top = pen.top + 10 + index * (rowHeight + rowGap);
      const scale = scaleOf(most);
      drawn += this.drawRow(pen, row, columns, shown, { top, scale });
      label(pen, row, top, most === 0 ? '' : rateText(scale, row.unit));
    });
    return drawn;
  }

  at(pen: Pen, x: number, y: number): Hit | null {
    if (x < pen.left || x > pen.right) return null;
    const { fromMs, toMs } = pen.viewport;
    return this.hit(pen, fromMs + ((x - pen.left) / (pen.right - pen.left)) * (toMs - fromMs), y);
  }

  step(pen: Pen, by: number): Hit | null {
    const { fromMs, toMs } = pen.viewport;
    const { startMs } = this.traffic;
    if (
      this.stepped < 0 ||
      (startMs[this.stepped] ?? -1) < fromMs ||
      (startMs[this.stepped] ?? Infinity) > toMs
    )
      this.stepped = startMs.findIndex((timeMs) => timeMs >= fromMs) - Math.max(0, by);
    this.stepped = Math.min(startMs.length - 1, Math.max(0, this.stepped + by));
    const timeMs = (startMs[this.stepped] ?? 0) + this.traffic.binMs / 2;
    return timeMs > toMs ? null : this.hit(pen, timeMs, pen.top + 20);
  }

  /** Width of a column in pixels follows the series: no finer than a pixel, no finer than its intervals. */
  private columns(
    { viewport, left, right }: Pen,
    traffic: PageTraffic,
    { unit }: Row,
    counter: Counter,
  ): Column[] {
    const factor = unit === 'bit/s' ? 8 : 1;
    const within = { fromMs: viewport.fromMs, toMs: viewport.toMs, columns: right - left };
    return columnsOf(traffic, traffic[counter], within).map((column) => ({
      ...column,
      rate: column.rate * factor,
    }));
  }

  private drawRow(
    pen: Pen,
    { parts }: Row,
    columns: readonly (readonly Column[])[],
    control: readonly Column[],
    { top, scale }: { readonly top: number; readonly scale: number },
  ): number {
    const { context, palette, left, right } = pen;
    const bottom = top + rowHeight;
    context.fillStyle = palette.grid;
    context.fillRect(left, bottom, right - left, 1);
    context.fillRect(left, top, right - left, 1);
    ground(pen, control, bottom, rowHeight / scale);
    const sums = new Map<number, number>();
    let drawn = 0;
    parts.forEach(({ colour }, index) => {
      context.fillStyle = palette[colour];
      for (const { fromMs, toMs, rate } of columns[index] ?? []) {
        if (rate === 0) continue;
        const below = sums.get(fromMs) ?? 0;
        const [x0, x1] = [Math.max(left, pen.x(fromMs)), Math.min(right, pen.x(toMs))];
        const [y0, y1] = [
          bottom - (below / scale) * rowHeight,
          bottom - ((below + rate) / scale) * rowHeight,
        ];
        context.fillRect(x0, y1, Math.max(1, x1 - x0 - (x1 - x0 > 5 ? 0.5 : 0)), Math.max(0.75, y0 - y1));
        sums.set(fromMs, below + rate);
        drawn++;
      }
    });
    return drawn;
  }

  private hit(pen: Pen, timeMs: number, y: number): Hit {
    const { binMs, startMs } = this.traffic;
    const bin = Math.floor(timeMs / binMs) * binMs;
    const index = bisectLeft(startMs, bin - binMs / 2);
    const there = Math.abs((startMs[index] ?? -Infinity) - bin) < binMs / 2;
    const count = (counter: Counter): number => (there ? (this.traffic[counter][index] ?? 0) : 0);
    const lines = rows.flatMap((row) =>
      row.parts.flatMap(({ counter, name }) => {
        const value = count(counter);
        if (row.unit === 'bit/s') return [`${rateText((value * 8 * 1000) / binMs, 'bit/s')} delivered`];
        return value === 0 ? [] : [`${value} ${name}`];
      }),
    );
    return { lines: [`${(bin / 1000).toFixed(3)} s, ${binMs} ms`, ...lines], x: pen.x(bin + binMs / 2), y };
  }
}

/** The control behind it, grey: what is missing stays visible. */
function ground(
  { context, palette, left, right, x }: Pen,
  columns: readonly Column[],
  bottom: number,
  perUnit: number,
): void {
  context.fillStyle = palette.grey;
  context.globalAlpha = 0.55;
  for (const { fromMs, toMs, rate } of columns) {
    const [x0, x1] = [Math.max(left, x(fromMs)), Math.min(right, x(toMs))];
    context.fillRect(x0, bottom - rate * perUnit, Math.max(1, x1 - x0), rate * perUnit);
  }
  context.globalAlpha = 1;
}

function label({ context, palette, left }: Pen, { label: text, unit }: Row, top: number, most: string): void {
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.font = font;
  context.fillStyle = palette.ink;
  context.fillText(text, left - 12, top + 26, left - 20);
  context.font = smallFont;
  context.fillStyle = palette.quiet;
  context.fillText(
    most === '' ? 'none' : unit === 'bit/s' ? 'all packets' : 'packets',
    left - 12,
    top + 42,
    left - 20,
  );
  context.fillText(most, left - 6, top + 2);
  if (most !== '') context.fillText('0', left - 6, top + rowHeight - 2);
}

function largestSum(columns: readonly (readonly Column[])[]): number {
  const sums = new Map<number, number>();
  for (const part of columns)
    for (const { fromMs, rate } of part) sums.set(fromMs, (sums.get(fromMs) ?? 0) + rate);
  let most = 0;
  for (const sum of sums.values()) most = Math.max(most, sum);
  return most;
}

function scaleOf(most: number): number {
  return most === 0 ? 1 : roundStep(most);
}

function rateText(rate: number, unit: Row['unit']): string {
  const prefixes = ['', 'k', 'M', 'G'];
  const power = rate === 0 ? 0 : Math.min(3, Math.max(0, Math.floor(Math.log10(rate) / 3 + 1e-9)));
  const value = Number((rate / 1000 ** power).toPrecision(3));
  return unit === 'bit/s' ? `${value} ${prefixes[power] ?? ''}bit/s` : `${value}${prefixes[power] ?? ''}/s`;
}
