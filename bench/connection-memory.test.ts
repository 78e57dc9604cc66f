import { expect, test } from 'vitest';
import { bytesPerConnection, heapOverAnHour } from './connection-memory.fixture.ts';

test('an open connection takes little, both ends, its entries and its applications included', () => {
  // 0.8 kB with 100,000; few of them share what is compiled meanwhile and the spare room of arrays.
  expect(bytesPerConnection(5_000, 'exponential(30 s)')).toBeLessThan(1_500);
}, 120_000);

test('connections that have ended leave nothing behind in an hour of them', () => {
  const [first, ...later] = heapOverAnHour(2);
  // 1,200 connections in ten minutes, of more than 1 kB each, would be 1.2 MB more each time.
  for (const bytes of later) expect(bytes - first!).toBeLessThan(0.6e6);
}, 120_000);
