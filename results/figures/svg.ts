type Attributes = Readonly<Record<string, string | number>>;

/** An SVG element as text. Children are elements as text already; plain text goes through {@link svgText}. */
export function svg(name: string, attributes: Attributes, children: readonly string[]): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? pixels(value) : value)}"`,
  );
  return `<${name}${written.join('')}>${children.join('')}</${name}>`;
}

/** A line of text with its baseline at (x, y). */
export function svgText(text: string, attributes: Attributes): string {
  return svg('text', attributes, [escaped(text)]);
}

/** Coordinates are kept to a hundredth of a pixel: no eye needs more, and files stay small. */
export function pixels(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
