import { describe, expect, test } from 'vitest';
import type { MoveTimeline } from '../move-timeline.ts';
import { drawMoveTimelines } from './draw-move-timelines.ts';
import { width } from './figure-theme.ts';
import { moveColours } from './move-panel.ts';
import { pdf } from './pdf.ts';

/** Asked at 1 s, stopped at 11 s, done at 11 s and the given pause. */
function move(scheme: string, pauseMs: number): MoveTimeline {
  const round = (number: number, start_ms: number, end_ms: number, stopped: boolean) => ({
    ...{ start_ms, end_ms, migration: 'm1', round: number, stopped, pages: 10, bytes: 40_960 },
  });
  const resumeMs = 11_000 + pauseMs;
  return {
    ...{ scheme, migration: 'm1', vm: 'vm1', source: 'a', destination: 'b' },
    ...{ requestMs: 1000, stopMs: 11_000, resumeMs, failed: false, doneMs: resumeMs },
    rounds: [round(1, 1000, 9000, false), round(2, 9000, 11_000, false), round(3, 11_000, 11_040, true)],
    tasks: [],
    ...{ contextItems: 0, contextBytes: 0 },
    ...{ announcedMs: [resumeMs], learntMs: [resumeMs], firstInMs: resumeMs + 5, firstOutMs: resumeMs + 9 },
    series: [],
  };
}

/** Widths of the bars of a colour, the squares of the legend apart. */
function bars(figure: string, fill: string): number[] {
  return [...figure.matchAll(/<rect[^>]*>/g)]
    .filter(([tag]) => tag.includes(`fill="${fill}"`))
    .map(([tag]) => Number(/ width="([\d.]+)"/.exec(tag)?.[1]))
    .filter((widthPx) => widthPx !== 8);
}

describe.each([
  ['two columns', width.twoColumns],
  ['one column', width.oneColumn],
])('a timeline of %s', (_, widthPx) => {
  const moves = [move('stock-drop', 50), move('com-rounds', 100)];
  const figure = drawMoveTimelines(moves, { title: 'A move', widthPx });

  test('has the same bytes each time, as SVG and as PDF, with its letters in it', async () => {
    expect(drawMoveTimelines(moves, { title: 'A move', widthPx })).toBe(figure);
    const document = Buffer.from(await pdf(figure));
    expect(Buffer.from(await pdf(figure)).equals(document)).toBe(true);
    expect(document.toString('latin1')).toContain('FontFile2');
  });

  test('names schemes, hosts, rounds and what is marked', () => {
    for (const text of ['A move', 'stock-drop', 'com-rounds', 'a', 'b', '1', 'first packet in', '50.0 ms'])
      expect(figure).toContain(`>${text}<`);
  });

  test('draws a pause as long as it is, on one axis for all schemes', () => {
    const pauses = bars(figure, moveColours.paused).sort((x, y) => x - y);
    expect((pauses.at(-1) ?? 0) / (pauses.at(-2) ?? 1)).toBeCloseTo(2, 1);
  });

  test('stays within its width', () => {
    const right = [...figure.matchAll(/<rect x="([\d.]+)"[^>]*? width="([\d.]+)"/g)];
    for (const [, x, barPx] of right) expect(Number(x) + Number(barPx)).toBeLessThanOrEqual(widthPx);
  });
});

test('a move that never stopped has no panel around a pause', () => {
  const failed: MoveTimeline = { ...move('com-rounds', 0), stopMs: null, failed: true };
  const figure = drawMoveTimelines([failed], { title: 'A move', widthPx: width.oneColumn });
  expect(figure).toContain('>The move<');
  expect(figure).not.toContain('Around the pause');
  expect(figure).toContain('given up');
});
