/**
 * Writes per second to `setPages` pages, each drawn at random, that make so many of them distinct in a window: N (1 -
 * e^(-w/N)) = pages. A window that wrote the whole set could have had any number: all but one page in ten thousand here.
 */
export function uniformWritesPerS(pages: number, setPages: number, windowS: number): number {
  const share = Math.min(pages / setPages, 0.9999);
  return (-setPages * Math.log1p(-share)) / windowS;
}
