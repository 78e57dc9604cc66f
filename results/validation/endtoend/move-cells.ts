import type { Cell, ProbeCell } from '../handover/handover-cells.ts';
import { flowNames } from './flow-table.ts';
import type { CompletedMove, MeasuredMove } from './measured-move.ts';
import { probePhases } from './move-probes.ts';
import type { SimulatedMove } from './simulate-move.ts';

/** A measured run and its simulation. */
export interface MovePair {
  readonly measured: MeasuredMove;
  readonly simulated: SimulatedMove;
}

/** One repeat of a case that was completed when it was measured. */
interface Repeat {
  readonly measured: CompletedMove;
  readonly simulated: SimulatedMove;
}

/** Whether each flow of each case lives, with all repeats; `set` is the case. One that did not complete has none. */
export function moveFlowCells(pairs: readonly MovePair[]): Cell<boolean>[] {
  return cases(pairs).flatMap((repeats) =>
    flowNames.flatMap((name) =>
      cell(repeats, name, ({ measured, simulated }) => {
        const alive = measured.flows.find(({ flow }) => flow === name)?.alive;
        return alive === undefined ? null : [alive, simulated.flows?.[name].alive ?? false];
      }),
    ),
  );
}

/** How many packets of each probe the guest saw, in the phases in which it runs. */
export function moveProbeCells(pairs: readonly MovePair[]): ProbeCell[] {
  return cases(pairs).flatMap((repeats) =>
    Object.keys(repeats[0]!.measured.probes).flatMap((probe) =>
      probePhases
        .filter((phase) => phase !== 'blackout')
        .flatMap((phase) => {
          const found = cell(repeats, `${probe} ${phase}`, ({ measured, simulated }) => {
            const shots = measured.probes[probe]?.[phase];
            return shots === undefined ? null : [shots.guest_saw, simulated.probeSeen(probe, phase)];
          });
          const shots = repeats[0]!.measured.probes[probe]?.[phase]?.sent ?? 1;
          return found.map((one) => ({ ...one, probe, shots }));
        }),
    ),
  );
}

/** Completed repeats by case. */
function cases(pairs: readonly MovePair[]): Repeat[][] {
  const found = new Map<string, Repeat[]>();
  for (const { measured, simulated } of pairs) {
    if (measured.status !== 'completed') continue;
    found.set(measured.id, [...(found.get(measured.id) ?? []), { measured, simulated }]);
  }
  return [...found.values()];
}

function cell<T>(
  repeats: readonly Repeat[],
  name: string,
  read: (repeat: Repeat) => readonly [measured: T, simulated: T] | null,
): Cell<T>[] {
  const values = repeats.map(read).filter((value) => value !== null);
  const { id, params, derived } = repeats[0]!.measured;
  if (values.length === 0) return [];
  return [
    {
      ...{ scheme: params.scheme.id, blackoutMs: derived.blackout_ms, set: id, name },
      measured: values.map(([measured]) => measured),
      simulated: values.map(([, simulated]) => simulated),
    },
  ];
}
