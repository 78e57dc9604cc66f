import { expect, test } from 'vitest';
import { benchmarks } from './registry.ts';

test('benchmarks have names of their own', () => {
  expect(new Set(benchmarks.map(({ name }) => name)).size).toBe(benchmarks.length);
});

test.each(benchmarks)('$name does all its operations and has the same result each time', async (entry) => {
  const benchmark = await entry.load();
  expect(benchmark.name).toBe(entry.name);
  const result = benchmark.run(benchmark.sizeSmall);
  expect(result.operations).toBe(benchmark.sizeSmall);
  expect(result.hash).toMatch(/^[0-9a-f]{8}$/);
  expect(benchmark.run(benchmark.sizeSmall)).toEqual(result);
  expect(benchmark.run(benchmark.sizeSmall + 1).hash).not.toBe(result.hash);
});
