import type { ConnectionEnded, ConnectionOpened, ConnectionStateAtEnd } from '../models/observations.ts';
import { connectionOutcome } from './measures/connection-outcome.ts';
import type { ConnectionOutcome } from './measures/connection-outcome.ts';
import { migrationTimes } from './measures/migration-times.ts';
import { tcpGap } from './measures/tcp-gap.ts';
import type { TcpGap } from './measures/tcp-gap.ts';
import type { PairedRows } from './run-rows.ts';

/** Everything measured about one connection: a row of connections.csv. */
export interface ConnectionMeasures {
  readonly opened: ConnectionOpened;
  readonly outcome: ConnectionOutcome;
  readonly gapToVm: TcpGap;
  readonly gapToPeer: TcpGap;
  /** Whole messages delivered, both ways. */
  readonly messages: number;
}

/** Measures every connection of a run against the paired run without migration, in the order of their flows. */
export function connectionTable(runs: PairedRows): ConnectionMeasures[] {
  const { run, control } = runs;
  const migrations = migrationTimes(run.phases);
  const requests = migrations.map(({ at }) => at.request).filter((timeNs) => timeNs !== null);
  const fromNs = requests.length === 0 ? 0 : Math.min(...requests);
  const endsOf = endsByFlow(run.connectionsEnded);
  const states = stateByFlow(run.connectionStates);
  const controlStates = stateByFlow(control.connectionStates);
  return firstOpenings(run.connectionsOpened).map((opened) => {
    const { flow } = opened;
    const state = states.get(flow) ?? null;
    const known = {
      opened,
      ended: endsOf.get(flow) ?? [],
      state,
      controlState: controlStates.get(flow) ?? null,
    };
    const ends = { flow, state, controlState: known.controlState };
    return {
      opened,
      outcome: connectionOutcome(runs, known, migrations),
      gapToVm: tcpGap(runs, { ...ends, to: 'vm' }, fromNs),
      gapToPeer: tcpGap(runs, { ...ends, to: 'peer' }, fromNs),
      messages: run.messages.countOfFlow(flow),
    };
  });
}

/** A connection that came back keeps its flow: it is counted once. */
function firstOpenings(opened: readonly ConnectionOpened[]): ConnectionOpened[] {
  const first = new Map<number, ConnectionOpened>();
  for (const opening of opened) if (!first.has(opening.flow)) first.set(opening.flow, opening);
  return [...first.values()].sort((a, b) => a.flow - b.flow);
}

function endsByFlow(ended: readonly ConnectionEnded[]): Map<number, ConnectionEnded[]> {
  const byFlow = new Map<number, ConnectionEnded[]>();
  for (const end of ended) {
    const known = byFlow.get(end.flow);
    if (known === undefined) byFlow.set(end.flow, [end]);
    else known.push(end);
  }
  return byFlow;
}

function stateByFlow(states: readonly ConnectionStateAtEnd[]): Map<number, ConnectionStateAtEnd> {
  return new Map(states.map((state) => [state.flow, state]));
}
