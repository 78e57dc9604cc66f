import { describe, expect, it } from 'vitest';
import { validateConntrack } from '../conntrack.ts';
import { keptSequences } from './kept-sequences.ts';

describe('keptSequences', () => {
  // What Linux 6.18.44 did with random sequences in which the model once did otherwise.
  it('agree with the model in every compared field', () => {
    const kept = keptSequences();
    const result = validateConntrack(kept);
    expect(result.disagreements).toEqual([]);
    expect(result.sequences_agreeing).toBe(kept.length);
    expect(kept.length).toBeGreaterThan(0);
  });
});
