import type { MarkStyle } from '../page-data.ts';

/** Colours of the theme in force, from the style sheet's variables. */
export interface Palette {
  readonly ink: string;
  /** For text on orange. */
  readonly onBright: string;
  readonly quiet: string;
  readonly grid: string;
  readonly band: string;
  readonly paper: string;
  readonly blue: string;
  readonly sky: string;
  readonly green: string;
  readonly purple: string;
  readonly orange: string;
  readonly red: string;
  readonly grey: string;
}

export function readPalette(): Palette {
  const styles = getComputedStyle(document.documentElement);
  const read = (name: string): string => styles.getPropertyValue(`--${name}`).trim();
  return {
    ...{
      ink: read('ink'),
      onBright: read('on-bright'),
      quiet: read('quiet'),
      grid: read('grid'),
      band: read('band'),
      paper: read('paper'),
    },
    ...{ blue: read('blue'), sky: read('sky'), green: read('green'), purple: read('purple') },
    ...{ orange: read('orange'), red: read('red'), grey: read('grey') },
  };
}

/** How a mark of each style is drawn: so that form tells what colour tells. */
export interface Look {
  readonly colour: keyof Palette;
  readonly form: 'bar' | 'line' | 'hatch' | 'outline' | 'tick' | 'diamond' | 'circle' | 'triangle' | 'cross';
  /** What it means, for the legend. */
  readonly means: string;
}

export const looks: Readonly<Record<MarkStyle, Look>> = {
  running: { colour: 'sky', form: 'bar', means: 'VM runs' },
  paused: { colour: 'red', form: 'hatch', means: 'VM is paused' },
  expected: { colour: 'quiet', form: 'outline', means: 'VM is expected' },
  round: { colour: 'blue', form: 'bar', means: 'memory round' },
  'last-round': { colour: 'orange', form: 'bar', means: 'last round, VM paused' },
  rules: { colour: 'purple', form: 'bar', means: 'rules travel' },
  entries: { colour: 'green', form: 'bar', means: 'entries travel' },
  phase: { colour: 'ink', form: 'diamond', means: 'phase reached' },
  announce: { colour: 'orange', form: 'triangle', means: 'announcement' },
  learnt: { colour: 'green', form: 'circle', means: 'switch learns' },
  exposed: { colour: 'red', form: 'hatch', means: 'open to attackers' },
  open: { colour: 'grey', form: 'line', means: 'connection' },
  together: { colour: 'grid', form: 'bar', means: 'connections that noticed nothing' },
  stall: { colour: 'orange', form: 'bar', means: 'waits for a late message' },
  dead: { colour: 'red', form: 'bar', means: 'waits in vain' },
  latent: { colour: 'purple', form: 'hatch', means: 'next packet would be dropped' },
  ended: { colour: 'ink', form: 'tick', means: 'ended' },
  'attack-delivered': { colour: 'orange', form: 'tick', means: 'attack delivered' },
  'wrongly-accepted': { colour: 'red', form: 'tick', means: 'wrongly accepted' },
  'wrongly-dropped': { colour: 'purple', form: 'tick', means: 'wrongly dropped' },
  'legitimate-dropped': { colour: 'red', form: 'tick', means: 'legitimate, dropped by an engine' },
  lost: { colour: 'orange', form: 'tick', means: 'lost on the way' },
  'attack-dropped': { colour: 'grey', form: 'tick', means: 'attack dropped' },
};
