import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareOwnScheme } from './custom-scheme.ts';
import { countKnocks } from './custom-workload.ts';
import { eventsByConnections } from './sweep-in-a-program.ts';

const folder = join(import.meta.dirname, '../scenarios');
const quickstart = join(folder, 'quickstart.yaml');
const short = [
  'vms[0].memory=64 MiB',
  'workloads[browsing].connections=20',
  'initial_context[0].entries=1000',
];

test('a scheme of one’s own moves the same context in more bytes, and pauses the VM for longer', () => {
  const [, preset, own] = compareOwnScheme(quickstart, ['until=8 s', 'migrations[0].at=1 s', ...short]);
  expect(preset?.migrations[0]?.outcome).toBe('completed');
  expect(own?.migrations[0]?.context_items).toBe(preset?.migrations[0]?.context_items);
  expect(own?.migrations[0]?.context_bytes ?? 0).toBeGreaterThan(
    2 * (preset?.migrations[0]?.context_bytes ?? 0),
  );
  expect(own?.migrations[0]?.downtime_ms ?? 0).toBeGreaterThan(preset?.migrations[0]?.downtime_ms ?? 0);
});

test('a workload of one’s own is filtered like any other', () => {
  // One knock at 0, 20, … ms until 2 s; the last ones may still be on their way.
  const { dropped, delivered } = countKnocks(quickstart, ['until=2 s', 'migrations[0].at=1 s', ...short]);
  expect(delivered).toBe(0);
  expect(dropped).toBeGreaterThanOrEqual(100);
  expect(dropped).toBeLessThanOrEqual(101);
});

test('a sweep runs in a program and gives a table', async () => {
  const [header, ...rows] = (await eventsByConnections(folder)).split('\n');
  expect(header).toMatch(/^databases,measure,unit,n,mean,/);
  expect(rows.map((row) => row.split(',').slice(0, 4).join(' '))).toEqual([
    '1 events count 3',
    '8 events count 3',
  ]);
}, 30_000);
