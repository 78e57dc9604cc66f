import type { CatalogueEntry } from '../scenarios/catalogue.ts';

/** The figures that can be drawn. */
export const figures: readonly CatalogueEntry[] = [
  { name: 'compare-overview', summary: 'what each scheme of a comparison costs and loses, side by side' },
  { name: 'timeline', summary: 'what lies in the pause of each migration: memory, devices, context' },
];
