import { Signal } from '../../sim/signal.ts';

/** What others may wait for: a phase of a migration, in the order of one that succeeds, or the failure. */
export const awaitedPhases = [
  'request',
  'reserve',
  'round',
  'stop',
  'commit',
  'activate',
  'learnt',
  'cleaned-up',
  'failed',
] as const;

export type AwaitedPhase = (typeof awaitedPhases)[number];

/** One signal for each phase of a migration, and for its failure, fired when it is reached first. */
export type PhaseSignals = Readonly<Record<AwaitedPhase, Signal<void>>>;

export function phaseSignals(): PhaseSignals {
  return Object.fromEntries(awaitedPhases.map((phase) => [phase, new Signal<void>()])) as PhaseSignals;
}
