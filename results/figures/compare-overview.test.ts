import { describe, expect, test } from 'vitest';
import { handMadeSummary } from '../hand-made-summary.fixture.ts';
import { compareOverview } from './compare-overview.ts';
import { rasterize } from './rasterize.ts';
import { textWidth } from './text-width.ts';

const move = {
  total_ms: 5000,
  downtime_ms: 80,
  memory_stop_ms: 60,
  context_stop_ms: 18.5,
  other_stop_ms: 1.5,
};
const comparison = {
  ...{ scenario: 'lab', seed: 1, repetition: 0 },
  schemes: [
    handMadeSummary('none', { connections: { total: 200, untouched: 200 } }),
    handMadeSummary('com-stop', {
      ...{ fields: 26, fields_assumed: 14, migrations: [move] },
      connections: { total: 200, untouched: 100, stalled: 60, reset: 40 },
      exposure: { attacks_delivered: 1412 },
    }),
    handMadeSummary('a<b', { migrations: [{ ...move, outcome: 'failed' }] }),
  ],
};

describe('the overview of a comparison', () => {
  const figure = compareOverview(comparison);

  test('has the same bytes each time', () => {
    expect(compareOverview(comparison)).toBe(figure);
    expect(Buffer.from(rasterize(figure, 1)).equals(Buffer.from(rasterize(figure, 1)))).toBe(true);
  });

  test('names each scheme, what is assumed, the totals and the outcomes that occur', () => {
    for (const text of ['>com-stop<', '>14 of 26 assumed<', '>80.0<', '>1 412<', '>reset<', '>no move<'])
      expect(figure).toContain(text);
    expect(figure).toContain('>a&lt;b<');
    expect(figure).not.toContain('half-open');
  });

  test('draws its text, which the renderer would drop silently without a font: the picture is larger for it', () => {
    const silent = figure.replaceAll(/<text[^>]*>[^<]*<\/text>/g, '');
    expect(rasterize(figure, 1).length).toBeGreaterThan(rasterize(silent, 1).length * 1.3);
  });

  test('draws bars in proportion', () => {
    // 60, 18.5 and 1.5 ms, and 50, 30 and 20 %: widths of the bars of one colour, which the legend has too, 8 wide.
    const widths = (fill: string): number[] =>
      [...figure.matchAll(/<rect[^>]*>/g)]
        .filter(([rect]) => rect.includes(`fill="${fill}"`))
        .map(([rect]) => Number(/ width="([\d.]+)"/.exec(rect)?.[1] ?? 0))
        .filter((width) => width > 0 && width !== 8);
    const [memory = 0] = widths('#0072B2');
    const [context = 0] = widths('#E69F00');
    expect(context / memory).toBeCloseTo(18.5 / 60, 2);
  });
});

test('the width of a text is the sum of the letters’ advances', () => {
  // DejaVu Sans: i is 569, m is 1995 of 2048 units wide.
  expect(textWidth('im', 10)).toBeCloseTo(((569 + 1995) / 2048) * 10, 1);
});
