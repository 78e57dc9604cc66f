import { describe, expect, it } from 'vitest';
import { envelope, stretchOf } from './line-envelope.ts';
import type { Sample } from './line-envelope.ts';

const samples = (count: number, y: (index: number) => number, every = 1): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ x: index * every, y: y(index) }));

describe('a line with more points than pixels', () => {
  it('is cut into stretches of a round length, two pixels long at least', () => {
    // 10,000 points 10 ms apart on 300 pixels: two pixels are 99,990 / 150 = 667 ms, the next round length 1,000.
    expect(stretchOf([samples(10_000, () => 1, 10)], 300, false)).toEqual({ kind: 'length', size: 1000 });
    expect(stretchOf([samples(3, () => 1), samples(301, () => 1, 0.01)], 300, false)).toEqual({
      kind: 'length',
      size: 0.02,
    });
  });

  it('is left as it is while each point has a pixel, however many values it has', () => {
    const often = [...samples(300, () => 1), ...samples(300, () => 2)];
    expect(stretchOf([often], 300, false)).toBeNull();
  });

  it('has the mean of each stretch, its least and its greatest value, in its middle', () => {
    const line = samples(25, (index) => (index === 12 ? 100 : index % 2));
    expect(envelope(line, { kind: 'length', size: 10 })).toEqual([
      { x: 5, y: 0.5, low: 0, high: 1 },
      // Ten values: five of 1, four of 0, one of 100.
      { x: 15, y: 10.5, low: 0, high: 100 },
      { x: 25, y: 0.4, low: 0, high: 1 },
    ]);
  });

  it('puts what lies on a border to the right of it, decimal fractions too', () => {
    const tenths = samples(10, (index) => index, 0.1);
    expect(envelope(tenths, { kind: 'length', size: 0.1 }).map(({ y }) => y)).toEqual(
      tenths.map(({ y }) => y),
    );
  });

  it('has stretches of equal ratios on a logarithmic axis', () => {
    const decade = [1, 10, 100, 1000].map((x) => ({ x, y: x }));
    const points = envelope(decade, { kind: 'ratio', size: 100 });
    expect(points.map(({ low, high }) => [low, high])).toEqual([
      [1, 10],
      [100, 1000],
    ]);
    expect(points[0]!.x).toBeCloseTo(10, 9);
    const many = Array.from({ length: 601 }, (_, index) => ({ x: 10 ** (index / 100), y: 1 }));
    // Six decades on 300 pixels: two pixels are 6 / 150 of a decade.
    expect(stretchOf([many], 300, true)!.size).toBeCloseTo(10 ** 0.04, 9);
  });
});
