import { describe, expect, it } from 'vitest';
import { compareSchemes } from '../compare.ts';
import { handMadeScenario } from '../hand-made-scenario.fixture.ts';
import { asWritten } from '../choose-schemes.ts';
import { chromeTrace } from './chrome-trace.ts';
import { CounterSamples } from './counter-samples.ts';
import { milliseconds } from '../../sim/time.ts';

interface Written {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: string;
  readonly s?: string;
  readonly args?: Record<string, unknown>;
}

describe('a trace of a run', () => {
  const { events, summary } = traceOf('com-rounds');

  it('names every process and thread that it uses', () => {
    const names = events.filter(({ ph }) => ph === 'M');
    const processes = new Set(names.filter(({ name }) => name === 'process_name').map(({ pid }) => pid));
    const threads = new Set(
      names.filter(({ name }) => name === 'thread_name').map(({ pid, tid }) => `${pid}/${tid}`),
    );
    const used = events.filter(({ ph }) => ph !== 'M');
    expect(used.filter(({ pid }) => !processes.has(pid))).toEqual([]);
    expect(used.filter(({ pid, tid }) => !threads.has(`${pid}/${tid}`))).toEqual([]);
    expect(names.map(({ args }) => args?.['name'])).toEqual(
      expect.arrayContaining(['host a', 'host b', 'network', 'web', 'firewall of move', 'move memory']),
    );
  });

  it('is in the order of time', () => {
    const times = events.filter(({ ph }) => ph !== 'M').map(({ ts }) => ts);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(0);
  });

  it('nests the slices of each thread, or keeps them apart', () => {
    const slices = events.filter(({ ph }) => ph === 'X');
    expect(slices.length).toBeGreaterThan(5);
    const open = new Map<string, number[]>();
    for (const { pid, tid, ts, dur = -1, name } of slices) {
      expect(dur, name).toBeGreaterThanOrEqual(0);
      const ends = open.get(`${pid}/${tid}`) ?? [];
      while (ends.length > 0 && ends.at(-1)! <= ts) ends.pop();
      const around = ends.at(-1) ?? Infinity;
      expect(ts + dur, `${name} at ${ts}`).toBeLessThanOrEqual(around);
      open.set(`${pid}/${tid}`, [...ends, ts + dur]);
    }
  });

  it('leads an arrow from source to destination for each transfer of context, within a slice at both ends', () => {
    const starts = events.filter(({ ph }) => ph === 's');
    const ends = new Map(events.filter(({ ph }) => ph === 'f').map((event) => [event.id, event]));
    expect(starts.length).toBeGreaterThan(1);
    expect(ends.size).toBe(starts.length);
    for (const start of starts) {
      const end = ends.get(start.id)!;
      expect(end).toMatchObject({ bp: 'e', name: start.name });
      expect(end.pid).not.toBe(start.pid);
      expect(end.ts).toBeGreaterThanOrEqual(start.ts);
      for (const { pid, tid, ts } of [start, end]) {
        const around = events.filter(
          (event) =>
            event.ph === 'X' &&
            event.pid === pid &&
            event.tid === tid &&
            event.ts <= ts &&
            ts <= event.ts + event.dur!,
        );
        expect(around.length).toBeGreaterThan(0);
      }
    }
  });

  it('shows the pause of the guest as long as the summary says', () => {
    const paused = events.find(({ name }) => name === 'paused')!;
    expect(paused.dur! / 1000).toBeCloseTo(summary.migrations[0]!.downtime_ms!, 6);
  });

  it('counts entries, dirty pages and the use of links', () => {
    const counters = new Set(events.filter(({ ph }) => ph === 'C').map(({ name }) => name));
    expect([...counters]).toEqual(
      expect.arrayContaining(['firewall entries', 'web dirty pages', 'a/up Mbit/s', 'packets/s']),
    );
    // The scenario's links run at 10 Gbit/s: nothing is above that.
    const use = events.filter(({ name }) => name === 'a/up Mbit/s');
    const sums = use.map(({ args }) => Number(args?.['migrations']) + Number(args?.['packets']));
    expect(Math.max(...sums)).toBeGreaterThan(100);
    expect(Math.max(...sums)).toBeLessThanOrEqual(10_000);
  });

  it('changes nothing in the run', () => {
    expect(traceOf('com-rounds').summary).toEqual(traceOf('com-rounds', false).summary);
  });
});

function traceOf(scheme: string, sampled = true) {
  const scenario = { ...handMadeScenario(scheme), untilNs: milliseconds(4000) };
  const counters = new CounterSamples();
  const traces: string[] = [];
  const comparison = compareSchemes({
    ...{ scenario, seed: 1, repetition: 0, replayCommand: () => '' },
    choices: [asWritten(scenario)],
    watch: {
      instruments: (name) => ({
        taps: null,
        sampler: sampled && name === scheme ? (built) => counters.sampler(built) : null,
      }),
      finish: ({ run }) => traces.push(chromeTrace(run, counters.samples).join('')),
    },
  });
  const trace = JSON.parse(traces[0]!) as { readonly traceEvents: readonly Written[] };
  return { events: trace.traceEvents, summary: comparison.schemes[0]! };
}
