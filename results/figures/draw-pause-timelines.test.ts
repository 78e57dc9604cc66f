import { describe, expect, test } from 'vitest';
import type { PauseTimeline, TimelineBin } from '../pause-timeline.ts';
import { pauseTimeline } from '../pause-timeline.ts';
import { compareByHand } from '../hand-made-comparison.ts';
import { drawPauseTimelines } from './draw-pause-timelines.ts';

const empty = { legitimate: 0, attacks: 0, legitimateDropped: 0, attacksDropped: 0, lostOtherwise: 0 };
const bin = (startMs: number, counts: Partial<TimelineBin>): TimelineBin => ({
  ...{ ...empty, startMs, endMs: startMs + 10 },
  ...counts,
});
const timelines: readonly PauseTimeline[] = [
  { scheme: 'com-stop', downtimeMs: 80, bins: [bin(-20, { legitimate: 10 }), bin(90, { legitimate: 5 })] },
  { scheme: 'stock-drop', downtimeMs: 60, bins: [bin(100, { legitimateDropped: 4, lostOtherwise: 2 })] },
];

/** Heights and widths of the filled rectangles of one colour, the legend's square of 8 apart. */
function rectangles(figure: string, fill: string): { width: number; height: number }[] {
  const size = (rect: string, side: string): number =>
    Number(new RegExp(` ${side}="([\\d.]+)"`).exec(rect)?.[1] ?? 0);
  return [...figure.matchAll(/<(?:g|rect)[^>]*>/g)]
    .map(([tag]) => tag)
    .reduce<{ fill: string; found: { width: number; height: number }[] }>(
      (state, tag) => {
        const own = / fill="([^"]+)"/.exec(tag)?.[1];
        if (tag.startsWith('<g')) return { ...state, fill: own ?? '' };
        const rect = { width: size(tag, 'width'), height: size(tag, 'height') };
        if ((own ?? state.fill) === fill && rect.width !== 8) state.found.push(rect);
        return state;
      },
      { fill: '', found: [] },
    ).found;
}

describe('the timeline around the pause', () => {
  const figure = drawPauseTimelines(timelines);

  test('has the same bytes each time and names each scheme', () => {
    expect(drawPauseTimelines(timelines)).toBe(figure);
    expect(figure).toContain('>com-stop<');
    expect(figure).toContain('>stock-drop<');
  });

  test('draws packets in proportion, on one scale for all schemes', () => {
    const [ten, five] = rectangles(figure, '#009E73');
    const [four] = rectangles(figure, '#0072B2');
    const [two] = rectangles(figure, '#9A9A9A');
    expect((five?.height ?? 0) / (ten?.height ?? 1)).toBeCloseTo(0.5, 1);
    expect((two?.height ?? 0) / (four?.height ?? 1)).toBeCloseTo(0.5, 1);
    expect((four?.height ?? 0) / (ten?.height ?? 1)).toBeCloseTo(0.4, 1);
  });

  test('shades the pause as long as it is', () => {
    const [eighty, sixty] = rectangles(figure, '#E8E8E8');
    expect((sixty?.width ?? 0) / (eighty?.width ?? 1)).toBeCloseTo(60 / 80, 1);
  });
});

test('a run keeps what came through around the pause, by what it meant', () => {
  const runs = compareByHand(['stock-drop']);
  expect(pauseTimeline(runs[0]!.pair.run)).toBeNull();
  const timeline = pauseTimeline(runs[1]!.pair.run);
  expect(timeline?.downtimeMs).toBe(runs[1]?.summary.migrations[0]?.downtime_ms);
  const sum = (count: (bin: TimelineBin) => number): number =>
    (timeline?.bins ?? [])
      .filter(({ startMs }) => startMs > 200)
      .reduce((total, one) => total + count(one), 0);
  // After the resume the destination drops all: nothing arrives, legitimate packets are dropped.
  expect(sum(({ legitimate }) => legitimate)).toBe(0);
  expect(sum(({ legitimateDropped }) => legitimateDropped)).toBeGreaterThan(0);
});
