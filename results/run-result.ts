import type { Scenario } from '../scenarios/scenario.ts';
import type { RunRows } from './run-rows.ts';
import type { SchemeChoice } from './scheme-choice.ts';

/** One finished run: what was asked for and the rows that came of it. */
export interface RunResult {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly repetition: number;
  readonly choice: SchemeChoice;
  readonly rows: RunRows;
  /** Events that the simulation ran. */
  readonly events: number;
  /** Packets that guests and peers sent. */
  readonly packets: number;
}
