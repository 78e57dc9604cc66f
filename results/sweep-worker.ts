import type { MessagePort } from 'node:worker_threads';
import { compareSchemes } from './compare.ts';
import { runValues } from './run-columns.ts';
import { control } from './scheme-choice.ts';
import { importAdditions } from '../scenarios/additions.ts';
import type { Additions } from '../scenarios/additions.ts';
import type { SweepTask, SweepUnit, UnitRun, WorkerMessage, WorkerOrder } from './sweep-task.ts';

/** Runs a task in a worker thread and tells each row as soon as it is there. A run that throws ends only itself. */
export default async function runTask({ task, port }: WorkerOrder): Promise<void> {
  const additions = await importAdditions(task.scenario.modules);
  task.units.forEach((unit, index) => runUnit({ task, additions, port }, unit, index));
  port.close();
}

/** What the units of a task share. */
interface Work {
  readonly task: SweepTask;
  readonly additions: Additions;
  readonly port: MessagePort;
}

function runUnit(work: Work, unit: SweepUnit, index: number): void {
  const tell = (message: WorkerMessage): void => work.port.postMessage(message);
  let left = unit.runs;
  while (left.length > 0) {
    const under = { scheme: control.name, control: true };
    try {
      runAll(work, unit.repetition, left, index, under, tell);
      left = [];
    } catch (error) {
      // All of them are paired with the control; another scheme's failure is its own.
      const failed = under.control ? left : left.filter(({ choice }) => choice.name === under.scheme);
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      tell({ kind: 'threw', unit: index, cells: failed.map(({ cell }) => cell), message });
      // Those before it are done.
      left = under.control
        ? []
        : left.slice(left.findIndex(({ choice }) => choice.name === under.scheme) + 1);
    }
  }
}

/** Which run is under way; the control's is the first, whatever schemes follow. */
interface UnderWay {
  scheme: string;
  control: boolean;
}

function runAll(
  { task, additions }: Work,
  repetition: number,
  runs: readonly UnitRun[],
  unit: number,
  under: UnderWay,
  tell: (message: WorkerMessage) => void,
): void {
  let started = 0;
  let startMs = performance.now();
  let at = 0;
  compareSchemes({
    scenario: task.scenario,
    additions,
    seed: task.seed,
    repetition,
    choices: runs.map(({ choice }) => choice),
    replayCommand: (scheme) => (runs.find(({ choice }) => choice.name === scheme) ?? runs[0]!).replayCommand,
    watch: {
      begin: (scheme) => {
        under.scheme = scheme;
        under.control = started++ === 0;
        if (!under.control) startMs = performance.now();
        tell({ kind: 'begin', unit, scheme });
      },
      finish: (_, summary) => {
        const { cell } = runs[at++]!;
        tell({ kind: 'row', unit, cell, wallMs: performance.now() - startMs, values: runValues(summary) });
      },
    },
  });
}
