import type { Scheme } from '../models/migration/scheme.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { RunRows } from './run-rows.ts';

/** One finished run: what was asked for and the rows that came of it. */
export interface RunResult {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly repetition: number;
  /** `none` for the run without migration. */
  readonly schemeName: string;
  /** Null for the run without migration. */
  readonly scheme: Scheme | null;
  readonly rows: RunRows;
  /** Events that the simulation ran. */
  readonly events: number;
  /** Packets that guests and peers sent. */
  readonly packets: number;
}
