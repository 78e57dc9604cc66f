/**
 * What a claim rests on: a prediction from inputs that were not fitted to it; a replay of recorded inputs through
 * published rules; a fit to the figures themselves; an exact bound; consistency of figures among themselves; an
 * input that is only repeated. Only predictions, replays and bounds may say that they are `within`.
 */
export type ClaimKind = 'prediction' | 'replay' | 'fit' | 'bound' | 'consistency' | 'input';

/** One published figure, or a list of them, beside what the simulator makes of it. */
export interface Claim {
  readonly id: string;
  /** What the figures are, with their unit. */
  readonly what: string;
  readonly source: string;
  /** The scenario or sweep that was run, in scenarios/paper/; what of the case is not in it is in the source. */
  readonly file: string;
  readonly kind: ClaimKind;
  readonly calibrated_on: string;
  readonly free_parameters: number;
  /** Empty where the figure has not been read: the simulated one stands alone. */
  readonly published: readonly number[];
  readonly simulated: readonly number[];
  readonly band: Band;
  /** Why a figure lies where it does, where that needs saying; otherwise empty. */
  readonly note: string;
  /** Null where the kind allows no such word. */
  readonly within: boolean | null;
}

/** How far a simulated figure may lie from the published one; the larger of the two counts. */
export interface Band {
  readonly relative_below: number;
  readonly relative_above: number;
  readonly absolute: number;
}

export const exact: Band = { relative_below: 0, relative_above: 0, absolute: 0 };

export function relative(share: number): Band {
  return { relative_below: share, relative_above: share, absolute: 0 };
}

export function absolute(difference: number): Band {
  return { relative_below: 0, relative_above: 0, absolute: difference };
}

/** Whether every simulated figure lies in its band. A list of another length does not. */
export function inBand({ published, simulated, band }: Omit<Claim, 'within'>): boolean {
  if (published.length !== simulated.length) return false;
  return published.every((figure, i) => {
    const ours = simulated[i] ?? NaN;
    const below = Math.max(Math.abs(figure) * band.relative_below, band.absolute);
    const above = Math.max(Math.abs(figure) * band.relative_above, band.absolute);
    // The last digits of a sum in binary are nobody's claim.
    const slack = Math.abs(figure) * 1e-9;
    return ours >= figure - below - slack && ours <= figure + above + slack;
  });
}

export type ClaimParts = Omit<Claim, 'within' | 'note'> & { readonly note?: string };

/** The claim with its verdict, where its kind allows one. */
export function claim({ note = '', ...rest }: ClaimParts): Claim {
  const parts = { ...rest, note };
  const judged = parts.kind === 'prediction' || parts.kind === 'replay' || parts.kind === 'bound';
  // A figure that nobody has typed in yet is neither met nor missed.
  const known = parts.published.length > 0;
  return { ...parts, within: judged && known ? inBand(parts) : null };
}
