/** One point of a figure of a paper: the row of its CSV file. */
export interface FigurePoint {
  /** Which panel of the figure it belongs to. */
  readonly panel: string;
  readonly series: string;
  /** Who says so: a run, a printed figure (typed in or digitised), a measurement of a real system, or a formula. */
  readonly what: 'simulated' | 'published' | 'measured' | 'bound';
  /** A number on a numeric axis, otherwise the name of a category. */
  readonly x: number | string;
  readonly y: number;
  /** What was run, or where the figure was printed. */
  readonly source: string;
}

/**
 * How the points of a panel are drawn: lines, with bounds dashed; the same without lines between the points; steps
 * that hold until the next point; bars for each category;
 * measured (x) against simulated (y) with the diagonal; a table of shares, in rows by series.
 */
export type PanelForm = 'lines' | 'points' | 'steps' | 'bars' | 'scatter' | 'matrix';

export interface PanelDesign {
  readonly name: string;
  readonly form: PanelForm;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logX: boolean;
  readonly logY: boolean;
}

/** What a figure looks like, whatever its points are. */
export interface FigureDesign {
  readonly title: string;
  readonly panels: readonly PanelDesign[];
  /** Stands at the foot: what kind of claim this is, and what it is calibrated on. */
  readonly badge: string;
}

/** A panel with linear axes. */
export function panel(name: string, form: PanelForm, xLabel: string, yLabel: string): PanelDesign {
  return { name, form, xLabel, yLabel, logX: false, logY: false };
}

/** As the label of a matrix: its cells hold 1 for yes and 0 for no in place of shares. */
export const yesOrNo = 'yes or no';

/** Whether the horizontal axis of a form has names instead of numbers. */
export function hasCategories(form: PanelForm): boolean {
  return form === 'bars' || form === 'matrix';
}
