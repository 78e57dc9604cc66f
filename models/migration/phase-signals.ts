import { Signal } from '../../sim/signal.ts';

/** Phases of a migration that another may wait for, in the order of one that succeeds. */
export const migrationPhases = [
  'request',
  'reserve',
  'round',
  'stop',
  'commit',
  'activate',
  'learnt',
  'cleaned-up',
] as const;

export type MigrationPhase = (typeof migrationPhases)[number];

/** One signal for each phase of a migration, and for its failure, fired when it is reached first. */
export type PhaseSignals = Readonly<Record<MigrationPhase | 'failed', Signal<void>>>;

export function phaseSignals(): PhaseSignals {
  const phases = [...migrationPhases, 'failed'];
  return Object.fromEntries(phases.map((phase) => [phase, new Signal<void>()])) as PhaseSignals;
}
