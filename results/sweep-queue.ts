import type { Scenario } from '../scenarios/scenario.ts';
import type { SweepRun } from './run-sweep.ts';
import type { CellGroup } from './sweep-plan.ts';
import type { SweepTask, SweepUnit, UnitRun } from './sweep-task.ts';

/** A task and whose it is. */
export interface QueuedTask {
  readonly group: CellGroup;
  readonly task: SweepTask;
}

/** A group that is being handed out: its scenario, and the repetitions that nobody has had. */
interface OpenGroup {
  readonly group: CellGroup;
  readonly scenario: Scenario;
  readonly units: OpenUnit[];
}

/** A unit before it is handed out. Its commands are made then: a group may have a hundred thousand of them. */
interface OpenUnit {
  readonly repetition: number;
  readonly runs: Omit<UnitRun, 'replayCommand'>[];
}

/**
 * Hands out the work of a sweep, group by group, in tasks of about a tenth of a second: large enough that handing
 * them out costs little, small enough that workers end together. What runs never depends on who takes it when.
 */
export class SweepQueue {
  /** Whether work was left undone on purpose. */
  abandoned = false;
  private readonly run: SweepRun;
  /** Groups to look at for work, the next one last. */
  private readonly groups: CellGroup[];
  /** The group that is being handed out. */
  private current: OpenGroup | null = null;
  /** By cell: repetitions below this were handed out, or had ended before. */
  private readonly handedOut = new Map<number, number>();
  private waiting: (() => void)[] = [];
  private underWay = 0;
  private wallMs = 0;
  private ended = 0;

  constructor(run: SweepRun) {
    this.run = run;
    this.groups = [...run.groups].reverse();
  }

  /** The next task; waits where further work depends on what is under way; null when there is none left. */
  async take(): Promise<QueuedTask | null> {
    for (;;) {
      const next = this.next();
      if (next !== null) this.underWay++;
      if (next !== null || this.underWay === 0 || this.abandoned) return next;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** A task that was taken has ended. */
  done({ group }: QueuedTask): void {
    this.underWay--;
    // A cell that is repeated until it is known well enough may want more.
    if (this.run.plan.sweep.until !== null) this.groups.push(group);
    this.waiting.forEach((resolve) => resolve());
    this.waiting = [];
  }

  /** Hands out nothing more. */
  abandon(): void {
    this.abandoned = true;
  }

  /** Notes how long a run took, from which the size of tasks is chosen. */
  noteWall(wallMs: number): void {
    this.wallMs += wallMs;
    this.ended++;
  }

  private next(): QueuedTask | null {
    while (!this.abandoned && !this.run.stop.aborted) {
      if (this.current !== null && this.current.units.length > 0) {
        const { group, scenario, units } = this.current;
        const taken = units.splice(0, this.unitsInTask()).map((unit) => this.withCommands(group, unit));
        return { group, task: { scenario, seed: this.run.plan.seed, units: taken } };
      }
      const group = this.groups.pop();
      if (group === undefined) return null;
      this.current = this.open(group);
    }
    return null;
  }

  /** The scenario is made once for all tasks of the group, which may be thousands. */
  private open(group: CellGroup): OpenGroup | null {
    const units = this.unitsOf(group);
    return units.length === 0 ? null : { group, units, scenario: this.run.plan.scenarioOf(group) };
  }

  /** The repetitions of a group that nobody has had yet. */
  private unitsOf(group: CellGroup): OpenUnit[] {
    const units = new Map<number, OpenUnit>();
    for (const { index: cell, choice } of group.cells) {
      const progress = this.run.progress[cell]!;
      progress.extend();
      const from = this.handedOut.get(cell) ?? 0;
      for (let repetition = from; repetition < progress.target; repetition++) {
        if (progress.has(repetition)) continue;
        const unit = units.get(repetition);
        if (unit === undefined) units.set(repetition, { repetition, runs: [{ cell, choice }] });
        else unit.runs.push({ cell, choice });
      }
      this.handedOut.set(cell, progress.target);
    }
    return [...units.values()].sort((a, b) => a.repetition - b.repetition);
  }

  private withCommands(group: CellGroup, { repetition, runs }: OpenUnit): SweepUnit {
    const command = (cell: number): string => this.run.replayCommand({ group, cell, repetition });
    return { repetition, runs: runs.map((run) => ({ ...run, replayCommand: command(run.cell) })) };
  }

  private unitsInTask(): number {
    if (this.ended === 0) return 1;
    const runsInUnit = this.current?.units[0]?.runs.length ?? 1;
    const unitMs = (this.wallMs / this.ended + 0.1) * (runsInUnit + 1);
    return Math.max(1, Math.min(unitsMax, Math.round(taskMs / unitMs)));
  }
}

const taskMs = 100;
const unitsMax = 256;
