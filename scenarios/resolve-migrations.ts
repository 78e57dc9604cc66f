import { defaults } from './file/defaults.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { findSchemePreset } from './presets/scheme-presets.ts';
import { memoryContradictions } from './memory-contradictions.ts';
import { attemptNames, migrationAttempts } from './migration-attempts.ts';
import { moveContradictions } from './move-contradictions.ts';
import { refuseUnreached } from './refuse-unreached.ts';
import type { Machines } from './resolve-machines.ts';
import { placedItems, refuseDuplicates } from './resolution.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { HostSpec, MigrationSpec, Trigger, VirtualMachineSpec } from './scenario.ts';
import { schemeContradictions } from './scheme-contradictions.ts';
import type { FieldPath } from './source-problem.ts';
import { formatQuantity } from './units.ts';
import { VmPlaces } from './vm-places.ts';

type MigrationFile = ScenarioFile['migrations'][number];

/** Who moves where, when and how: names, places and triggers held against each other. */
export function resolveMigrations(
  resolution: Resolution,
  { virtualMachines, hosts }: Machines,
  untilNs: number,
): MigrationSpec[] {
  const placed = withNames(placedItems(resolution, 'migrations'));
  refuseDuplicates(placed.flatMap(namedAttempts), 'migrations', resolution.problems);
  checkTriggers(placed, resolution);
  checkOrder(placed, resolution);
  const places = new VmPlaces(virtualMachines.map(({ name, host }) => [name, host]));
  const attempts = new Map(placed.map(({ item }) => [item.name, item.retry.attempts]));
  const vms = new Map(virtualMachines.map((vm) => [vm.name, vm]));
  const specs = placed.map((migration) => {
    const spec = resolveMigration(migration, places, attempts, resolution);
    if (spec.trigger.kind === 'time' && spec.trigger.atNs >= untilNs) {
      resolution.problems.add(
        [...migration.path, 'at'],
        'is not before the run ends',
        'a time before `until`',
      );
    }
    if (spec.giveUpNs === 0) {
      resolution.problems.add(
        [...migration.path, 'give_up'],
        'leaves no time to move',
        'more than 0 s, or never',
      );
    }
    places.note({ ...spec, after: migration.item.after });
    refuseContradictions(migration.path, spec, hosts, resolution);
    refuseMove(migration.path, spec, vms.get(spec.vm), hosts, resolution);
    return spec;
  });
  placed.forEach(({ item, path }) => refuseUnreached(path, item.after, specs, resolution.problems));
  return specs.flatMap((spec, index) => {
    const { attempts: tries, pause } = placed[index]!.item.retry;
    return migrationAttempts(spec, tries, pause);
  });
}

/** Attempts take names too. */
function namedAttempts({ item, ...place }: Placed<Named>): Placed<{ readonly name: string }>[] {
  return attemptNames(item.name, item.retry.attempts).map((name) => ({ item: { name }, ...place }));
}

/** A preset that does not go with the engines of the hosts; schemes of the file are looked at where they stand. */
function refuseContradictions(
  path: FieldPath,
  spec: MigrationSpec,
  hosts: readonly HostSpec[],
  { problems, parsed }: Resolution,
): void {
  const { scheme } = spec;
  if (findSchemePreset(scheme.name) === undefined) return;
  const world = { hosts, routes: [spec], ownEngines: parsed.file.modules.length > 0 };
  for (const { field, message, allowed } of schemeContradictions(scheme, world)) {
    problems.add([...path, 'scheme'], `${scheme.name}, ${field.join('.')}: ${message}`, allowed);
  }
}

/** What the scheme says against this VM or these hosts, told once for all VMs of a template. */
function refuseMove(
  path: FieldPath,
  spec: MigrationSpec,
  vm: VirtualMachineSpec | undefined,
  hosts: readonly HostSpec[],
  { problems, parsed }: Resolution,
): void {
  if (vm === undefined) return;
  for (const { message, allowed } of memoryContradictions(vm.memory, spec.scheme.memory)) {
    problems.add([...path, 'vm'], message, allowed);
  }
  // Of a host that is written wrongly nobody knows what it has.
  if (parsed.problems.some(({ path: [section] }) => section === 'hosts')) return;
  for (const { field, message, allowed } of moveContradictions(spec.scheme, vm, spec, hosts)) {
    problems.addOnce([...path, field], message, allowed);
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
  places: VmPlaces,
  attempts: ReadonlyMap<string, number>,
  resolution: Resolution,
): MigrationSpec {
  const { problems, names, schemes } = resolution;
  if (!names.vms.has(item.vm)) problems.unknown([...path, 'vm'], 'VM', item.vm, names.vms);
  if (!names.hosts.has(item.destination)) {
    problems.unknown([...path, 'destination'], 'host', item.destination, names.hosts);
  }
  const scheme = schemes.find(({ name }) => name === item.scheme);
  // A scheme of the file in which something is wrong is told of where it stands.
  const written = resolution.parsed.written('schemes').some((each) => isNamed(each, item.scheme));
  if (scheme === undefined && !written) {
    const known = schemes.map(({ name }) => name);
    problems.unknown([...path, 'scheme'], 'scheme', item.scheme, known);
  }
  const source = sourceOf(item, path, places, resolution);
  const [start = source, another] = places.startsOf({ vm: item.vm, after: item.after });
  if ((another === undefined ? start : source) === item.destination) {
    problems.add([...path, 'destination'], `${item.vm} is on ${item.destination} already`, 'another host');
  }
  return {
    name: item.name,
    move: item.name,
    attempt: 1,
    vm: item.vm,
    source,
    destination: item.destination,
    // With an unknown name any scheme does: the problem ends the reading of the file.
    scheme: scheme ?? schemes[0]!,
    trigger: triggerOf(item, attempts),
    giveUpNs: item.give_up,
  };
}

function isNamed(written: unknown, name: string): boolean {
  return typeof written === 'object' && written !== null && 'name' in written && written.name === name;
}

function triggerOf({ at, after }: Named, attempts: ReadonlyMap<string, number>): Trigger {
  return after === undefined
    ? { kind: 'time', atNs: at ?? defaults.migration.at }
    : phaseTrigger(after, attempts);
}

/** Any of a migration's attempts starts what waits for a phase of it; but it has failed only with the last one. */
export function phaseTrigger(
  { migration, phase, delay }: NonNullable<MigrationFile['after']>,
  attempts: ReadonlyMap<string, number>,
): Trigger {
  const names = attemptNames(migration, attempts.get(migration) ?? 1);
  return {
    kind: 'phase',
    migrations: phase === 'failed' ? names.slice(-1) : names,
    phase,
    delayNs: delay,
  };
}

function sourceOf(item: Named, path: FieldPath, places: VmPlaces, { problems, names }: Resolution): string {
  const starts = places.startsOf({ vm: item.vm, after: item.after });
  const place = starts.join(' or ');
  if (item.source === undefined) {
    if (starts.length > 1) {
      const message = `${item.vm} may be on ${place} by then`;
      problems.add([...path, 'destination'], message, '`source`, or `after` what brings it there');
    }
    return starts[0] ?? '';
  }
  if (!names.hosts.has(item.source)) problems.unknown([...path, 'source'], 'host', item.source, names.hosts);
  else if (starts.length > 0 && !starts.includes(item.source)) {
    const failed = 'where the last one has failed: `after` its phase `failed`, or `retry` there';
    problems.add(
      [...path, 'source'],
      `${item.vm} is on ${place} by then`,
      `${place}, or no \`source\`; ${failed}`,
    );
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

/** A VM's moves are listed as they happen: the next one cannot begin before, or with, the last one. */
function checkOrder(placed: readonly Placed<Named>[], { problems }: Resolution): void {
  const lastNs = new Map<string, number>();
  const later = new Map(placed.map(({ item }) => [item.name, item.vm]));
  for (const { item, path } of placed) {
    later.delete(item.name);
    if (item.after !== undefined) {
      const { migration } = item.after;
      const message = `${migration} moves ${item.vm} too, and stands further down`;
      if (later.get(migration) === item.vm)
        problems.add([...path, 'after', 'migration'], message, 'a VM’s migrations as they follow each other');
      continue;
    }
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
