import type { Simulation } from '../../sim/simulation.ts';
import type { Observations, PhaseReached } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import type { RoundRecord } from './memory/memory-transfer.ts';
import { phaseSignals, type PhaseSignals } from './phase-signals.ts';

export interface PhaseJournalSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  /** Of the migration. */
  readonly name: string;
  readonly vm: { readonly name: string };
  readonly reference: Reference;
}

/** What one migration lets others see of its way: the phases that it reaches, its rounds, its throttling. */
export class PhaseJournal {
  /** Each fires when its phase is reached first. */
  readonly phases: PhaseSignals = phaseSignals();
  private readonly setup: PhaseJournalSetup;

  constructor(setup: PhaseJournalSetup) {
    this.setup = setup;
  }

  /** A phase is reached; a second time says nothing. */
  reach(phase: keyof PhaseSignals): void {
    if (this.phases[phase].fired) return;
    this.phases[phase].fire();
    this.setup.reference.touched(null);
    this.publish(phase, '');
  }

  publish(phase: PhaseReached['phase'], reason: string): void {
    const { simulation, observations, name, vm } = this.setup;
    const { nowNs: timeNs } = simulation;
    observations.migrationPhase.publish({ timeNs, migration: name, vm: vm.name, phase, reason });
  }

  roundEnded(record: RoundRecord): void {
    const { observations, name } = this.setup;
    const { memoryRound } = observations;
    if (!memoryRound.observed) return;
    const { round, phase, startNs, endNs, pages, bytes } = record;
    const stopped = phase === 'stopped';
    memoryRound.publish({ migration: name, round, stopped, startNs, endNs, pages, bytes });
  }

  throttled(percent: number): void {
    const { simulation, observations, name } = this.setup;
    observations.vcpuThrottled.publish({ timeNs: simulation.nowNs, migration: name, percent });
  }
}
