import { assert } from '../sim/assert.ts';

/**
 * Quantile of Student's t distribution with `degrees` of freedom, as R's qt: the root of its distribution
 * function, by Newton's steps held within a bracket.
 */
export function studentTQuantile(p: number, degrees: number): number {
  assert(p > 0 && p < 1, 'a quantile is asked for a probability between 0 and 1');
  assert(degrees > 0, 'there are degrees of freedom');
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentTQuantile(1 - p, degrees);
  let low = 0;
  let high = 1;
  while (studentTTail(high, degrees) > 1 - p) high *= 2;
  let t = (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    // The upper tail is compared, which keeps its digits where p is close to 1.
    const excess = studentTTail(t, degrees) - (1 - p);
    if (excess > 0) low = t;
    else high = t;
    const next = t + excess / studentTDensity(t, degrees);
    const inside = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(inside - t) <= 1e-15 * Math.abs(inside)) return inside;
    t = inside;
  }
  return t;
}

/** P(T > t) for t >= 0: half of the regularized incomplete beta function at degrees / (degrees + t²). */
function studentTTail(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

function studentTDensity(t: number, degrees: number): number {
  const logBeta = logGamma(degrees / 2) + logGamma(0.5) - logGamma((degrees + 1) / 2);
  return Math.exp(-logBeta - Math.log(degrees) / 2 - ((degrees + 1) / 2) * Math.log1p((t * t) / degrees));
}

/** Regularized incomplete beta function I_x(a, b) (NIST DLMF 8.17), by its continued fraction 8.17.22. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side; the other is its mirror image (8.17.4).
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta) / a;
  return front / betaFraction(x, a, b);
}

/** The continued fraction's denominator, by Lentz's method as modified by Thompson and Barnett (1986). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let value = 1;
  let c = 1;
  let d = 0;
  for (let step = 1; step < 100_000; step++) {
    const m = Math.ceil(step / 2);
    const even = ((m * (b - m)) / ((a + 2 * m - 1) * (a + 2 * m))) * x;
    const k = m - 1;
    const odd = ((-(a + k) * (a + b + k)) / ((a + 2 * k) * (a + 2 * k + 1))) * x;
    const term = step % 2 === 0 ? even : odd;
    d = 1 + term * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = 1 + term / c;
    if (Math.abs(c) < tiny) c = tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) return value;
  }
  return value;
}

/** log Γ(x) for x > 0: Stirling's series (NIST DLMF 5.11.1) after the recurrence has brought x above 15. */
function logGamma(x: number): number {
  let shift = 0;
  let large = x;
  while (large < 15) {
    shift += Math.log(large);
    large += 1;
  }
  const inverse = 1 / large;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 -
      square *
        (1 / 360 -
          square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360)))));
  return (large - 0.5) * Math.log(large) - large + Math.log(2 * Math.PI) / 2 + series - shift;
}
