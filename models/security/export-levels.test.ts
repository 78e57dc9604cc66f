import { expect, it } from 'vitest';
import { givesNothing } from './export-levels.ts';

it('knows which engines have items of which a part is worth something', () => {
  // A verdict is left of an inspected flow, and the counter of what was sent of an association; half a binding,
  // mapping, bucket or offset is none. A firewall's entries travel with the fidelity that the scheme says.
  const partly = ['stateful-firewall', 'intrusion-prevention', 'ipsec'] as const;
  const whole = ['source-guard', 'nat', 'rate-limiter', 'syn-proxy'] as const;
  expect(partly.map((kind) => givesNothing(kind, 'partial'))).toEqual([false, false, false]);
  expect(whole.map((kind) => givesNothing(kind, 'partial'))).toEqual([true, true, true, true]);
  expect([...partly, ...whole].filter((kind) => givesNothing(kind, 'full'))).toEqual([]);
  expect([...partly, ...whole].filter((kind) => !givesNothing(kind, 'none'))).toEqual([]);
});
