import runTask from './sweep-worker.ts';
import type { WorkerOrder } from './sweep-task.ts';

/** For tests: a worker in which repetition 1 throws, 2 hangs and 3 kills its thread; all others run. */
export default async function failingTask({ task, port }: WorkerOrder): Promise<void> {
  for (const [index, unit] of task.units.entries()) {
    const [run] = unit.runs;
    const scheme = run?.choice.name ?? '';
    port.postMessage({ kind: 'begin', unit: index, scheme });
    if (unit.repetition === 1) {
      port.postMessage({
        kind: 'threw',
        unit: index,
        cells: unit.runs.map(({ cell }) => cell),
        message: 'on purpose',
      });
    }
    if (unit.repetition === 2) for (;;);
    if (unit.repetition === 3) process.exit(9);
  }
  const well = task.units.map((unit) => (unit.repetition === 1 ? { ...unit, runs: [] } : unit));
  await runTask({ task: { ...task, units: well }, port });
}
