/** Which run this is: what has to be known to start it again. */
export interface RunIdentity {
  readonly scenario: string;
  readonly seed: number;
  readonly repetition: number;
  /** The shell command that runs exactly this again. */
  readonly replayCommand: string;
}

/** A run and how far it has come. */
export interface RunPosition {
  readonly identity: RunIdentity;
  readonly nowNs: number;
  readonly eventsRun: number;
}

let current: RunPosition | null = null;

/** The run whose events are being executed at the moment, for messages about failures; null between runs. */
export function currentRun(): RunPosition | null {
  return current;
}

/** Names the run that goes on now and returns the one before it, to be named again afterwards. */
export function setCurrentRun(run: RunPosition | null): RunPosition | null {
  const previous = current;
  current = run;
  return previous;
}
