import { Piscina } from 'piscina';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { SweepTask, WorkerMessage } from './sweep-task.ts';

/** How a task ended; with a worker that hung or died, where it was. */
export type TaskEnd =
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'timed out' | 'worker died';
      readonly unit: number;
      readonly scheme: string | null;
      readonly message: string;
    };

/** The module that runs the tasks of sweeps. */
export const sweepWorker = new URL(
  `./sweep-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
);

/** Worker threads that run tasks. A worker that hangs or dies is replaced, and the others do not notice. */
export class SweepPool {
  private readonly pool: Piscina;
  private readonly timeoutMs: number;

  /** `timeoutMs` is the wall time that one run may take; `worker` the module whose default export runs tasks. */
  constructor(jobs: number, timeoutMs: number, worker: URL) {
    const sources = worker.href.endsWith('.ts');
    this.timeoutMs = timeoutMs;
    this.pool = new Piscina({
      filename: worker.href,
      ...{ minThreads: 1, maxThreads: jobs, idleTimeout: 60_000, concurrentTasksPerWorker: 1 },
      // A worker that waits for tasks in the event loop can also close the ports of those that it had.
      atomics: 'disabled',
      // The sources need a loader in a worker of their own; a build does not.
      ...(sources ? { execArgv: ['--import', 'tsx'] } : {}),
    });
  }

  /** Runs a task; `told` hears of its rows and failures on the way. */
  async run(task: SweepTask, told: (message: WorkerMessage) => void): Promise<TaskEnd> {
    const { port1: here, port2: there } = new MessageChannel();
    const abort = new AbortController();
    const under: { unit: number; scheme: string | null } = { unit: 0, scheme: null };
    let watchdog: NodeJS.Timeout | undefined;
    let timedOut = false;
    const wait = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        timedOut = true;
        abort.abort();
      }, this.timeoutMs);
    };
    const hear = (message: WorkerMessage): void => {
      if (message.kind === 'begin') {
        under.unit = message.unit;
        under.scheme = message.scheme;
      }
      wait();
      told(message);
    };
    here.on('message', hear);
    const order = { task, port: there };
    const end = await this.pool.run(order, { transferList: [there], signal: abort.signal }).then(
      (): TaskEnd => ({ kind: 'finished' }),
      (error: unknown): TaskEnd =>
        timedOut
          ? { kind: 'timed out', ...under, message: `took longer than ${this.timeoutMs / 1000} s` }
          : {
              kind: 'worker died',
              ...under,
              message: error instanceof Error ? error.message : String(error),
            },
    );
    // What the worker has told may still be on its way.
    for (let late = receiveMessageOnPort(here); late !== undefined; late = receiveMessageOnPort(here)) {
      hear(late.message as WorkerMessage);
    }
    clearTimeout(watchdog);
    here.close();
    return end;
  }

  /** Ends all workers, finished or not. */
  async stop(): Promise<void> {
    await this.pool.destroy();
  }
}
