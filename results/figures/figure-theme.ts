import { svg } from './svg.ts';

/** Colours of Okabe and Ito (Color Universal Design, 2008): told apart by colour-blind readers and, mostly, in grey. */
export const colour = {
  black: '#000000',
  orange: '#E69F00',
  skyBlue: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  blue: '#0072B2',
  vermillion: '#D55E00',
  purple: '#CC79A7',
  grey: '#9A9A9A',
  /** Lighter green and darker vermillion: apart in grey where these two are alike. */
  lightGreen: '#B5E2D5',
  darkVermillion: '#A84A00',
  ink: '#222222',
  faint: '#6B6B6B',
  rule: '#DDDDDD',
  band: '#F6F6F6',
  shade: '#E8E8E8',
} as const;

/** Figure widths in CSS pixels (96 an inch): one and two columns of an IEEE paper, 3.5 in and 7.16 in. */
export const width = { oneColumn: 336, twoColumns: 687 } as const;

/** The one font family, shipped with the program, so that a figure has the same bytes on every machine. */
export const fontFamily = 'DejaVu Sans';

/** Sizes of text in CSS pixels: titles, labels and axes, notes. */
export const fontSize = { title: 11, label: 9.5, note: 8 } as const;

/** The whole figure as SVG text, on white. */
export function figureText(
  size: { readonly width: number; readonly height: number },
  children: readonly string[],
): string {
  const background = svg('rect', { ...size, fill: 'white' }, []);
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    ...size,
    viewBox: `0 0 ${size.width} ${size.height}`,
    'font-family': fontFamily,
    'font-size': fontSize.label,
    fill: colour.ink,
  };
  return `${svg('svg', attributes, [background, ...children])}\n`;
}
