import { Signal } from '../../sim/signal.ts';

const phases = [
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

/** One signal for each phase of a migration, fired when it is reached first. */
export type PhaseSignals = Readonly<Record<(typeof phases)[number], Signal<void>>>;

export function phaseSignals(): PhaseSignals {
  return Object.fromEntries(phases.map((phase) => [phase, new Signal<void>()])) as PhaseSignals;
}
