import { moveTimeline } from '../move-timeline.ts';
import { element, escaped } from './markup.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { shownTime } from './shown.ts';

/** The stretch of time around the pause that is shown, ms since the guest stopped. */
const fromMs = -250;
const toMs = 1250;
const size = { left: 130, width: 820, row: 62, up: 34, down: 14, top: 4 } as const;

/**
 * Schemes one above the other, each with time since its guest stopped: above the line what reached the guest, below
 * it what was dropped or lost, in packets an interval of the run's series: of the first move that was completed, or the
 * first at all. Empty text when nothing was paused.
 */
export function pauseFigure(runs: readonly RunOnDisk[]): string {
  const paused = runs.flatMap((run) => {
    const { stopMs = null, resumeMs = null } = moveTimeline(run, null) ?? {};
    return stopMs === null || resumeMs === null ? [] : [{ run, stopMs, resumeMs }];
  });
  if (paused.length === 0) return '';
  const rows = paused.map((each) => ({ ...each, bins: binsOf(each.run, each.stopMs) }));
  const most = Math.max(1, ...rows.flatMap(({ bins }) => bins.map(({ up }) => up)));
  const least = Math.max(1, ...rows.flatMap(({ bins }) => bins.map(({ refused, lost }) => refused + lost)));
  const height = size.top + rows.length * size.row + 26;
  const drawn = rows.map(({ run, stopMs, resumeMs, bins }, index) =>
    schemeRow(run.scheme, resumeMs - stopMs, bins, { y: size.top + index * size.row, most, least }),
  );
  const viewBox = `0 0 ${size.left + size.width + 20} ${height}`;
  const label = `Packets around the pause under ${rows.map(({ run }) => run.scheme).join(', ')}`;
  return element('svg', { class: 'figure', viewBox, role: 'img', 'aria-label': label }, [
    ...axis(height),
    ...drawn,
  ]);
}

interface Bin {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly up: number;
  readonly attacks: number;
  readonly refused: number;
  readonly lost: number;
}

function binsOf({ series }: RunOnDisk, stopMs: number): Bin[] {
  return series
    .map(({ startMs, lengthMs, toVm, attacks, legitimateDropped, lost }) => ({
      ...{ startMs: startMs - stopMs, lengthMs, up: toVm, attacks, refused: legitimateDropped, lost },
    }))
    .filter(({ startMs, lengthMs }) => startMs + lengthMs > fromMs && startMs < toMs);
}

function schemeRow(
  scheme: string,
  downtimeMs: number,
  bins: readonly Bin[],
  at: { readonly y: number; readonly most: number; readonly least: number },
): string {
  const line = at.y + size.up + 4;
  const block = (name: string, pick: (bin: Bin) => readonly [from: number, to: number]): string => {
    const d = bins
      .filter((bin) => pick(bin)[0] !== pick(bin)[1])
      .map((bin) => {
        const [top, bottom] = pick(bin);
        const x0 = x(Math.max(fromMs, bin.startMs));
        const x1 = x(Math.min(toMs, bin.startMs + bin.lengthMs));
        return `M${x0.toFixed(1)} ${top.toFixed(1)}H${Math.max(x0 + 0.6, x1 - 0.5).toFixed(1)}V${bottom.toFixed(1)}H${x0.toFixed(1)}Z`;
      })
      .join('');
    return d === '' ? '' : element('path', { class: `fill-${name}`, d }, []);
  };
  const up = (count: number): number => line - (Math.sqrt(count) / Math.sqrt(at.most)) * size.up;
  const down = (count: number): number => line + (Math.sqrt(count) / Math.sqrt(at.least)) * size.down;
  const pauseEnd = Math.min(toMs, downtimeMs);
  return element('g', {}, [
    element(
      'rect',
      { class: 'pause', x: x(0), y: at.y + 2, width: (x(pauseEnd) - x(0)).toFixed(1), height: size.row - 6 },
      [],
    ),
    block('delivered', ({ up: count, attacks }) => [up(count), up(attacks)]),
    block('attack', ({ attacks }) => [up(attacks), line]),
    block('refused', ({ refused }) => [line, down(refused)]),
    block('late', ({ refused, lost }) => [down(refused), down(refused + lost)]),
    element('line', { class: 'rule', x1: size.left, x2: size.left + size.width, y1: line, y2: line }, []),
    element('text', { class: 'name', x: size.left - 12, y: line - 6, 'text-anchor': 'end' }, [
      escaped(scheme),
    ]),
    element('text', { class: 'quiet', x: size.left - 12, y: line + 9, 'text-anchor': 'end' }, [
      `pause ${escaped(shownTime(downtimeMs))}`,
    ]),
  ]);
}

function axis(height: number): string[] {
  const ticks = [-200, 0, 200, 400, 600, 800, 1000, 1200];
  return ticks.flatMap((tick) => [
    element('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: size.top, y2: height - 22 }, []),
    element('text', { class: 'quiet', x: x(tick), y: height - 6, 'text-anchor': 'middle' }, [
      tick === 0 ? 'guest stops' : `${tick > 0 ? '+' : '−'}${Math.abs(tick)} ms`,
    ]),
  ]);
}

function x(ms: number): number {
  return Math.round((size.left + ((ms - fromMs) / (toMs - fromMs)) * size.width) * 10) / 10;
}
