import { expect, test } from 'vitest';
import { drawPlot } from './draw-plot.ts';
import { logAxis, logDomain } from './figure-axis.ts';
import { axisNumber, shownNumber } from './figure-number.ts';

test('a logarithmic axis over two decades has a number at each of its lines', () => {
  const axis = logAxis('y', 'kB', [40, 6000]);
  const drawn = drawPlot({ y: axis.scale, marks: [...axis.marks] }, { x: 0, y: 0 });
  for (const text of ['50', '100', '200', '500', '1 000', '2 000', '5 000'])
    expect(drawn).toContain(`>${text}<`);
});

test('powers of ten alone stand where there are many', () => {
  expect(logDomain([1, 100_000]).ticks).toEqual([1, 10, 100, 1000, 10_000, 100_000]);
});

test('numbers have one form: gaps between thousands, a minus that is none of a keyboard, three digits', () => {
  expect([1000, -200, 0.35, 12_345].map(axisNumber)).toEqual(['1 000', '−200', '0.35', '12 345']);
  expect([9030.4, 13, 0.5752, 101.26].map(shownNumber)).toEqual(['9 030', '13', '0.575', '101']);
});

test('values that lie close together have even steps', () => {
  // 64.8 / 1.15 = 56.3 to 75.5 x 1.15 = 86.8, without a power of ten, or twice or five times one, in it.
  expect(logDomain([64.8, 75.5]).ticks).toEqual([60, 65, 70, 75, 80, 85]);
});
