import type { FigureDesign, FigurePoint } from '../figures/paper-figure.ts';
import { boundFigures } from './bound-figures.ts';
import { clarkFigures } from './clark-figures.ts';
import { comFigures } from './com-figures.ts';
import { measuredFigures } from './measured-figures.ts';

/** A figure of `nseh paper`: how it looks, where its points come from, and which claims go with it. */
export interface PaperFigure {
  readonly id: string;
  readonly summary: string;
  readonly design: FigureDesign;
  /** Ids of the claims that judge what it shows; none where the figure is only shown. */
  readonly claims: readonly string[];
  /** What judges it where claims do not. */
  readonly judgedBy?: string;
  /** Runs what has to be run. The same points each time. */
  readonly points: () => readonly FigurePoint[];
}

/** All figures, in the order in which they are drawn. */
export function paperFigures(): readonly PaperFigure[] {
  return [...comFigures, ...measuredFigures, ...clarkFigures, ...boundFigures];
}
