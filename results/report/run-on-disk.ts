import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvParse } from 'd3-dsv';
import { ScenarioError } from '../../sim/assert.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Comparison } from '../compare.ts';
import type { Manifest } from '../manifest.ts';
import { runDirectory } from '../run-directory.ts';
import type { RunSummary } from '../summary.ts';
import type { TimelineFile } from '../timeline-file.ts';

/** A finished run, read from its directory. */
export interface RunOnDisk extends MovesOnDisk {
  readonly connections: readonly ConnectionOnDisk[];
  readonly drops: readonly DropOnDisk[];
}

/** What moved when, and what came through: a run without its longest tables. */
export interface MovesOnDisk {
  readonly scheme: string;
  readonly manifest: Manifest;
  readonly scenario: Scenario;
  readonly summary: RunSummary;
  readonly timeline: TimelineFile;
  readonly series: readonly SeriesOnDisk[];
}

export interface ConnectionOnDisk {
  readonly flow: number;
  readonly workload: string;
  readonly vm: string;
  readonly peer: string;
  readonly initiator: string;
  readonly openedMs: number;
  readonly outcome: string;
  readonly delayMs: number;
  readonly messages: number;
}

export interface DropOnDisk {
  readonly timeMs: number;
  readonly place: string;
  readonly cause: string;
  readonly intent: string;
  readonly flow: number;
}

export interface SeriesOnDisk {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly toVm: number;
  readonly bytes: number;
  readonly attacks: number;
  readonly legitimateDropped: number;
  readonly lost: number;
  readonly attacksDropped: number;
}

/** The runs of a directory: one, or those of a comparison in its order. Throws a ScenarioError when it holds neither. */
export function runsOnDisk(directory: string): RunOnDisk[] {
  return runDirectories(directory).map(readRun);
}

/** The same without connections and drops, which may be long. */
export function movesOnDisk(directory: string): MovesOnDisk[] {
  return runDirectories(directory).map(readMoves);
}

function runDirectories(directory: string): string[] {
  if (existsSync(join(directory, 'summary.json'))) return [directory];
  const file = join(directory, 'compare.json');
  if (!existsSync(file)) throw notThere(directory, 'holds no run and no comparison');
  const { scenario, seed, repetition, schemes } = json(file) as Comparison;
  return schemes.map(({ scheme }) =>
    runDirectory(join(directory, '..'), {
      scenario: scenarioFolder(directory, scenario),
      scheme,
      seed,
      repetition,
    }),
  );
}

/** The comparison's directory bears the scenario's name, unless somebody has moved it. */
function scenarioFolder(directory: string, scenario: string): string {
  const parts = directory.replace(/\/+$/, '').split('/');
  return parts.at(-1) ?? scenario;
}

function readRun(directory: string): RunOnDisk {
  return {
    ...readMoves(directory),
    connections: table(directory, 'connections', (row) => ({
      ...{ flow: row.number('flow'), workload: row.text('workload'), vm: row.text('vm') },
      ...{ peer: row.text('peer'), initiator: row.text('initiator'), openedMs: row.number('opened_ms') },
      ...{ outcome: row.text('outcome'), delayMs: row.number('delay_ms'), messages: row.number('messages') },
    })),
    drops: table(directory, 'drops', (row) => ({
      ...{ timeMs: row.number('time_ms'), place: row.text('place'), cause: row.text('cause') },
      ...{ intent: row.text('intent'), flow: row.number('flow') },
    })),
  };
}

function readMoves(directory: string): MovesOnDisk {
  const manifest = json(need(directory, 'run.json')) as Manifest;
  return {
    scheme: manifest.schemes[0] ?? '',
    manifest,
    scenario: manifest.resolved_scenario,
    summary: json(need(directory, 'summary.json')) as RunSummary,
    timeline: json(need(directory, 'timeline.json')) as TimelineFile,
    series: table(directory, 'series', (row) => ({
      ...{ startMs: row.number('start_ms'), lengthMs: row.number('length_ms') },
      ...{ toVm: row.number('delivered_to_vm') },
      ...{ bytes: row.number('delivered_bytes'), attacks: row.number('attacks_delivered') },
      ...{ legitimateDropped: row.number('legitimate_dropped_by_engine') },
      ...{ lost: row.number('dropped_otherwise'), attacksDropped: row.number('attacks_dropped_by_engine') },
    })),
  };
}

function need(directory: string, name: string): string {
  const file = join(directory, name);
  if (!existsSync(file)) throw notThere(directory, `holds no ${name}`);
  return file;
}

/** A row of a table, read by the names of its columns. */
interface NamedRow {
  text(column: string): string;
  number(column: string): number;
}

function table<T extends object>(directory: string, name: string, read: (row: NamedRow) => T): T[] {
  const file = `${name}.csv`;
  return csvParse(readFileSync(need(directory, file), 'utf8'), (row) => {
    const text = (column: string): string => {
      const value = row[column];
      if (value === undefined) throw notThere(directory, `its ${file} has no column ${column}`);
      return value;
    };
    return read({ text, number: (column) => Number(text(column)) });
  });
}

function json(file: string): unknown {
  const text = readFileSync(file, 'utf8').trim();
  if (!text.startsWith('{') || !text.endsWith('}')) throw notThere(file, 'is damaged');
  return JSON.parse(text);
}

function notThere(place: string, message: string): ScenarioError {
  const allowed = 'a directory that nseh run or nseh compare wrote, such as out/quickstart';
  return new ScenarioError([{ place, message, allowed }]);
}
