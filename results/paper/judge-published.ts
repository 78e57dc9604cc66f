import { ScenarioError } from '../../sim/assert.ts';
import type { Problem } from '../../sim/assert.ts';
import { hasCategories } from '../figures/paper-figure.ts';
import type { FigureDesign, FigurePoint, PanelDesign } from '../figures/paper-figure.ts';
import type { PublishedPoint } from './published-points.ts';

/** A published point beside what the simulator says at the same place. */
export interface JudgedPoint {
  readonly published: PublishedPoint;
  readonly simulated: number;
  readonly within: boolean;
}

/** Published points beside a figure's own, judged and as points to draw. */
export interface JudgedFigure {
  readonly judged: readonly JudgedPoint[];
  readonly drawn: readonly FigurePoint[];
}

/**
 * Holds published points against the simulated points of their figure: at a category by itself, on a line between its
 * two neighbours. A {@link ScenarioError} for every point that has no panel, no series or no place on a line.
 */
export function judgePublished(
  design: FigureDesign,
  points: readonly FigurePoint[],
  published: readonly PublishedPoint[],
): JudgedFigure {
  const problems: Problem[] = [];
  const judged: JudgedPoint[] = [];
  const drawn: FigurePoint[] = [];
  for (const each of published) {
    const found = simulatedAt(design, points, each);
    if (typeof found !== 'number') {
      problems.push(found);
      continue;
    }
    const within = Math.abs(found - each.y) <= (Math.abs(each.y) * each.bandPercent) / 100 + 1e-12;
    judged.push({ published: each, simulated: found, within });
    const categories = hasCategories(design.panels.find(({ name }) => name === each.panel)!.form);
    const { panel, series, y, source } = each;
    drawn.push({ panel, series, what: 'published', x: categories ? each.x : Number(each.x), y, source });
  }
  if (problems.length > 0) throw new ScenarioError(problems);
  return { judged, drawn };
}

function simulatedAt(
  { panels }: FigureDesign,
  points: readonly FigurePoint[],
  { place, panel: name, series, x }: PublishedPoint,
): number | Problem {
  const panel = panels.find((each) => each.name === name);
  if (panel === undefined)
    return {
      place,
      message: `panel "${name}" does not exist`,
      allowed: panels.map((one) => one.name).join(', '),
    };
  const ours = points.filter((point) => point.panel === name && point.what === 'simulated');
  const own = ours.filter((point) => point.series === series);
  if (own.length === 0) {
    const allowed = [...new Set(ours.map((point) => point.series))].join(', ');
    return { place, message: `series "${series}" does not exist`, allowed };
  }
  if (hasCategories(panel.form)) {
    const found = own.find((point) => point.x === x);
    return (
      found?.y ?? { place, message: `there is no "${x}"`, allowed: own.map((point) => point.x).join(', ') }
    );
  }
  return between(panel, own, x.trim() === '' ? NaN : Number(x)) ?? outside(place, own, x);
}

function outside(place: string, own: readonly FigurePoint[], x: string): Problem {
  const values = own.map((point) => Number(point.x));
  return {
    place,
    message: `x "${x}" is not on the line`,
    allowed: `${Math.min(...values)} to ${Math.max(...values)}`,
  };
}

/** The value of a line at x, as it is drawn: straight between its points on the axes that it has, or a step. */
function between({ form, logX, logY }: PanelDesign, own: readonly FigurePoint[], x: number): number | null {
  const sorted = own.map((point) => ({ x: Number(point.x), y: point.y })).sort((a, b) => a.x - b.x);
  const right = sorted.findIndex((point) => point.x >= x);
  const [low, high] = [sorted[right - 1], sorted[right]];
  if (high === undefined) return null;
  if (high.x === x) return high.y;
  if (low === undefined) return null;
  if (form === 'steps') return low.y;
  const at = (value: number): number => (logX ? Math.log(value) : value);
  const share = (at(x) - at(low.x)) / (at(high.x) - at(low.x));
  return logY ? low.y * (high.y / low.y) ** share : low.y + share * (high.y - low.y);
}
