/** What the page's script draws, as JSON within the report. Times are simulated ms. */
export interface PageData {
  readonly runs: readonly PageRun[];
  /** Texts that marks refer to by number. */
  readonly words: readonly string[];
  /** Stretches of time that are worth a button, narrow ones last; the one to begin with. */
  readonly views: readonly PageView[];
  readonly firstView: number;
  /** The run that is shown at first. */
  readonly firstRun: number;
}

export interface PageView {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PageRun {
  readonly scheme: string;
  readonly endMs: number;
  readonly timeline: readonly PageLane[];
  readonly connections: readonly PageLane[];
  readonly traffic: PageTraffic;
}

/** A labelled band of rows with marks on them. */
export interface PageLane {
  readonly label: string;
  /** A second, smaller line of the label. */
  readonly note: string;
  readonly rows: number;
  /** Rows may be drawn as thin as a pixel or two. */
  readonly dense: boolean;
  /** Six numbers a mark: start, end, row, number of its style, of its label and of its explanation in `words`. */
  readonly marks: readonly number[];
}

/** How a mark looks; a page's legend says what it means. */
export const markStyles = [
  'running',
  'paused',
  'expected',
  'round',
  'last-round',
  'rules',
  'entries',
  'phase',
  'announce',
  'learnt',
  'exposed',
  'open',
  'together',
  'stall',
  'dead',
  'latent',
  'ended',
  'attack-delivered',
  'wrongly-accepted',
  'wrongly-dropped',
  'legitimate-dropped',
  'lost',
  'attack-dropped',
] as const;

export type MarkStyle = (typeof markStyles)[number];

/** Counts in intervals; those in which nothing happened are left out. */
export interface PageTraffic {
  readonly binMs: number;
  readonly startMs: readonly number[];
  readonly bytes: readonly number[];
  readonly attacks: readonly number[];
  readonly legitimateDropped: readonly number[];
  readonly lost: readonly number[];
  readonly attacksDropped: readonly number[];
}
