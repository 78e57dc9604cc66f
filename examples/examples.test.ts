import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  buildCluster,
  chooseSchemes,
  compareSchemes,
  control,
  importAdditions,
  loadScenario,
  noAdditions,
  parseSweep,
  planSweep,
  runScenario,
  sweepInMemory,
} from '../nseh.ts';
import type { PacketDelivered, PacketDropped } from '../nseh.ts';
import { compareOwnScheme } from './custom-scheme.ts';
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

test('a workload of one’s own is filtered like any other', async () => {
  const module = `modules=[{"path":"${join(import.meta.dirname, 'custom-workload.mjs')}","options":{"vm":"web","peer":"client","port":9999}}]`;
  const { scenario } = loadScenario(quickstart, ['until=2 s', 'migrations[0].at=1 s', ...short, module]);
  const cluster = buildCluster(scenario, {
    ...{ seed: 1, repetition: 0, scheme: null, replayCommand: 'examples/custom-workload.mjs' },
    additions: await importAdditions(scenario.modules),
  });
  let dropped = 0;
  let delivered = 0;
  const ours = ({ packet }: PacketDelivered | PacketDropped): boolean => packet.flow >= 1_000_000_000;
  cluster.observations.packetDropped.subscribe((drop) => (dropped += ours(drop) ? 1 : 0));
  cluster.observations.packetDelivered.subscribe((delivery) => (delivered += ours(delivery) ? 1 : 0));
  cluster.run();
  // One knock at 0, 20, … ms until 2 s; the last ones may still be on their way.
  expect(delivered).toBe(0);
  expect(dropped).toBeGreaterThanOrEqual(100);
  expect(dropped).toBeLessThanOrEqual(101);
});

test('a sweep names a module by its path, and varies what the module is called with', async () => {
  const sweep = parseSweep(
    join(folder, 'with-a-module.yaml'),
    `
format: 1
scenario: quickstart.yaml
set:
  until: 2 s
  migrations[0].at: 1 s
  modules: [{ path: ../examples/custom-workload.mjs, options: { vm: web, peer: client } }]
vary:
  scheme: [none]
  modules[0].options.port: { values: [9999, 443], as: port }
`,
  );
  const { columns, rows } = await sweepInMemory(planSweep(sweep), 1);
  expect(rows.map((row) => row[columns.indexOf('port')])).toEqual([9999, 443]);
  const { packets } = runScenario({
    ...{ scenario: planSweep(sweep).base, choice: control, seed: 1, repetition: 0, additions: noAdditions },
    replayCommand: '',
  });
  // One knock at 0, 20, … ms until 2 s beside what the scenario itself sends.
  const knocks = rows.map((row) => Number(row[columns.indexOf('packets')]) - packets);
  expect(knocks.every((count) => count === 100 || count === 101)).toBe(true);
}, 30_000);

test('an engine of one’s own loses its items with a stock move, and keeps them with CoM', async () => {
  const module = `modules=[{"path":"${join(import.meta.dirname, 'custom-engine.mjs')}","options":{"lifetime_s":300}}]`;
  const { scenario } = loadScenario(quickstart, ['until=8 s', 'migrations[0].at=1 s', ...short, module]);
  const { schemes } = compareSchemes({
    ...{
      scenario,
      seed: 1,
      repetition: 0,
      choices: chooseSchemes(scenario, ['none', 'rules-only', 'com-rounds']),
    },
    additions: await importAdditions(scenario.modules),
    replayCommand: () => '',
  });
  const [none, stock, com] = schemes.map(({ exposure }) => exposure.legitimate_dropped);
  // Probes that come before the first connection find the door shut, moved or not. At the destination nobody is
  // known: all on open connections are cut off, unless the items come along.
  expect(com).toBe(none);
  expect(stock).toBeGreaterThan(none ?? 0);
  const doors = schemes.map(({ context }) => context.engines.find(({ engine }) => engine === 'door'));
  expect(doors[2]?.items_at_freeze).toBeGreaterThan(0);
  expect(doors.map((engine) => engine?.missing ?? 0)).toEqual([0, doors[1]?.items_at_freeze, 0]);
}, 30_000);

test('a sweep runs in a program and gives a table', async () => {
  const [header, ...rows] = (await eventsByConnections(folder)).split('\n');
  expect(header).toMatch(/^databases,measure,unit,n,mean,/);
  expect(rows.map((row) => row.split(',').slice(0, 4).join(' '))).toEqual([
    '1 events count 3',
    '8 events count 3',
  ]);
}, 30_000);
