import * as Plot from '@observablehq/plot';
import { ticks as evenTicks } from 'd3-array';
import { axisNumber } from './figure-number.ts';

/** An axis: the options of its scale, and marks that draw its numbers where the scale alone would leave some out. */
export interface FigureAxis {
  readonly scale: Plot.ScaleOptions;
  readonly marks: readonly Plot.Markish[];
}

/** An axis of the given side with about so many ticks; `zero` begins it at 0. */
export function linearAxis(
  label: string,
  options: { readonly zero: boolean; readonly ticks: number },
): FigureAxis {
  const { zero, ticks } = options;
  // A scale whose `zero` is given, even as false, is no longer fitted to its values alone.
  const from = zero ? { zero } : {};
  return { scale: { label, type: 'linear', nice: true, ticks, tickFormat: axisNumber, ...from }, marks: [] };
}

/** A logarithmic axis that spans the values, with a line and a number at each power of ten, or more where these are few. */
export function logAxis(side: 'x' | 'y', label: string, values: readonly number[]): FigureAxis {
  const { domain, ticks } = logDomain(values);
  // Numbers are given as texts: the scale drops those of 5, 50 … where its domain is wide.
  const text = (tick: number): string => axisNumber(tick);
  const mark = side === 'x' ? Plot.axisX([...ticks], { text }) : Plot.axisY([...ticks], { text });
  return { scale: { label, type: 'log', domain, ticks }, marks: [mark] };
}

/** The one or the other, logarithmic where `logged` has its values; upright ones begin at 0. */
export function valueAxis(side: 'x' | 'y', label: string, logged: readonly number[] | null): FigureAxis {
  return logged === null ? linearAxis(label, { zero: side === 'y', ticks: 5 }) : logAxis(side, label, logged);
}

/** A little more than the values span; powers of ten in it, with twice and five times where they are few, even steps where there are none. */
export function logDomain(values: readonly number[]): {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
} {
  const least = values.reduce((a, b) => Math.min(a, b)) / 1.15;
  const most = values.reduce((a, b) => Math.max(a, b)) * 1.15;
  const from = Math.floor(Math.log10(least));
  const powers = Array.from({ length: Math.ceil(Math.log10(most)) - from + 1 }, (_, i) => 10 ** (from + i));
  const inside = (ticks: readonly number[]): number[] =>
    ticks.filter((tick) => tick >= least && tick <= most).map((tick) => Number(tick.toPrecision(3)));
  const tens = inside(powers);
  const all = inside(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  const few = tens.length >= 3 || all.length > 7 ? tens : all;
  // Values that are close to each other have no such number between them.
  return { domain: [least, most], ticks: few.length >= 2 ? few : evenTicks(least, most, 5) };
}
