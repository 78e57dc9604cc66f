import { colour } from './figure-theme.ts';

/** How a series looks: a colour, and for readers without colours a dash and a symbol. */
export interface SeriesStyle {
  readonly stroke: string;
  readonly dash: string;
  /** A character of the figures' font, which marks the points of the series and its entry in the legend. */
  readonly symbol: string;
}

const styles: readonly SeriesStyle[] = [
  { stroke: colour.blue, dash: '', symbol: '●' },
  { stroke: colour.vermillion, dash: '5 2', symbol: '■' },
  { stroke: colour.green, dash: '1.5 2', symbol: '▲' },
  { stroke: colour.orange, dash: '6 2 1.5 2', symbol: '◆' },
  { stroke: colour.purple, dash: '8 3', symbol: '★' },
  { stroke: colour.skyBlue, dash: '3 1.5', symbol: '✖' },
  { stroke: colour.black, dash: '2 4', symbol: '✚' },
  { stroke: colour.grey, dash: '', symbol: '▼' },
];

/** More series than this cannot be told apart in one plot. */
export const seriesMax = styles.length;

/** The style of a series by its place. */
export function seriesStyle(index: number): SeriesStyle {
  return styles[index % styles.length]!;
}
