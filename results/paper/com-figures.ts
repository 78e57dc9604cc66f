import type { Observations } from '../../models/observations.ts';
import { Protocol } from '../../models/network/packet.ts';
import { ms, s } from '../../sim/time.ts';
import type { MigrationSummary } from '../migration-summary.ts';
import type { PairedRun } from '../summary.ts';
import { panel } from '../figures/paper-figure.ts';
import type { FigurePoint } from '../figures/paper-figure.ts';
import { migrationTimes } from '../measures/migration-times.ts';
import { schemeRuns } from './scheme-runs.ts';
import type { SchemeRun } from './scheme-runs.ts';
import { goesOn, openAt } from './measured-connections.ts';
import { once } from './once.ts';
import type { PaperFigure } from './paper-figures.ts';
import { sixDigits } from './six-digits.ts';

const badge =
  'CoM: body not read. What a paper on moving the security context most probably shows, under our own scenarios; prediction, ' +
  'calibrated on nothing of that paper. Memory moves as in Xen 3.x, costs of the context as in docs/models.md.';

/** Figures in the manner of the CoM paper, whose own figures were not read: they have no numbers of that paper. */
export const comFigures: readonly PaperFigure[] = [
  {
    id: 'com-throughput',
    summary: 'CoM style: throughput of one TCP stream over the time of a move',
    claims: [],
    design: {
      title: 'Throughput across the move: a stock firewall drops, CoM goes on',
      panels: [panel('Throughput at the client', 'lines', 'time since the guest stopped (s)', 'Mbit/s')],
      badge: `${badge} scenarios/paper/com/throughput.yaml.`,
    },
    points: () => streamRuns().throughput,
  },
  {
    id: 'com-tcp-sequence',
    summary: 'CoM style: TCP sequence numbers at the receiver around the pause',
    claims: [],
    design: {
      title: 'TCP sequence across the move',
      panels: [
        panel(
          'Received by the client',
          'lines',
          'time since the guest stopped (s)',
          'sequence (MB since −1 s)',
        ),
      ],
      badge: `${badge} scenarios/paper/com/throughput.yaml.`,
    },
    points: () => streamRuns().sequence,
  },
  {
    id: 'com-applications',
    summary: 'CoM style: downtime, total time and lost connections of six applications',
    claims: [],
    design: {
      title: 'Six applications: downtime, total time, connections that did not survive',
      panels: [
        panel('Downtime', 'bars', '', 'ms'),
        panel('Total time', 'bars', '', 's'),
        panel('Connections lost', 'bars', '', '% of those open at the move'),
      ],
      badge: `${badge} Lost: neither untouched nor only stalled when the run ends, some 20 s after the move. scenarios/paper/com/applications.yaml.`,
    },
    points: applicationPoints,
  },
  {
    id: 'com-entries',
    summary: 'CoM style: downtime against the number of entries',
    claims: [],
    design: {
      title: 'Downtime against the number of entries',
      panels: [
        { ...panel('Downtime', 'lines', 'entries of the firewall', 'ms'), logX: true },
        { ...panel('Of which the context alone', 'lines', 'entries of the firewall', 'ms'), logX: true },
      ],
      badge: `${badge} scenarios/paper/com/entries.yaml.`,
    },
    points: () => entryRuns().downtime,
  },
  {
    id: 'com-context-size',
    summary: 'CoM style: size of the context against the number of entries',
    claims: [],
    design: {
      title: 'Size of the security context on the wire',
      panels: [
        {
          ...panel('Context sent in all', 'lines', 'entries of the firewall', 'kB'),
          ...{ logX: true, logY: true },
        },
      ],
      badge: `${badge} Entries as ctnetlink writes them. scenarios/paper/com/entries.yaml.`,
    },
    points: () => entryRuns().size,
  },
  {
    id: 'com-overhead',
    summary: 'CoM style: what engines and change tracking cost when nothing moves',
    claims: [],
    design: {
      title: 'Steady state: no engine, an engine, and an engine whose changes are tracked',
      panels: [
        panel('Goodput', 'bars', '', 'Mbit/s'),
        panel('Latency of a message, median', 'bars', '', 'ms'),
        panel('CPU of the host', 'bars', '', 'CPUs in use'),
      ],
      badge: `${badge} A host with one CPU of 2009, clients that open a connection for each request: scenarios/research/overhead.yaml.`,
    },
    points: overheadPoints,
  },
];

/** The pause of the move; the run without one shows the same stretch of time as the first that has one. */
function stopNs({ pair }: SchemeRun): number | null {
  return migrationTimes(pair.run.rows.phases)[0]?.at.stop ?? null;
}

const streamSource = 'scenarios/paper/com/throughput.yaml';

/** One set of runs for both figures of the stream. */
const streamRuns = once(() => {
  const received = new Map<string, Received[]>();
  const runs = schemeRuns({
    ...{ name: 'com/throughput', schemes: ['none', 'stock-drop', 'com-rounds'], overrides: [] },
    listen: (scheme, observations) => received.set(scheme, receivedBytes(observations)),
  });
  const pauses = runs.map(stopNs).filter((timeNs) => timeNs !== null);
  const zeroOf = (run: SchemeRun): number => stopNs(run) ?? pauses[0] ?? 0;
  return {
    throughput: runs.flatMap((run) => throughputPoints(run, received.get(run.scheme) ?? [], zeroOf(run))),
    sequence: runs.flatMap((run) => sequencePoints(run, received.get(run.scheme) ?? [], zeroOf(run))),
  };
});

interface Received {
  readonly timeNs: number;
  /** The first byte after this segment, from the first one that was seen; a stream of less than 4 GB. */
  readonly endBytes: number;
  readonly payloadBytes: number;
}

function receivedBytes(observations: Observations): Received[] {
  const received: Received[] = [];
  let first: number | null = null;
  observations.packetDelivered.subscribe(({ to, timeNs, packet }) => {
    if (to !== 'peer' || packet.protocol !== Protocol.tcp || packet.payloadBytes === 0) return;
    first ??= packet.sequence;
    const endBytes = ((packet.sequence - first) >>> 0) + packet.payloadBytes;
    received.push({ timeNs, endBytes, payloadBytes: packet.payloadBytes });
  });
  return received;
}

const binNs = 100 * ms;

/** Payload that arrived in each tenth of a second, from 3 s before the pause to 8 s after it. */
function throughputPoints(
  { scheme }: SchemeRun,
  received: readonly Received[],
  zeroNs: number,
): FigurePoint[] {
  const bytes = new Map<number, number>();
  for (const { timeNs, payloadBytes } of received) {
    const bin = Math.floor((timeNs - zeroNs) / binNs);
    bytes.set(bin, (bytes.get(bin) ?? 0) + payloadBytes);
  }
  return Array.from({ length: 110 }, (_, i): FigurePoint => {
    const bin = i - 30;
    const mbps = ((bytes.get(bin) ?? 0) * 8) / (binNs / s) / 1e6;
    return point('Throughput at the client', scheme, sixDigits((bin + 0.5) / 10), mbps, streamSource);
  });
}

/** The highest byte that had arrived every 20 ms, from 1 s before the pause to 3 s after it. */
function sequencePoints({ scheme }: SchemeRun, received: readonly Received[], zeroNs: number): FigurePoint[] {
  let at = 0;
  let highest = 0;
  let base: number | null = null;
  return Array.from({ length: 201 }, (_, i): FigurePoint => {
    const sinceNs = -s + i * 20 * ms;
    for (
      let next = received[at];
      next !== undefined && next.timeNs <= zeroNs + sinceNs;
      next = received[++at]
    )
      highest = Math.max(highest, next.endBytes);
    base ??= highest;
    return point('Received by the client', scheme, sinceNs / s, (highest - base) / 1e6, streamSource);
  });
}

function applicationPoints(): FigurePoint[] {
  const source = 'scenarios/paper/com/applications.yaml';
  const runs = schemeRuns({
    name: 'com/applications',
    schemes: ['stock-drop', 'rules-only', 'com-rounds'],
    overrides: [],
  });
  return runs.flatMap(({ scheme, summary, pair }) =>
    inOrderOfVms(pair, summary.migrations).flatMap(({ vm, downtime_ms, total_ms }): FigurePoint[] => {
      const stop = migrationTimes(pair.run.rows.phases).find((times) => times.vm === vm)?.at.stop;
      const open = openAt(pair, stop ?? 0).filter(({ opened }) => opened.vm === vm);
      const lost = open.filter((connection) => !goesOn(connection)).length;
      return [
        point('Downtime', scheme, vm, downtime_ms ?? NaN, source),
        point('Total time', scheme, vm, (total_ms ?? NaN) / 1000, source),
        ...(open.length === 0
          ? []
          : [point('Connections lost', scheme, vm, (100 * lost) / open.length, source)]),
      ];
    }),
  );
}

function inOrderOfVms(
  { run }: PairedRun,
  migrations: readonly MigrationSummary[],
): readonly MigrationSummary[] {
  const names = run.scenario.virtualMachines.map(({ name }) => name);
  return [...migrations].sort((a, b) => names.indexOf(a.vm) - names.indexOf(b.vm));
}

const entryCounts = [100, 300, 1000, 3000, 10_000, 30_000];

/** One set of runs for both figures of the number of entries. */
const entryRuns = once(() => {
  const source = 'scenarios/paper/com/entries.yaml';
  const runs = entryCounts.flatMap((entries) =>
    schemeRuns({
      ...{ name: 'com/entries', schemes: ['stock-drop', 'com-stop', 'com-rounds'] },
      overrides: [`initial_context[0].entries=${entries}`],
    }).map(({ scheme, summary }) => ({ entries, scheme, move: summary.migrations[0]! })),
  );
  const moved = runs.filter(({ scheme }) => scheme !== 'stock-drop');
  return {
    downtime: [
      ...runs.map(({ entries, scheme, move }) =>
        point('Downtime', scheme, entries, move.downtime_ms ?? NaN, source),
      ),
      ...moved.map(({ entries, scheme, move }) =>
        point('Of which the context alone', scheme, entries, move.context_stop_ms ?? NaN, source),
      ),
    ],
    size: moved.map(({ entries, scheme, move }) =>
      point('Context sent in all', scheme, entries, move.context_bytes / 1000, source),
    ),
  };
});

function overheadPoints(): FigurePoint[] {
  const source = 'scenarios/research/overhead.yaml';
  const cases = [
    ['no engine', ['hosts[0].nse=[]']],
    ['engine', []],
    ['engine, changes tracked', ['hosts[0].change_tracking.always=true']],
  ] as const;
  return cases.flatMap(([name, overrides]) => {
    const [run] = schemeRuns({
      ...{ name: '../research/overhead', schemes: ['none'] },
      overrides: ['until=6 s', ...overrides],
    });
    const { goodput_mbps, workloads, host_cpu } = run!.summary;
    const cpu = host_cpu.find(({ host }) => host === 'host-0');
    const tasks =
      cpu === undefined
        ? []
        : ([
            ['guest', cpu.guests_cpus],
            ['filtering', cpu.filtering_cpus],
          ] as const);
    return [
      point('Goodput', name, 'clients', goodput_mbps.before ?? NaN, source),
      point('Latency of a message, median', name, 'clients', workloads[0]?.latency_ms.p50 ?? NaN, source),
      ...tasks.map(([task, cpus]) => point('CPU of the host', name, task, cpus, source)),
    ];
  });
}

function point(
  panelName: string,
  series: string,
  x: number | string,
  y: number,
  source: string,
): FigurePoint {
  return { panel: panelName, series, what: 'simulated', x, y: sixDigits(y), source };
}
