import { currentRun } from './run-identity.ts';
import type { RunPosition } from './run-identity.ts';

/**
 * Ends the run when `condition` does not hold: a bug of ours, never the user's. Always on. The text is constant,
 * since building it at every call would halve the speed of the simulation; the failure adds where it happened.
 */
export function assert(condition: boolean, text: string): asserts condition {
  if (!condition) throw new AssertionError(text);
}

/**
 * Our bug. The message says which run, simulated time and event failed, and which command replays it, when it
 * is raised while a simulation runs.
 */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
  /** The run that failed and how far it had come; null when none was under way. */
  readonly run: RunPosition | null;

  constructor(text: string) {
    const run = currentRun();
    super(run === null ? text : `${text}\n${describe(run)}`);
    // A copy: the simulation may go on changing its own.
    this.run = run && { identity: run.identity, nowNs: run.nowNs, eventsRun: run.eventsRun };
  }
}

/** One thing that is wrong with the user's input. */
export interface Problem {
  /** Where: file, line and column, or the path of the field. */
  readonly place: string;
  readonly message: string;
  /** What would have been right; empty when the message says it all. */
  readonly allowed: string;
}

/** The user's input is wrong: all problems at once. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(line).join('\n'));
    this.problems = problems;
  }
}

function describe({ identity, nowNs, eventsRun }: RunPosition): string {
  const { scenario, seed, repetition, replayCommand } = identity;
  return (
    `  in scenario ${scenario}, seed ${seed}, repetition ${repetition}, ` +
    `at ${nowNs} ns, event ${eventsRun}\n  replay with: ${replayCommand}`
  );
}

function line({ place, message, allowed }: Problem): string {
  return allowed === '' ? `${place} ${message}` : `${place} ${message} (allowed: ${allowed})`;
}
