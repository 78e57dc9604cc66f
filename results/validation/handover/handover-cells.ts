import type { HandoverOutcome } from './handover-run.ts';
import { probePhaseNames, type HandoverRun, type ProbePhase } from './handover-file.ts';

/** A run that was simulated, beside what came of it. */
export interface SimulatedRun {
  readonly run: HandoverRun;
  readonly outcome: HandoverOutcome;
}

/** All replicates of one flow, or of one probe in one phase: same scheme, same blackout, same set of runs. */
export interface Cell<T> {
  readonly scheme: string;
  readonly blackoutMs: number;
  readonly set: string;
  readonly name: string;
  readonly measured: readonly T[];
  readonly simulated: readonly T[];
}

/** Whether each flow survived. */
export function flowCells(runs: readonly SimulatedRun[]): Cell<boolean>[] {
  return cells(runs, ({ run, outcome }) =>
    run.flows.map((flow, index) => ({
      name: flow.flow,
      measured: flow.survives,
      simulated: outcome.flows[index]!.survives,
    })),
  );
}

export interface ProbeCell extends Cell<number> {
  readonly probe: string;
  readonly shots: number;
}

/** How many packets of each probe reached the VM, in the phases in which the path is there. */
export function probeCells(runs: readonly SimulatedRun[]): ProbeCell[] {
  const found = cells(runs, ({ run, outcome }) =>
    [...outcome.probes].flatMap(([probe, simulated]) =>
      probePhaseNames.flatMap((phase) => {
        const measured = run.probes_reached_vm[probe]?.[phase];
        return measured === undefined
          ? []
          : [{ name: probeName(probe, phase), measured: measured[0], simulated: simulated[phase] }];
      }),
    ),
  );
  return found.map((cell) => {
    const probe = cell.name.split(' ')[0]!;
    const sent = runs.find(({ run }) => run.scheme === cell.scheme)?.run.probes_reached_vm[probe];
    return { ...cell, probe, shots: sent?.['before']?.[1] ?? 1 };
  });
}

function probeName(probe: string, phase: ProbePhase): string {
  return `${probe} ${phase}`;
}

interface Reading<T> {
  readonly name: string;
  readonly measured: T;
  readonly simulated: T;
}

function cells<T>(runs: readonly SimulatedRun[], read: (run: SimulatedRun) => Reading<T>[]): Cell<T>[] {
  const found = new Map<string, Cell<T> & { measured: T[]; simulated: T[] }>();
  for (const one of runs) {
    const { scheme, blackout_ms: blackoutMs, congestion_control: control } = one.run;
    const set = `${one.run.set ?? ''} ${control ?? ''}`.trim();
    for (const { name, measured, simulated } of read(one)) {
      const key = JSON.stringify([scheme, blackoutMs, set, name]);
      let cell = found.get(key);
      if (cell === undefined) {
        cell = { scheme, blackoutMs, set, name, measured: [], simulated: [] };
        found.set(key, cell);
      }
      cell.measured.push(measured);
      cell.simulated.push(simulated);
    }
  }
  return [...found.values()];
}
