import { exponential, lognormal } from '../../sim/distribution.ts';

/** How large a message is, in bytes of payload. */
export type Size =
  | { readonly kind: 'constant'; readonly bytes: number }
  | { readonly kind: 'exponential'; readonly meanBytes: number }
  | { readonly kind: 'lognormal'; readonly medianBytes: number; readonly sigma: number }
  /** One of a few sizes, each with its share; the shares add up to 1. */
  | { readonly kind: 'mix'; readonly parts: readonly SizeShare[] };

export interface SizeShare {
  readonly share: number;
  readonly bytes: number;
}

/** The size at the uniform draw `u`, whole bytes, 1 or more. */
export function drawBytes(size: Size, u: number): number {
  switch (size.kind) {
    case 'constant':
      return size.bytes;
    case 'exponential':
      return Math.max(1, Math.round(exponential(u, size.meanBytes)));
    case 'lognormal':
      return Math.max(1, Math.round(lognormal(u, Math.log(size.medianBytes), size.sigma)));
    case 'mix':
      return partAt(size.parts, u).bytes;
  }
}

/** The mean, in bytes. */
export function meanBytes(size: Size): number {
  switch (size.kind) {
    case 'constant':
      return size.bytes;
    case 'exponential':
      return size.meanBytes;
    case 'lognormal':
      return size.medianBytes * Math.exp(size.sigma ** 2 / 2);
    case 'mix':
      return size.parts.reduce((sum, { share, bytes }) => sum + share * bytes, 0);
  }
}

function partAt(parts: readonly SizeShare[], u: number): SizeShare {
  let below = 0;
  for (const part of parts) {
    below += part.share;
    if (u < below) return part;
  }
  // Shares are written in decimals: their sum may be a hair below 1.
  return parts[parts.length - 1]!;
}
