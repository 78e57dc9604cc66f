import { ScenarioError } from '../../sim/assert.ts';
import type { DirtySample, MemoryRegion } from './memory-access.ts';
import { uniformWritesPerS } from './uniform-writing.ts';

/** A model of writing that fits samples, and how well. */
export interface MemoryAccessFit {
  readonly region: Extract<MemoryRegion, { kind: 'growth' | 'uniform' }>;
  /** Root mean square of the relative errors of the model at the samples. */
  readonly error: number;
  /** Of the growth of three windows or more; null otherwise. */
  readonly spread: GrowthSpread | null;
}

/**
 * How sure the line through the logarithms is: standard errors of the logarithm of `pagesInOneSecond` and of the
 * exponent from the scatter of the samples about it (ordinary least squares), with `degrees` of freedom, which hold
 * where each window was measured by itself. `exponent` is the slope itself, which the law can take only above 0 and
 * below 1.
 */
export interface GrowthSpread {
  readonly degrees: number;
  readonly logPagesError: number;
  readonly exponent: number;
  readonly exponentError: number;
}

/**
 * Fits the growth of the dirtied set, D(t) = a t^b (least squares in logarithms), and uniform writing of N pages,
 * D(t) = N (1 - e^(-R t / N)), and returns the better one first. Samples: at least two windows of different
 * lengths, in order of length; otherwise a ScenarioError names each place. By chance a longer window may have fewer pages.
 */
export function fitMemoryAccess(samples: readonly DirtySample[], pages: number): MemoryAccessFit[] {
  checkSamples(samples, pages);
  return [fitGrowth(samples, pages), fitUniform(samples)].sort((a, b) => a.error - b.error);
}

function checkSamples(samples: readonly DirtySample[], pages: number): void {
  const problems = samples.flatMap(({ windowS, pages: dirtied }, i) => {
    const place = `sample ${i + 1}`;
    const before = samples[i - 1];
    const found: { place: string; message: string; allowed: string }[] = [];
    if (!(windowS > 0)) found.push({ place, message: 'has no length', allowed: 'a window above 0 s' });
    if (!(dirtied > 0 && dirtied <= pages)) {
      found.push({ place, message: `has ${dirtied} pages`, allowed: `1 to ${pages} pages` });
    }
    if (before !== undefined && windowS <= before.windowS) {
      found.push({ place, message: 'is out of order', allowed: `a window longer than ${before.windowS} s` });
    }
    return found;
  });
  if (samples.length < 2) {
    problems.push({ place: 'samples', message: 'are too few', allowed: 'two windows or more' });
  }
  if (problems.length > 0) throw new ScenarioError(problems);
}

function fitGrowth(samples: readonly DirtySample[], pages: number): MemoryAccessFit {
  const points = samples.map(({ windowS, pages: dirtied }) => ({
    x: Math.log(windowS),
    y: Math.log(dirtied),
  }));
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const spreadX = mean(points.map(({ x }) => (x - meanX) ** 2));
  const slope = mean(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / spreadX;
  // A set that does not grow, or that grows like the time, is at the edge of what the law can say.
  const exponent = Math.min(0.99, Math.max(0.01, slope));
  const pagesInOneSecond = Math.exp(meanY - exponent * meanX);
  const error = relativeError(samples, (windowS) => pagesInOneSecond * windowS ** exponent);
  const degrees = samples.length - 2;
  const scatter = mean(points.map(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2)) / degrees;
  const spread = {
    degrees,
    logPagesError: Math.sqrt(scatter * (1 + meanX ** 2 / spreadX)),
    exponent: slope,
    exponentError: Math.sqrt(scatter / spreadX),
  };
  return {
    region: { kind: 'growth', pages, pagesInOneSecond, exponent, schedule: { kind: 'constant' } },
    error,
    spread: degrees > 0 ? spread : null,
  };
}

/** N by golden-section search between the largest sample and a hundred times it; R from the least squares at N. */
function fitUniform(samples: readonly DirtySample[]): MemoryAccessFit {
  const largest = samples.reduce((most, { pages }) => Math.max(most, pages), 0);
  const fitAt = (setPages: number): { writesPerS: number; error: number } => {
    const rates = samples.map(({ windowS, pages }) => uniformWritesPerS(pages, setPages, windowS));
    const writesPerS = Math.exp(mean(rates.map(Math.log)));
    const error = relativeError(
      samples,
      (windowS) => -setPages * Math.expm1((-writesPerS * windowS) / setPages),
    );
    return { writesPerS, error };
  };
  let low = Math.log(largest * 1.0001);
  let high = Math.log(largest * 100);
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let step = 0; step < 60; step++) {
    const a = high - golden * (high - low);
    const b = low + golden * (high - low);
    if (fitAt(Math.exp(a)).error < fitAt(Math.exp(b)).error) high = b;
    else low = a;
  }
  const pages = Math.round(Math.exp((low + high) / 2));
  const { writesPerS, error } = fitAt(pages);
  return {
    region: { kind: 'uniform', pages, writesPerS, schedule: { kind: 'constant' } },
    error,
    spread: null,
  };
}

function relativeError(samples: readonly DirtySample[], model: (windowS: number) => number): number {
  return Math.sqrt(mean(samples.map(({ windowS, pages }) => (model(windowS) / pages - 1) ** 2)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
