import { describe, expect, it } from 'vitest';
import { drawPaperFigure } from './draw-paper-figure.ts';
import { panel } from './paper-figure.ts';
import type { FigureDesign, FigurePoint, PanelForm } from './paper-figure.ts';
import { pdf } from './pdf.ts';
import { rasterize } from './rasterize.ts';

const forms: readonly PanelForm[] = ['lines', 'steps', 'bars', 'scatter', 'matrix'];

/** Made up: a firewall and a stock host with two points each, and a third that was printed somewhere. */
function madeUp(form: PanelForm): { design: FigureDesign; points: FigurePoint[] } {
  const named = form === 'bars' || form === 'matrix';
  const simulated = form === 'matrix' ? 'measured' : 'simulated';
  const point = (series: string, x: number, y: number, what: FigurePoint['what']): FigurePoint => {
    return { panel: 'Downtime', series, what, x: named ? `case ${x}` : x, y, source: 'made up, Fig. 7' };
  };
  return {
    design: {
      title: 'A made-up figure',
      panels: [panel('Downtime', form, 'entries', 'ms')],
      badge: 'Kind: made up, calibrated on nothing.',
    },
    points: [
      ...[point('stock', 1, 0.2, simulated), point('stock', 2, 0.4, simulated)],
      ...[
        point('com', 1, 0.3, simulated),
        point('com', 2, 0.9, simulated),
        point('com', 2, 0.8, 'published'),
      ],
    ],
  };
}

describe.each(forms)('a figure of a paper with %s', (form) => {
  const { design, points } = madeUp(form);
  const drawn = drawPaperFigure(design, points);

  it('has the same bytes each time, as SVG, PNG and PDF', async () => {
    expect(drawPaperFigure(design, points)).toBe(drawn);
    expect(Buffer.from(rasterize(drawn, 1)).equals(Buffer.from(rasterize(drawn, 1)))).toBe(true);
    expect(Buffer.from(await pdf(drawn)).equals(Buffer.from(await pdf(drawn)))).toBe(true);
  });

  it('names its series, its panel and, at the foot, its kind and where published points come from', () => {
    for (const text of ['A made-up figure', '>Downtime<', '>stock<', '>com<', 'Kind: made up'])
      expect(drawn).toContain(text);
    expect(drawn).toContain('Published points: made up, Fig. 7.');
  });
});

it('draws a published point as a ring where a simulated one of the same value has its symbol', () => {
  const { design } = madeUp('lines');
  const at = (what: FigurePoint['what'], x: number, y: number): FigurePoint => {
    return { panel: 'Downtime', series: 'com', what, x, y, source: 'made up' };
  };
  const drawn = drawPaperFigure(design, [
    at('simulated', 0, 10),
    at('simulated', 5, 0),
    at('published', 5, 10),
  ]);
  const rings = [...drawn.matchAll(/<circle r="[\d.]+" cy="([\d.]+)" cx="([\d.]+)"/g)];
  const symbols = [...drawn.matchAll(/translate\(([\d.]+),([\d.]+)\)" y="0.32em">●/g)];
  expect(rings).toHaveLength(1);
  expect(symbols).toHaveLength(2);
  // As far right as the second simulated point and as high as the first.
  expect(rings[0]![2]).toBe(symbols[1]![1]);
  expect(rings[0]![1]).toBe(symbols[0]![2]);
});

it('says of a panel without points that it has no data', () => {
  const { design } = madeUp('bars');
  expect(drawPaperFigure(design, [])).toContain('no data');
});

describe('text in a figure of a paper', () => {
  const cells = (columns: number): FigurePoint[] =>
    Array.from({ length: columns }, (_, index) => index).flatMap((index) =>
      (['measured', 'simulated'] as const).map((what) => {
        const y = what === 'measured' ? 0.75 : 1;
        return { panel: 'Downtime', series: 'a-long-scheme-name', what, x: `flow ${index}`, y, source: '' };
      }),
    );

  // 8 CSS pixels, 96 an inch, are 6 points, 72 an inch.
  it.each(forms)('has 6 points at least, with %s', (form) => {
    const { design, points } = madeUp(form);
    const drawn = [drawPaperFigure(design, points), drawPaperFigure(madeUp('matrix').design, cells(21))];
    // Symbols below bars are marks.
    const sizes = drawn.join('').matchAll(/font-size="([\d.]+)"[^>]*>(?=[^<]*[a-z0-9])/g);
    expect(Math.min(...[...sizes].map(([, size]) => Number(size)))).toBe(8);
  });

  it('is in two lines where a cell of a matrix is too narrow for two shares, and else in one', () => {
    const { design } = madeUp('matrix');
    expect(drawPaperFigure(design, cells(5))).toContain('>75/100<');
    const narrow = drawPaperFigure(design, cells(21));
    expect(narrow).not.toContain('75/100');
    expect(narrow).toMatch(/>75\/<\/tspan><tspan[^>]*>100</);
  });
});
