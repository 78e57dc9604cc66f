import type { SchemePreset } from './scheme-preset.ts';
import { comSchemes } from './schemes/com.ts';
import { rulesOnly, stockAccept, stockDrop } from './schemes/stock.ts';

/** Every scheme that has a name without a scenario file, in the order in which they are listed. */
export const schemePresets: readonly SchemePreset[] = [stockDrop, stockAccept, rulesOnly, ...comSchemes];

/** The preset of that name, `undefined` without one. */
export function findSchemePreset(name: string): SchemePreset | undefined {
  return schemePresets.find(({ scheme }) => scheme.name === name);
}
