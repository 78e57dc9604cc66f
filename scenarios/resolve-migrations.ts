import { defaults } from './file/defaults.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { findSchemePreset } from './presets/scheme-presets.ts';
import { memoryContradictions } from './memory-contradictions.ts';
import type { Machines } from './resolve-machines.ts';
import { placedItems, refuseDuplicates } from './resolution.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { HostSpec, MigrationSpec } from './scenario.ts';
import { schemeContradictions } from './scheme-contradictions.ts';
import type { FieldPath } from './source-problem.ts';
import { formatQuantity } from './units.ts';

type MigrationFile = ScenarioFile['migrations'][number];

/** Who moves where, when and how: names, places and triggers held against each other. */
export function resolveMigrations(
  resolution: Resolution,
  { virtualMachines, hosts }: Machines,
  untilNs: number,
): MigrationSpec[] {
  const placed = withNames(placedItems(resolution, 'migrations'));
  refuseDuplicates(placed, 'migrations', resolution.problems);
  checkTriggers(placed, resolution);
  checkOrder(placed, resolution);
  const places = new Map(virtualMachines.map(({ name, host }) => [name, host]));
  const memories = new Map(virtualMachines.map(({ name, memory }) => [name, memory]));
  return placed.map((migration) => {
    const spec = resolveMigration(migration, places, resolution);
    if (spec.trigger.kind === 'time' && spec.trigger.atNs >= untilNs) {
      resolution.problems.add(
        [...migration.path, 'at'],
        'is not before the run ends',
        'a time before `until`',
      );
    }
    places.set(spec.vm, spec.destination);
    refuseContradictions(migration.path, spec, hosts, resolution);
    const memory = memories.get(spec.vm);
    for (const { message, allowed } of memory ? memoryContradictions(memory, spec.scheme.memory) : []) {
      resolution.problems.add([...migration.path, 'vm'], message, allowed);
    }
    return spec;
  });
}

/** A preset that does not go with the engines of the hosts; schemes of the file are looked at where they stand. */
function refuseContradictions(
  path: FieldPath,
  { scheme }: MigrationSpec,
  hosts: readonly HostSpec[],
  { problems }: Resolution,
): void {
  if (findSchemePreset(scheme.name) === undefined) return;
  for (const { field, message, allowed } of schemeContradictions(scheme, hosts)) {
    problems.add([...path, 'scheme'], `${scheme.name}, ${field.join('.')}: ${message}`, allowed);
  }
}

type Named = MigrationFile & { readonly name: string };

/** Migrations without a name take the VM's, numbered from its second on. */
function withNames(placed: readonly Placed<MigrationFile>[]): Placed<Named>[] {
  const moves = new Map<string, number>();
  return placed.map(({ item, index, path }) => {
    const nth = (moves.get(item.vm) ?? 0) + 1;
    moves.set(item.vm, nth);
    return { item: { ...item, name: item.name ?? (nth === 1 ? item.vm : `${item.vm}-${nth}`) }, index, path };
  });
}

function resolveMigration(
  { item, path }: Placed<Named>,
  places: ReadonlyMap<string, string>,
  resolution: Resolution,
): MigrationSpec {
  const { problems, names, schemes } = resolution;
  if (!names.vms.has(item.vm)) problems.unknown([...path, 'vm'], 'VM', item.vm, names.vms);
  if (!names.hosts.has(item.destination)) {
    problems.unknown([...path, 'destination'], 'host', item.destination, names.hosts);
  }
  const scheme = schemes.find(({ name }) => name === item.scheme);
  if (scheme === undefined) {
    const known = schemes.map(({ name }) => name);
    problems.unknown([...path, 'scheme'], 'scheme', item.scheme, known);
  }
  const source = sourceOf(item, path, places, resolution);
  if ((places.get(item.vm) ?? source) === item.destination) {
    problems.add([...path, 'destination'], `${item.vm} is on ${item.destination} already`, 'another host');
  }
  return {
    name: item.name,
    vm: item.vm,
    source,
    destination: item.destination,
    // With an unknown name any scheme does: the problem ends the reading of the file.
    scheme: scheme ?? schemes[0]!,
    trigger:
      item.after === undefined
        ? { kind: 'time', atNs: item.at ?? defaults.migration.at }
        : {
            kind: 'phase',
            migration: item.after.migration,
            phase: item.after.phase,
            delayNs: item.after.delay,
          },
    giveUpNs: item.give_up,
  };
}

function sourceOf(
  item: Named,
  path: FieldPath,
  places: ReadonlyMap<string, string>,
  { problems, names }: Resolution,
): string {
  const place = places.get(item.vm);
  if (item.source === undefined) return place ?? '';
  if (!names.hosts.has(item.source)) problems.unknown([...path, 'source'], 'host', item.source, names.hosts);
  else if (place !== undefined && place !== item.source) {
    problems.add([...path, 'source'], `${item.vm} is on ${place} by then`, `${place}, or no \`source\``);
  }
  return item.source;
}

/** `at` and `after` exclude each other; what another migration starts must not wait for itself. */
function checkTriggers(placed: readonly Placed<Named>[], { problems }: Resolution): void {
  const waitsFor = new Map(placed.map(({ item }) => [item.name, item.after?.migration]));
  for (const { item, path } of placed) {
    if (item.after === undefined) continue;
    if (item.at !== undefined) problems.add([...path, 'at'], 'stands beside `after`', 'one of the two');
    const { migration } = item.after;
    if (!waitsFor.has(migration)) {
      problems.unknown([...path, 'after', 'migration'], 'migration', migration, waitsFor.keys());
    } else if (isCircular(item.name, waitsFor)) {
      problems.add([...path, 'after'], `${item.name} would wait for itself`, 'a chain that begins at a time');
    }
  }
}

/** A VM's moves are listed in the order of their times: the next one cannot begin before, or with, the last one. */
function checkOrder(placed: readonly Placed<Named>[], { problems }: Resolution): void {
  const lastNs = new Map<string, number>();
  for (const { item, path } of placed) {
    if (item.after !== undefined) continue;
    const atNs = item.at ?? defaults.migration.at;
    const before = lastNs.get(item.vm);
    if (before !== undefined && atNs <= before) {
      const message = `${item.vm} is moving already by then`;
      problems.add([...path, 'at'], message, `later than ${formatQuantity(before, 'time')}`);
    }
    lastNs.set(item.vm, atNs);
  }
}

function isCircular(name: string, waitsFor: ReadonlyMap<string, string | undefined>): boolean {
  let next = waitsFor.get(name);
  for (let steps = 0; next !== undefined && steps <= waitsFor.size; steps++) {
    if (next === name) return true;
    next = waitsFor.get(next);
  }
  return false;
}
