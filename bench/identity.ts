import type { RunIdentity } from '../sim/run-identity.ts';

/** What a failed assertion in a benchmark says about where it failed. */
export const benchmarkIdentity: RunIdentity = {
  scenario: 'benchmark',
  seed: 1,
  repetition: 0,
  replayCommand: 'npm run bench',
};
