import { describe, expect, it, test } from 'vitest';
import { packed } from './lane-builder.ts';
import { prose } from './markup.ts';
import { briefly } from './run-in-words.ts';
import { columnsOf } from './page/traffic-columns.ts';
import { lengthText, roundStep, timeTicks, whenText } from './page/time-axis.ts';
import { placeLabels } from './page/point-labels.ts';
import { Viewport } from './page/viewport.ts';
import { listed, shownCount, shownTime } from './shown.ts';

describe('marks that overlap', () => {
  it('go to rows of their own, and share one where they do not', () => {
    const mark = (startMs: number, endMs: number) => ({
      ...{ startMs, endMs, style: 'round' as const, label: '', detail: '' },
    });
    const rows = packed([mark(0, 10), mark(5, 15), mark(10, 20), mark(12, 13)]).map(({ row }) => row);
    expect(rows).toEqual([0, 1, 0, 2]);
  });
});

describe('labels of points', () => {
  // Ten pixels for each character.
  const room = { left: 0, right: 500, levels: 2, width: (text: string) => text.length * 10 };

  it('go to the first level where nothing is in the way, and are left out when none is free', () => {
    const placed = placeLabels(
      [
        { x: 0, text: 'stop' },
        { x: 20, text: 'commit' },
        { x: 30, text: 'learnt' },
        { x: 100, text: 'freed' },
      ],
      room,
    );
    expect(placed).toEqual([
      { x: 0, level: 0, text: 'stop' },
      { x: 20, level: 1, text: 'commit' },
      { x: 100, level: 0, text: 'freed' },
    ]);
  });

  it('are joined where points fall together', () => {
    const together = ['a', 'b', 'c', 'd', 'e'].map((text, index) => ({ x: index * 0.5, text }));
    expect(placeLabels(together, room)).toEqual([{ x: 0, level: 0, text: 'a, b, c … 2 more' }]);
  });
});

describe('the time axis', () => {
  it('has round moments with as many digits as they need', () => {
    expect(timeTicks(0, 10_000, 5).map(({ text }) => text)).toEqual([
      '0 s',
      '2 s',
      '4 s',
      '6 s',
      '8 s',
      '10 s',
    ]);
    expect(timeTicks(25_600, 25_700, 4).map(({ text }) => text)).toEqual(['25.60 s', '25.65 s', '25.70 s']);
  });

  test.each([
    [0.3, 0.5],
    [1, 1],
    [1.1, 2],
    [51, 100],
  ])('a step of at least %d is %d', (atLeast, step) => {
    expect(roundStep(atLeast)).toBeCloseTo(step, 12);
  });

  it('names moments and stretches', () => {
    expect(whenText(1500, 1500)).toBe('at 1.500 s');
    expect(whenText(1500, 1644.7)).toBe('1.500 s to 1.645 s, 145 ms');
    expect(lengthText(0.0042)).toBe('4.2 µs');
  });
});

describe('the stretch that is shown', () => {
  it('stays within the run, and keeps the moment around which it is zoomed', () => {
    const viewport = new Viewport(1000, 200, 600);
    viewport.zoom(0.5, 300);
    // 300 lay at a quarter of 200 to 600, and lies at a quarter of 200 ms.
    expect([viewport.fromMs, viewport.toMs]).toEqual([250, 450]);
    viewport.pan(-2);
    expect([viewport.fromMs, viewport.toMs]).toEqual([0, 200]);
    viewport.zoom(100, 100);
    expect([viewport.fromMs, viewport.toMs]).toEqual([0, 1000]);
  });
});

describe('columns of the traffic', () => {
  const series = { binMs: 10, startMs: [0, 10, 30, 40, 50] };

  it('are the intervals of the series where these are wide enough', () => {
    const columns = columnsOf(series, [1, 2, 3, 4, 5], { fromMs: 10, toMs: 40, columns: 300 });
    // Two packets in 10 ms are 200 a second.
    expect(columns.filter(({ fromMs }) => fromMs >= 10)).toEqual([
      { fromMs: 10, toMs: 20, rate: 200 },
      { fromMs: 30, toMs: 40, rate: 300 },
      { fromMs: 40, toMs: 50, rate: 400 },
    ]);
  });

  it('lose no packet when several intervals share one', () => {
    const columns = columnsOf(series, [1, 2, 3, 4, 5], { fromMs: 0, toMs: 60, columns: 3 });
    const packets = columns.reduce((sum, { fromMs, toMs, rate }) => sum + (rate * (toMs - fromMs)) / 1000, 0);
    expect(packets).toBeCloseTo(15, 9);
    expect(columns).toHaveLength(3);
  });
});

describe('words', () => {
  it('keep numbers with their thousands and units', () => {
    expect(prose('4 413 entries in 5.77 ms <b>')).toBe('4\u202f413 entries in 5.77\u00a0ms &lt;b&gt;');
  });

  it('join reasons of one kind', () => {
    expect(
      briefly(['7 attacks delivered: port-scan', '2 connections hung', '1 attacks delivered: syn-flood']),
    ).toEqual(['2 connections hung', 'attacks delivered (7 port-scan, 1 syn-flood)']);
  });

  it('name times, counts and lists', () => {
    expect([shownTime(0), shownTime(0.0205), shownTime(144.67), shownTime(15_635)]).toEqual([
      ...['0 ms', '20.5 µs', '145 ms', '15.6 s'],
    ]);
    expect([shownCount(1, 'round'), shownCount(2, 'entry', 'entries')]).toEqual(['1 round', '2 entries']);
    expect([listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['a', 'a, b and c']);
  });
});
