import { ms } from '../../sim/time.ts';
import type { ContextTask, PhaseReached } from '../../models/observations.ts';
import { migrationTimes } from '../measures/migration-times.ts';
import type { MigrationTimes } from '../measures/migration-times.ts';
import type { RunResult } from '../run-result.ts';
import type { CounterSample } from './counter-samples.ts';
import { TraceLanes } from './trace-lanes.ts';
import type { Lane, TraceEvent } from './trace-lanes.ts';

/**
 * A run in the Trace Event Format, which Perfetto (ui.perfetto.dev) and chrome://tracing read: hosts as processes,
 * engines and VMs as threads, an arrow for each transfer of context, counters. Slices are complete events and
 * lie within each other or apart on every thread; events are in the order of time; `ts` is simulated microseconds.
 */
export function chromeTrace(run: RunResult, samples: readonly CounterSample[]): string[] {
  const lanes = new TraceLanes(
    run.scenario.hosts.map(({ name }) => name),
    'network',
  );
  const migrations = migrationTimes(run.rows.phases);
  const events: TraceEvent[] = [
    ...residences(run, migrations, lanes),
    ...memoryRounds(run, lanes),
    ...run.rows.contextTasks.flatMap((task, index) => contextTransfer(run, task, index, lanes)),
    ...run.rows.phases.map((phase) => phaseMark(run, phase, lanes)),
    ...networkMarks(run, lanes),
    ...samples.map(({ timeNs, host, counter, values }) => ({
      ...{ ph: 'C' as const, name: counter, cat: 'counter', ...lanes.process(host), tid: 0 },
      ...{ timeNs, args: values },
    })),
    ...traffic(run, lanes),
  ];
  // A slice that holds another begins first or, where both begin together, is the longer one.
  events.sort((a, b) => a.timeNs - b.timeNs || (b.durationNs ?? 0) - (a.durationNs ?? 0));
  const lines = [...lanes.metadata(), ...events.map(written)].map((event) => JSON.stringify(event));
  const { scenario, choice, seed, repetition } = run;
  const about = { scenario: scenario.name, scheme: choice.name, seed, repetition };
  return [
    '{"displayTimeUnit":"ms","traceEvents":[\n',
    ...lines.map((line, index) => (index < lines.length - 1 ? `${line},\n` : `${line}\n`)),
    `],"otherData":${JSON.stringify(about)}}\n`,
  ];
}

/** Where each VM runs, waits and is expected, from the start of the run to its end. */
function residences(run: RunResult, migrations: readonly MigrationTimes[], lanes: TraceLanes): TraceEvent[] {
  const { endNs } = run.rows;
  return run.scenario.virtualMachines.flatMap(({ name, host: home }) => {
    const slices: TraceEvent[] = [];
    let host = home;
    let sinceNs = 0;
    let livedNs = endNs;
    for (const { at, migration } of migrations.filter(({ vm }) => vm === name)) {
      const destination = specOf(run, migration)?.destination ?? host;
      const backNs = at.activate ?? at.failed ?? endNs;
      if (at.reserve !== null && destination !== host) {
        slices.push(slice(lanes.thread(destination, name), 'expected', 'vm', at.reserve, backNs));
      }
      if (at.stop === null) continue;
      slices.push(slice(lanes.thread(host, name), 'running', 'vm', sinceNs, at.stop));
      slices.push(slice(lanes.thread(host, name), 'paused', 'vm', at.stop, backNs));
      if (at.activate !== null) host = destination;
      sinceNs = backNs;
      livedNs = at.lost ?? livedNs;
    }
    if (sinceNs < livedNs) slices.push(slice(lanes.thread(host, name), 'running', 'vm', sinceNs, livedNs));
    return slices;
  });
}

function memoryRounds(run: RunResult, lanes: TraceLanes): TraceEvent[] {
  return run.rows.memoryRounds.map(({ migration, round, stopped, startNs, endNs, pages, bytes }) => {
    const lane = lanes.thread(specOf(run, migration)?.source ?? '', `${migration} memory`);
    const name = stopped ? 'last round, paused' : `round ${round}`;
    return { ...slice(lane, name, 'memory', startNs, endNs), args: { migration, pages, bytes } };
  });
}

/** Read at the source, an arrow to the destination, loaded there. */
function contextTransfer(run: RunResult, task: ContextTask, id: number, lanes: TraceLanes): TraceEvent[] {
  const { migration, engine, part, moment, round, startNs, exportedNs, arrivedNs, endNs } = task;
  const { items, removals, bytes, refused } = task;
  const spec = specOf(run, migration);
  const args = { migration, moment, round, items, removals, bytes, refused };
  const from = lanes.thread(spec?.source ?? '', `${engine} of ${migration}`);
  const to = lanes.thread(spec?.destination ?? '', `${engine} of ${migration}`);
  const flow = { name: `${part} of ${migration}`, cat: 'context', id };
  return [
    { ...slice(from, `${part}: export and send`, 'context', startNs, arrivedNs), args },
    { ...slice(to, `${part}: import`, 'context', arrivedNs, endNs), args },
    { ...flow, ...from, ph: 's', timeNs: exportedNs },
    { ...flow, ...to, ph: 'f', bp: 'e', timeNs: arrivedNs },
  ];
}

const atDestination: ReadonlySet<string> = new Set(['reserve', 'activate', 'context-complete', 'learnt']);

function phaseMark(
  run: RunResult,
  { timeNs, migration, phase, reason }: PhaseReached,
  lanes: TraceLanes,
): TraceEvent {
  const spec = specOf(run, migration);
  const host = atDestination.has(phase) ? spec?.destination : spec?.source;
  const lane = lanes.thread(host ?? '', `${migration} phases`);
  return { ...mark(lane, phase, 'phase', timeNs), args: { migration, reason } };
}

function networkMarks({ rows }: RunResult, lanes: TraceLanes): TraceEvent[] {
  const announced = rows.announcements.map(({ timeNs, migration, host }) =>
    mark(lanes.thread(host, `${migration} phases`), 'announce', 'network', timeNs),
  );
  const learnt = rows.locationsLearnt.map(({ timeNs, place, vm }) => {
    const [host = '', bridge] = place.split('/');
    const lane = bridge === undefined ? lanes.thread('network', place) : lanes.thread(host, bridge);
    return { ...mark(lane, `learns where ${vm} is`, 'network', timeNs), args: { vm } };
  });
  return [...announced, ...learnt];
}

/** Packets a second, for each interval of the run's series. */
function traffic({ rows }: RunResult, lanes: TraceLanes): TraceEvent[] {
  const { binNs } = rows.series;
  const perS = (1000 * ms) / binNs;
  const counters: TraceEvent[] = [];
  const at = (timeNs: number, delivered: number, dropped: number): void =>
    void counters.push({
      ...{ ph: 'C', name: 'packets/s', cat: 'counter', ...lanes.process('network'), tid: 0 },
      ...{ timeNs, args: { delivered: delivered * perS, dropped: dropped * perS } },
    });
  let endNs = 0;
  for (const { startNs, counts } of rows.series.rows()) {
    if (startNs > endNs) at(endNs, 0, 0);
    const dropped =
      counts.legitimate_dropped_by_engine + counts.attacks_dropped_by_engine + counts.dropped_otherwise;
    at(startNs, counts.delivered_to_vm + counts.delivered_to_peer, dropped);
    endNs = startNs + binNs;
  }
  if (endNs < rows.endNs) at(endNs, 0, 0);
  return counters;
}

function specOf(run: RunResult, migration: string): RunResult['scenario']['migrations'][number] | undefined {
  return run.scenario.migrations.find(({ name }) => name === migration);
}

function slice(lane: Lane, name: string, cat: string, startNs: number, endNs: number): TraceEvent {
  return { ph: 'X', name, cat, ...lane, timeNs: startNs, durationNs: endNs - startNs };
}

function mark(lane: Lane, name: string, cat: string, timeNs: number): TraceEvent {
  return { ph: 'i', s: 't', name, cat, ...lane, timeNs };
}

/** As the format has it: times in microseconds, with nanoseconds as decimals. */
function written({ timeNs, durationNs, ...event }: TraceEvent): object {
  const ts = timeNs / 1000;
  return durationNs === undefined ? { ...event, ts } : { ...event, ts, dur: durationNs / 1000 };
}
