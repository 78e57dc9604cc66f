import type { Scheme } from '../models/migration/scheme.ts';

/** Under which scheme a run's VMs migrate, with the name that it is shown under. */
export interface SchemeChoice {
  readonly name: string;
  /** The scheme of every migration; each migration's own; or null: nothing migrates. */
  readonly scheme: Scheme | 'as-written' | null;
  readonly marks: FieldMarks;
}

/** How many fields of a scheme rest on an assumption, of how many. */
export interface FieldMarks {
  readonly assumed: number;
  readonly fields: number;
}

/** Of no scheme, or of one of which nothing is known. */
export const noMarks: FieldMarks = { assumed: 0, fields: 0 };

/** The run without migration, with which every other is paired. */
export const control: SchemeChoice = { name: 'none', scheme: null, marks: noMarks };
