/**
 * Advance widths of DejaVu Sans 2.37, thousandths of an em, for the printable ASCII characters from the space
 * on. Source: table `hmtx` of DejaVuSans.ttf. Kerning is left out.
 */
const advances = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
  636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
  295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
  500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
  392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/** Width of a text in CSS pixels at a font size in CSS pixels; a character outside ASCII counts as a wide one. */
export function textWidth(text: string, fontSizePx: number): number {
  let thousandths = 0;
  for (const character of text) thousandths += advances[character.charCodeAt(0) - 32] ?? 1000;
  return (thousandths * fontSizePx) / 1000;
}
