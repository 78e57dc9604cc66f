import { expect, test } from 'vitest';
import { Probe } from './probe.ts';

test('a probe tells its subscribers in their order, and knows whether there are any', () => {
  const probe = new Probe<number>();
  const log: string[] = [];
  probe.publish(1);
  expect(probe.observed).toBe(false);
  probe.subscribe((value) => log.push(`a${value}`));
  probe.subscribe((value) => log.push(`b${value}`));
  probe.publish(2);
  expect(probe.observed).toBe(true);
  expect(log).toEqual(['a2', 'b2']);
});
