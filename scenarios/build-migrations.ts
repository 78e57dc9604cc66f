import { createMemoryTransfer } from '../models/migration/memory/create-memory-transfer.ts';
import { qemuRoundsOf, type MemoryPlan } from '../models/migration/memory/memory-plan.ts';
import type { MemorySurroundings, MemoryTransfer } from '../models/migration/memory/memory-transfer.ts';
import type { Learners } from '../models/migration/learners.ts';
import { Migration } from '../models/migration/migration.ts';
import { MigrationSlots } from '../models/migration/migration-slots.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import type { FluidNetwork } from '../models/network/fluid-network.ts';
import type { FluidMedium } from '../models/network/fluid-medium.ts';
import type { EndingStream } from '../models/network/stream.ts';
import type { CpuTask } from '../models/observations.ts';
import type { Guest } from './build-guests.ts';
import type { Network } from './build-network.ts';
import type { Building } from './building.ts';
import { named } from './named.ts';
import type { MigrationSpec } from './scenario.ts';
import { whenReached } from './when-reached.ts';

/** How migrations get what they work with. */
export interface MigrationMachinery {
  transferMemory(plan: MemoryPlan, surroundings: MemorySurroundings): MemoryTransfer;
  /** A stream of that weight from source to destination, beside others. */
  openStream(
    building: Building,
    fluid: FluidNetwork,
    path: readonly FluidMedium[],
    weight: number,
  ): EndingStream;
}

/** As the plans say. */
export const plannedMachinery: MigrationMachinery = {
  transferMemory: createMemoryTransfer,
  openStream: (_, fluid, path, weight) => fluid.stream(path, weight),
};

/** Builds the migrations that the scenario names, each waiting for its time. */
export function buildMigrations(
  building: Building,
  network: Network,
  guests: ReadonlyMap<string, Guest>,
  learners: Learners,
  how: { readonly scheme: Scheme | 'as-written'; readonly machinery: MigrationMachinery },
): Migration[] {
  const { scenario, simulation, observations, chance } = building;
  const { scheme, machinery } = how;
  const slots = new MigrationSlots(scenario.migrationsPerHostMax);
  const byName = new Map<string, Migration>();
  for (const spec of scenario.migrations) {
    const guest = named(guests, spec.vm);
    const source = named(network.hosts, spec.source);
    const destination = named(network.hosts, spec.destination);
    const chosen = scheme === 'as-written' ? spec.scheme : scheme;
    const migration = new Migration({
      simulation,
      observations,
      name: spec.name,
      vm: guest.vm,
      source,
      destination,
      scheme: chosen,
      reference: guest.reference,
      slots,
      learners,
      giveUpNs: spec.giveUpNs,
      openStream: (weight) =>
        machinery.openStream(
          building,
          network.fluid,
          network.migrationPath(source, destination, sendsByThread(chosen.memory)),
          weight,
        ),
      openReturn: () =>
        machinery.openStream(building, network.fluid, network.migrationPath(destination, source, true), 1),
      transferMemory: (stream, hooks) =>
        machinery.transferMemory(chosen.memory, {
          simulation,
          clock: guest.vm.clock,
          memory: guest.vm.memory,
          stream,
          chance: chance.stream(spec.name, 'memory transfer'),
          roundStarted: (round) => hooks.roundStarted(round),
          roundEnded: (record) => hooks.roundEnded(record),
          throttled: (percent) => hooks.throttled(percent),
          work: (cpuNs) => source.cpu.work(sendersTask(chosen.memory), cpuNs),
          compress: (cpuNs) => source.cpu.work('compression', cpuNs),
          unpack: (cpuNs) => destination.cpu.work('compression', cpuNs),
        }),
    });
    byName.set(spec.name, migration);
  }
  for (const spec of scenario.migrations) trigger(building, spec, byName);
  return [...byName.values()];
}

/** QEMU's thread takes its own CPU time for each page; other plans copy as fast as the CPUs let them. */
function sendsByThread(plan: MemoryPlan): boolean {
  return qemuRoundsOf(plan) !== null;
}

function sendersTask(plan: MemoryPlan): CpuTask {
  const delta = qemuRoundsOf(plan)?.delta.kind ?? 'none';
  return delta === 'none' ? 'copying' : 'compression';
}

/**
 * Starts the migration at its time, or after a phase of another one, plus a draw common to all schemes. A further
 * attempt begins its pause after the last one, to the nanosecond, and not at all with a VM that has died.
 */
function trigger(building: Building, spec: MigrationSpec, migrations: ReadonlyMap<string, Migration>): void {
  const { scenario, simulation, chance } = building;
  const migration = named(migrations, spec.name);
  const again = spec.attempt > 1;
  const { from, to } = scenario.startWindowNs;
  const draw = again ? 0 : from + Math.floor(chance.stream(spec.name, 'start').uniform(0) * (to - from));
  if (spec.trigger.kind === 'time') {
    simulation.scheduleAt(spec.trigger.atNs + draw, start, migration);
    return;
  }
  const { delayNs } = spec.trigger;
  whenReached(spec.trigger, migrations, () => {
    if (!again || !migration.vm.dead) simulation.schedule(delayNs + draw, start, migration);
  });
}

function start(migration: Migration): void {
  migration.start();
}
