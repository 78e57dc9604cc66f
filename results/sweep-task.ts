import type { MessagePort } from 'node:worker_threads';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Cell } from './data-table.ts';
import type { SchemeChoice } from './scheme-choice.ts';

/** Work for one worker: repetitions of the cells of one group. */
export interface SweepTask {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly units: readonly SweepUnit[];
}

/** One repetition under one or several schemes, which share the run without migration. */
export interface SweepUnit {
  readonly repetition: number;
  readonly runs: readonly UnitRun[];
}

/** One run, and so one row of `runs.csv`. */
export interface UnitRun {
  readonly cell: number;
  readonly choice: SchemeChoice;
  readonly replayCommand: string;
}

/** What a worker gets: the task, and where to tell how it goes. */
export interface WorkerOrder {
  readonly task: SweepTask;
  readonly port: MessagePort;
}

/** What a worker tells while it works. Of a control that fails, all runs that are paired with it have failed. */
export type WorkerMessage =
  | { readonly kind: 'begin'; readonly unit: number; readonly scheme: string }
  | {
      readonly kind: 'row';
      readonly unit: number;
      readonly cell: number;
      readonly wallMs: number;
      readonly values: readonly Cell[];
    }
  | {
      readonly kind: 'threw';
      readonly unit: number;
      readonly cells: readonly number[];
      readonly message: string;
    };
