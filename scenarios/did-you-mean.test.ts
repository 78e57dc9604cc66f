import { describe, expect, it } from 'vitest';
import { didYouMean, suggestion } from './did-you-mean.ts';

describe('did you mean', () => {
  it('finds a word with a letter wrong, missing, too many or swapped, whatever its case', () => {
    const words = ['memory', 'migrations', 'Gbit/s', 'Gbps'];
    expect(didYouMean('memroy', words)).toBe('memory');
    expect(didYouMean('migration', words)).toBe('migrations');
    expect(didYouMean('gbits/s', words)).toBe('Gbit/s');
    expect(didYouMean('Gbsp', words)).toBe('Gbps');
  });

  it('guesses nothing where more than a third of the letters differ', () => {
    expect(didYouMean('banana', ['memory', 'vms'])).toBeUndefined();
    expect(didYouMean('x', ['ab'])).toBeUndefined();
    expect(suggestion('banana', ['memory'])).toBe('');
  });
});
