import { enginePlan } from '../models/migration/engine-plan.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import { givesNothing } from '../models/security/export-levels.ts';
import { enginesBetween } from './engines-between.ts';
import type { EngineSpec, HostSpec } from './scenario.ts';
import type { Contradiction } from './scheme-contradictions.ts';

/** The hosts, and between which of them VMs go under the scheme in question. */
export interface EngineWorld {
  readonly hosts: readonly HostSpec[];
  readonly routes: readonly Route[];
  /** Whether programs of the user's own add engines, whose names nobody knows before they run. */
  readonly ownEngines: boolean;
}

export interface Route {
  readonly source: string;
  readonly destination: string;
}

/** A plan moves items only of engines that there are, and that give them away. */
export function contradictionsOfEngines(scheme: Scheme, world: EngineWorld): Contradiction[] {
  return [...unknownEngines(scheme, world), ...plannedTwice(scheme), ...muteEngines(scheme, world)];
}

function unknownEngines({ context }: Scheme, { hosts, ownEngines }: EngineWorld): Contradiction[] {
  if (ownEngines) return [];
  const { engines: chosen, perEngine } = context;
  const all = hosts.flatMap(({ engines }) => engines);
  const names = [...new Set(all.map(({ name }) => name))].join(', ');
  const words = [
    ...(chosen === 'all' ? [] : chosen).map((word) => ({ word, field: ['context', 'engines'] })),
    ...perEngine.map(({ engine }, index) => {
      return { word: engine, field: ['context', 'per_engine', index, 'engine'] };
    }),
  ];
  return words
    .filter(({ word }) => !isKnown(word, all))
    .map(({ word, field }) => ({
      field,
      message: `names "${word}", which no host has`,
      allowed: `${field.length === 2 ? 'all, or ' : ''}names or kinds of engines: ${names}`,
    }));
}

function isKnown(word: string, engines: readonly EngineSpec[]): boolean {
  // The firewall is named by the presets of today's platforms, whether a scenario has one or not.
  if (word === 'stateful-firewall') return true;
  return engines.some(({ name, kind }) => name === word || kind === word);
}

function plannedTwice({ context: { perEngine } }: Scheme): Contradiction[] {
  return perEngine.flatMap(({ engine }, index) => {
    if (perEngine.findIndex((plan) => plan.engine === engine) === index) return [];
    const field = ['context', 'per_engine', index, 'engine'];
    return [{ field, message: `plans "${engine}" twice`, allowed: 'one plan for each' }];
  });
}

/** Engines that VMs leave, and meet again where they go, of which the plan moves what they do not give away. */
function muteEngines({ context }: Scheme, { hosts, routes }: EngineWorld): Contradiction[] {
  const found = new Map<string, Contradiction>();
  for (const { source, destination } of routes) {
    for (const { from: engine } of enginesBetween(hosts, source, destination).moved) {
      const mute = engine.kind !== 'stateful-firewall' && givesNothing(engine.kind, engine.exports);
      if (!mute || enginePlan(context, engine).entries.length === 0) continue;
      const message = `moves what ${engine.name} on ${source} cannot export`;
      const some = givesNothing(engine.kind, 'partial') ? 'full' : 'full or partial';
      const allowed = `engines without ${engine.name}, or exports: ${some} there`;
      found.set(message, { field: ['context', 'engines'], message, allowed });
    }
  }
  return [...found.values()];
}

/** Zones and marks tell VMs apart only where a host's tables have them; a table for each VM needs neither. */
export function missingKeys({ selection, cleanup }: Scheme, hosts: readonly HostSpec[]): Contradiction[] {
  const needs = { zone: 'per-zone', mark: 'marked' } as const;
  const places = [
    { field: ['selection', 'by'], by: selection.by },
    { field: ['cleanup', 'by'], by: cleanup.by },
  ];
  return places.flatMap(({ field, by }) => {
    if (by === 'interface' || by === 'address') return [];
    const without = hosts.find(({ engines }) =>
      engines.some(
        (engine) =>
          engine.kind === 'stateful-firewall' && engine.table !== 'per-vm' && engine.table !== needs[by],
      ),
    );
    if (without === undefined) return [];
    const message = `selects by ${by}, which the tables of ${without.name} do not have`;
    return [{ field, message, allowed: `interface, address, or tables that are ${needs[by]}` }];
  });
}
