import type { Simulation } from '../../sim/simulation.ts';

/** Something that goes wrong for a while. */
export interface Trouble {
  begin(): void;
  end(): void;
}

/** Begins a trouble when it is told to, and ends it after its time; Infinity for never. */
export class Fault {
  private readonly simulation: Simulation;
  private readonly trouble: Trouble;
  private readonly durationNs: number;

  constructor(simulation: Simulation, trouble: Trouble, durationNs: number) {
    this.simulation = simulation;
    this.trouble = trouble;
    this.durationNs = durationNs;
  }

  strike(): void {
    this.trouble.begin();
    if (this.durationNs !== Infinity) this.simulation.schedule(this.durationNs, end, this.trouble);
  }
}

function end(trouble: Trouble): void {
  trouble.end();
}
