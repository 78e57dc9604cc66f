import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { assert } from '../../sim/assert.ts';
import { fontFamily } from './figure-theme.ts';

const require = createRequire(import.meta.url);

/** An SVG figure as PNG bytes, `scale` pixels for each CSS pixel. Only our own fonts are used: same bytes everywhere. */
export function rasterize(svgText: string, scale: number): Uint8Array {
  const renderer = new Resvg(svgText, {
    fitTo: { mode: 'zoom', value: scale },
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: fontFamily },
  });
  return renderer.render().asPng();
}

/** The font's files. They are checked first, for the renderer drops all text silently when one is missing. */
export function fontFiles(): string[] {
  const files = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
    require.resolve(`dejavu-fonts-ttf/ttf/${name}`),
  );
  assert(
    files.every((file) => existsSync(file)),
    'the fonts of figures are installed',
  );
  return files;
}
