import { paperFigures } from '../results/paper/paper-figures.ts';
import type { CatalogueEntry } from '../scenarios/catalogue.ts';

/** The figures that can be drawn. */
export const figures: readonly CatalogueEntry[] = [
  { name: 'compare-overview', summary: 'what each scheme of a comparison costs and loses, side by side' },
  { name: 'timeline', summary: 'nseh plot: one migration over time: rounds, context, pause, packets' },
  { name: 'lines', summary: 'nseh plot: means of a column against another, with intervals' },
  { name: 'cdf', summary: 'nseh plot: the distribution of a column' },
  { name: 'box', summary: 'nseh plot: quartiles of a column for each value of another' },
  { name: 'heatmap', summary: 'nseh plot: means of a column for each pair of values of two others' },
  ...paperFigures().map(({ id, summary }) => ({ name: id, summary: `nseh paper: ${summary}` })),
];
