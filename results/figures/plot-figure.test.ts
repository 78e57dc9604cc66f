import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../sim/assert.ts';
import { pdf } from './pdf.ts';
import { plotFigure, plotKinds } from './plot-figure.ts';
import type { FigureRequest } from './plot-figure.ts';
import type { PlotRows } from './plot-rows.ts';

/** Two schemes at two sizes, three runs each: means 2 and 20 of the one, 4 and 40 of the other. */
const table: PlotRows = {
  name: 'runs',
  columns: [
    { name: 'scheme', kind: 'text', unit: '', role: 'factor' },
    { name: 'entries', kind: 'number', unit: '', role: 'factor' },
    { name: 'downtime_ms', kind: 'number', unit: 'ms', role: 'measure' },
  ],
  rows: [1, 2].flatMap((factor) =>
    [10, 100].flatMap((entries) =>
      [1, 2, 3].map((value) => [
        factor === 1 ? 'none' : 'com-stop',
        entries,
        (value * factor * entries) / 10,
      ]),
    ),
  ),
};

const request: FigureRequest = {
  ...{ title: 'downtime', x: 'entries', y: 'downtime_ms', by: 'scheme' },
  ...{ logX: false, logY: false, widthPx: 336 },
};

describe.each(plotKinds)('a figure of the kind %s', (kind) => {
  const drawn = plotFigure(kind, table, request);

  test('has the same bytes each time, as SVG and as PDF', async () => {
    expect(plotFigure(kind, table, request)).toBe(drawn);
    expect(Buffer.from(await pdf(drawn)).equals(Buffer.from(await pdf(drawn)))).toBe(true);
  });

  test('names the schemes and has a title', () => {
    // Boxes stand for values of x alone.
    const names = kind === 'box' ? ['>10<', '>100<'] : ['>none<', '>com-stop<'];
    for (const text of ['>downtime<', ...names]) expect(drawn).toContain(text);
  });

  test('refuses rows that are none and columns that are none', () => {
    expect(() => plotFigure(kind, { ...table, rows: [] }, request)).toThrow(ScenarioError);
    expect(() => plotFigure(kind, table, { ...request, y: 'downtme_ms' })).toThrow(
      /did you mean "downtime_ms"/,
    );
    expect(() => plotFigure(kind, table, { ...request, y: 'scheme' })).toThrow(/holds no numbers/);
  });

  test('refuses a measure without a value, and says of rows without one that they are left out', () => {
    const without = (empty: (index: number) => boolean): PlotRows => ({
      ...table,
      rows: table.rows.map((row, index) => (empty(index) ? [...row.slice(0, 2), null] : row)),
    });
    expect(() =>
      plotFigure(
        kind,
        without(() => true),
        { ...request, logX: true, logY: true },
      ),
    ).toThrow(/downtime_ms is empty in all 12 rows/);
    expect(
      plotFigure(
        kind,
        without((index) => index === 4),
        request,
      ),
    ).toContain('1 of 12 rows are empty');
  });

  test('suggests the column of a path that was varied', () => {
    expect(() =>
      plotFigure(kind, table, { ...request, x: 'nses[a].entries', y: 'vms[0].downtime_ms' }),
    ).toThrow(/did you mean "(entries|downtime_ms)"/);
  });
});

test('a line goes through the means, in proportion to zero', () => {
  const drawn = plotFigure('lines', table, request);
  // Means 2 and 20 (none) say where zero is; those of com-stop, 4 and 40, have to be twice as far from it.
  const marks = [...drawn.matchAll(/translate\([\d.]+,([\d.]+)\)" y="0.32em">[●■]/g)].map((match) =>
    Number(match[1]),
  );
  expect(marks).toHaveLength(4);
  const [small = 0, large = 0, twice = 0, twiceLarge = 0] = marks;
  const zero = small + (small - large) / 9;
  expect((zero - twice) / (zero - small)).toBeCloseTo(2, 1);
  expect((zero - twiceLarge) / (zero - large)).toBeCloseTo(2, 1);
});

test('a line of more points than pixels is drawn as means in a band, and says so', () => {
  const columns = ['start_ms', 'bytes'].map((name) => ({ ...table.columns[1]!, name }));
  const rows = Array.from({ length: 5000 }, (_, index) => [index * 10, index % 7 === 0 ? 100 : 1]);
  const drawn = plotFigure(
    'lines',
    { ...table, columns, rows },
    { ...request, x: 'start_ms', y: 'bytes', by: null },
  );
  expect(drawn).toMatch(/means of bytes over each 500 ms of start; band:/);
  // 50 s in stretches of 500 ms: the line has 100 points, not 5,000.
  const points = [...drawn.matchAll(/ d="([^"]*)"/g)].map(([, path = '']) => path.split(/[ML]/).length - 1);
  expect(Math.max(...points)).toBeLessThanOrEqual(2 * 100);
});

test.each([
  { at: 'y', row: ['none', 10, 0], axes: { logY: true } },
  { at: 'x', row: ['none', 0, 10], axes: { logX: true } },
])('an axis $at without room for zero refuses it', ({ row, axes }) => {
  expect(() => plotFigure('lines', { ...table, rows: [row] }, { ...request, ...axes })).toThrow(
    /no logarithm/,
  );
});

test('more series than can be told apart are refused', () => {
  const rows = Array.from({ length: 9 }, (_, index) => [`s${index}`, 1, 1]);
  expect(() => plotFigure('lines', { ...table, rows }, request)).toThrow(/scheme has 9 values/);
});

test('bytes stand with their unit where each value has a place of its own', () => {
  const columns = table.columns.map((column) =>
    column.name === 'entries' ? { ...column, name: 'memory', unit: 'bytes' } : column,
  );
  const rows = [2 ** 28, 2 ** 30].map((bytes) => ['none', bytes, 1]);
  for (const kind of ['box', 'heatmap'] as const) {
    const drawn = plotFigure(kind, { ...table, columns, rows }, { ...request, x: 'memory' });
    for (const text of ['>256 MiB<', '>1 GiB<']) expect(drawn).toContain(text);
  }
});
