import { ms } from '../sim/time.ts';
import type { ContextTask, MemoryRound } from '../models/observations.ts';
import { connectionStalls } from './measures/connection-stalls.ts';
import { exposureWindows } from './measures/exposure-window.ts';
import { owedDirection } from './measures/owed-direction.ts';
import { unpairedDivergences } from './measures/unpaired-divergences.ts';
import type { RunRows } from './run-rows.ts';
import type { PairedRun } from './summary.ts';

/** Rows of one kind that a timeline keeps at most; the first ones in time. */
export const timelineRowsMax = 20_000;

/** What happened when: timeline.json. Times are simulated ms; lists are in the order of time. */
export interface TimelineFile {
  readonly end_ms: number;
  readonly phases: readonly {
    readonly time_ms: number;
    readonly migration: string;
    readonly vm: string;
    readonly phase: string;
    readonly reason: string;
  }[];
  readonly rounds: readonly TimelineRound[];
  readonly context_tasks: readonly TimelineTask[];
  readonly announcements: readonly {
    readonly time_ms: number;
    readonly migration: string;
    readonly vm: string;
    readonly host: string;
  }[];
  /** Switches and bridges that send a VM's frames another way, from its first request on. */
  readonly learnt: readonly { readonly time_ms: number; readonly place: string; readonly vm: string }[];
  /** The first packet that reached each moved VM after its resume, and the first from it that reached a peer. */
  readonly first_packets: readonly {
    readonly time_ms: number;
    readonly migration: string;
    readonly vm: string;
    readonly to: string;
    readonly flow: number;
  }[];
  /** When a probe of a kind would wrongly reach the VM. */
  readonly exposure: readonly {
    readonly start_ms: number;
    readonly end_ms: number;
    readonly vm: string;
    readonly kind: string;
  }[];
  /** Where connections stood still, see measures/connection-stalls.ts. */
  readonly stalls: readonly {
    readonly start_ms: number;
    readonly end_ms: number;
    readonly flow: number;
    readonly to: string;
    readonly delivered: boolean;
  }[];
  readonly ends: readonly {
    readonly time_ms: number;
    readonly flow: number;
    readonly how: string;
    readonly end: string;
  }[];
  readonly attacks_delivered: readonly {
    readonly time_ms: number;
    readonly kind: string;
    readonly flow: number;
  }[];
  /** The first divergence of each tuple from the reference that never moved, beyond those without migration. */
  readonly divergences: readonly {
    readonly time_ms: number;
    readonly kind: string;
    readonly cause: string;
    readonly host: string;
    readonly intent: string;
    readonly flow: number;
  }[];
  readonly examples: readonly TimelineExample[];
  /** How many rows of a list were too many to be kept, for those lists of which some were. */
  readonly left_out: Readonly<Record<string, number>>;
}

export interface TimelineRound {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly migration: string;
  readonly round: number;
  readonly stopped: boolean;
  readonly pages: number;
  readonly bytes: number;
}

export interface TimelineTask {
  readonly start_ms: number;
  /** When it was read at the source, and when its last byte had arrived at the destination. */
  readonly exported_ms: number;
  readonly arrived_ms: number;
  readonly end_ms: number;
  readonly migration: string;
  readonly engine: string;
  readonly part: string;
  readonly moment: string;
  readonly round: number;
  readonly items: number;
  readonly removals: number;
  readonly bytes: number;
  readonly refused: number;
}

/** The packet that shows one kind of event; see packet-examples.ts. */
export interface TimelineExample {
  readonly time_ms: number;
  readonly fate: string;
  readonly cause: string;
  readonly intent: string;
  readonly place: string;
  readonly flow: number;
  readonly packet: string;
}

/** The timeline of a run as JSON, one row a line: the same bytes each time. */
export function timelineText(pair: PairedRun): string {
  const { end_ms, left_out, ...lists } = timeline(pair);
  const shown = Object.entries(lists).map(([name, rows]: [string, readonly object[]]) =>
    rows.length === 0
      ? `"${name}":[]`
      : `"${name}":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`,
  );
  return `{"end_ms":${end_ms},\n${shown.join(',\n')},\n"left_out":${JSON.stringify(left_out)}}\n`;
}

export function timeline(pair: PairedRun): TimelineFile {
  const { rows } = pair.run;
  const whole = {
    phases: rows.phases.map(({ timeNs, migration, vm, phase, reason }) => ({
      ...{ time_ms: timeNs / ms, migration, vm, phase, reason },
    })),
    rounds: rows.memoryRounds.map(round),
    context_tasks: rows.contextTasks.map(task),
    announcements: rows.announcements.map(({ timeNs, migration, vm, host }) => ({
      ...{ time_ms: timeNs / ms, migration, vm, host },
    })),
    learnt: learnt(rows),
    first_packets: rows.firstPackets.map(({ timeNs, migration, vm, to, flow }) => ({
      ...{ time_ms: timeNs / ms, migration, vm, to, flow },
    })),
    exposure: exposure(rows),
    stalls: stalls(pair),
    ends: rows.connectionsEnded.map(({ timeNs, flow, how, end }) => ({
      ...{ time_ms: timeNs / ms, flow, how, end },
    })),
    attacks_delivered: rows.attacksDelivered.map(({ timeNs, kind, flow }) => ({
      ...{ time_ms: timeNs / ms, kind, flow },
    })),
    divergences: unpairedDivergences(rows.divergences, pair.control.rows.divergences)
      .added.filter(({ first }) => first)
      .map(({ timeNs, kind, cause, host, intent, flow }) => ({
        ...{ time_ms: timeNs / ms, kind, cause, host, intent, flow },
      })),
    examples: rows.examples.map(({ timeNs, fate, cause, intent, place, flow, packet }) => ({
      ...{ time_ms: timeNs / ms, fate, cause, intent, place, flow, packet },
    })),
  };
  const attacks = [...rows.deliveredToVm]
    .filter(([intent]) => intent !== 'legitimate')
    .reduce((sum, [, count]) => sum + count, 0);
  return capped(rows.endNs / ms, whole, { attacks_delivered: attacks });
}

type Lists = Omit<TimelineFile, 'end_ms' | 'left_out'>;

/** Each list to its first rows, and what that left out. */
function capped(
  end_ms: number,
  whole: Lists,
  inAll: Readonly<Partial<Record<keyof Lists, number>>>,
): TimelineFile {
  const names = Object.keys(whole) as (keyof Lists)[];
  const left_out: Record<string, number> = {};
  for (const name of names) {
    const left = (inAll[name] ?? whole[name].length) - Math.min(whole[name].length, timelineRowsMax);
    if (left > 0) left_out[name] = left;
  }
  const cut = <T>(rows: readonly T[]): readonly T[] => rows.slice(0, timelineRowsMax);
  return {
    end_ms,
    phases: cut(whole.phases),
    rounds: cut(whole.rounds),
    context_tasks: cut(whole.context_tasks),
    announcements: cut(whole.announcements),
    learnt: cut(whole.learnt),
    first_packets: cut(whole.first_packets),
    exposure: cut(whole.exposure),
    stalls: cut(whole.stalls),
    ends: cut(whole.ends),
    attacks_delivered: cut(whole.attacks_delivered),
    divergences: cut(whole.divergences),
    examples: cut(whole.examples),
    left_out,
  };
}

function round({
  startNs,
  endNs,
  migration,
  round: number,
  stopped,
  pages,
  bytes,
}: MemoryRound): TimelineRound {
  return { start_ms: startNs / ms, end_ms: endNs / ms, migration, round: number, stopped, pages, bytes };
}

function task({ startNs, exportedNs, arrivedNs, endNs, ...rest }: ContextTask): TimelineTask {
  const { migration, engine, part, moment, round: number, items, removals, bytes, refused } = rest;
  return {
    ...{
      start_ms: startNs / ms,
      exported_ms: exportedNs / ms,
      arrived_ms: arrivedNs / ms,
      end_ms: endNs / ms,
    },
    ...{ migration, engine, part, moment, round: number, items, removals, bytes, refused },
  };
}

function learnt({ phases, locationsLearnt }: RunRows): TimelineFile['learnt'] {
  const requested = new Map<string, number>();
  for (const { vm, phase, timeNs } of phases)
    if (phase === 'request' && !requested.has(vm)) requested.set(vm, timeNs);
  return locationsLearnt
    .filter(({ timeNs, vm }) => timeNs >= (requested.get(vm) ?? Infinity))
    .map(({ timeNs, place, vm }) => ({ time_ms: timeNs / ms, place, vm }));
}

/** The windows in which a VM was open to a kind of probe. */
function exposure({ exposureChanges, endNs: runEndNs }: RunRows): TimelineFile['exposure'] {
  return exposureWindows(exposureChanges, runEndNs)
    .filter(({ startNs, endNs }) => endNs > startNs)
    .map(({ startNs, endNs, vm, kind }) => ({ start_ms: startNs / ms, end_ms: endNs / ms, vm, kind }))
    .sort((a, b) => a.start_ms - b.start_ms);
}

/** Of all connections on which the migration left a trace. */
function stalls({ run, control, connections }: PairedRun): TimelineFile['stalls'] {
  const runs = { run: run.rows, control: control.rows };
  const states = new Map(run.rows.connectionStates.map((state) => [state.flow, state]));
  return connections
    .filter(({ outcome }) => outcome.kind !== 'untouched')
    .flatMap(({ opened: { flow } }) =>
      connectionStalls(runs, flow, states.get(flow) ?? null, owedDirection(runs, flow)).map(
        ({ to, startNs, endNs, delivered }) => ({
          ...{ start_ms: startNs / ms, end_ms: endNs / ms, flow, to, delivered },
        }),
      ),
    )
    .sort((a, b) => a.start_ms - b.start_ms || a.flow - b.flow);
}
