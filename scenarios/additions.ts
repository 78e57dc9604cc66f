import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ScenarioError } from '../sim/assert.ts';
import type { SecurityEngine } from '../models/security/security-engine.ts';
import type { MakeWorkload } from './build-cluster.ts';
import type { ModuleSpec } from './scenario.ts';

/** What programs of the user's own add to a cluster. */
export interface Additions {
  readonly workloads: readonly MakeWorkload[];
  /** Each is an engine of every host, after those that the scenario names. */
  readonly engines: readonly MakeEngine[];
}

/** Makes one engine for a host, or for the reference of a VM, which never moves: then the host is null. */
export type MakeEngine = (place: {
  readonly host: string | null;
  readonly costScale: number;
}) => SecurityEngine;

/** The default export of a module that a scenario names; it is called once for each run's scenario. */
export type MakeAdditions = (options: Readonly<Record<string, unknown>>) => Partial<Additions>;

/** Nothing. */
export const noAdditions: Additions = { workloads: [], engines: [] };

/** Imports the modules of a scenario and has them make what they add. A {@link ScenarioError} names one that cannot. */
export async function importAdditions(modules: readonly ModuleSpec[]): Promise<Additions> {
  const workloads: MakeWorkload[] = [];
  const engines: MakeEngine[] = [];
  for (const { path, options } of modules) {
    const url = pathToFileURL(resolve(path)).href;
    const { default: make } = await import(url).then(
      (imported: { readonly default?: unknown }) => imported,
      (error: unknown) => {
        throw refused(path, `cannot be imported: ${said(error)}`);
      },
    );
    if (typeof make !== 'function') throw refused(path, 'has no function as its default export');
    const made = await Promise.resolve(options)
      .then(make as (options: unknown) => unknown)
      .then(
        (result) => result,
        (error: unknown) => {
          throw error instanceof ScenarioError ? error : refused(path, `throws: ${said(error)}`);
        },
      );
    if (!isAdditions(made)) throw refused(path, 'returns something else than lists of functions');
    workloads.push(...(made.workloads ?? []));
    engines.push(...(made.engines ?? []));
  }
  return { workloads, engines };
}

function isAdditions(made: unknown): made is Partial<Additions> {
  if (typeof made !== 'object' || made === null) return false;
  return Object.entries(made).every(
    ([key, list]) =>
      (key === 'workloads' || key === 'engines') &&
      (list === undefined ||
        (Array.isArray(list) && list.every((each: unknown) => typeof each === 'function'))),
  );
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refused(path: string, message: string): ScenarioError {
  const allowed = 'a module such as: export default (options) => ({ workloads: [ … ], engines: [ … ] })';
  return new ScenarioError([{ place: path, message, allowed }]);
}
