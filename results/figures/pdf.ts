import PDFDocument from 'pdfkit';
import SVGtoPDF from 'svg-to-pdfkit';
import { fontFiles } from './rasterize.ts';

/** CSS pixels are a 96th of an inch, points a 72nd. */
const pointsPerPx = 0.75;

/** An SVG figure as a PDF of its size, its letters embedded. The same figure, the same bytes: it bears no date. */
export async function pdf(svgText: string): Promise<Uint8Array> {
  const [width, height] = ['width', 'height'].map(
    (name) => pointsPerPx * Number(new RegExp(`<svg[^>]* ${name}="([\\d.]+)"`).exec(svgText)?.[1]),
  ) as [number, number];
  const document = new PDFDocument({
    ...{ size: [width, height], margin: 0 },
    info: { CreationDate: new Date(0), Producer: 'nseh', Creator: 'nseh' },
  });
  const [regular, bold] = fontFiles();
  const pieces: Buffer[] = [];
  document.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve) => document.on('end', resolve));
  SVGtoPDF(document, svgText, 0, 0, {
    width,
    height,
    fontCallback: (_, isBold) => (isBold ? bold : regular) ?? '',
  });
  document.end();
  await ended;
  return new Uint8Array(Buffer.concat(pieces));
}
