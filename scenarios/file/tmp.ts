import type { z } from 'zod';
import type { Scheme } from '../../models/migration/scheme.ts';
import type { schemeFile } from './scheme-file.ts';
declare const x: z.output<typeof schemeFile>;
export const y: Scheme = x;
declare const v: Scheme;
export const w: z.output<typeof schemeFile> = v;
