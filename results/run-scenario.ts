import type { Observations } from '../models/observations.ts';
import { buildCluster } from '../scenarios/build-cluster.ts';
import type { Additions } from '../scenarios/additions.ts';
import type { Instruments } from '../scenarios/instruments.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { Recorder } from './recorder.ts';
import type { RunResult } from './run-result.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import { seriesBinNs } from './series-rows.ts';

export interface RunRequest {
  readonly scenario: Scenario;
  readonly choice: SchemeChoice;
  readonly seed: number;
  readonly repetition: number;
  /** What the scenario's modules, or the caller, add; nothing where it is left out. */
  readonly additions?: Additions | undefined;
  /** Printed when an assertion fails: the command that gets there again. */
  readonly replayCommand: string;
  /** Others that want to see what the run publishes; they are told after the recorder. */
  readonly listen?: (observations: Observations) => void;
  /** What looks into the cluster while it runs; nothing where it is left out. */
  readonly instruments?: Instruments | undefined;
}

/** Builds the scenario's cluster, runs it to its end and keeps what it published. */
export function runScenario(request: RunRequest): RunResult {
  const { scenario, choice, additions, instruments, seed, repetition, replayCommand } = request;
  const { scheme } = choice;
  const cluster = buildCluster(scenario, {
    ...{ seed, repetition, scheme, additions, instruments, replayCommand },
  });
  const recorder = new Recorder(cluster.observations, seriesBinNs(scenario.untilNs));
  request.listen?.(cluster.observations);
  cluster.run();
  return {
    scenario,
    seed,
    repetition,
    choice,
    rows: recorder.rows(cluster.simulation.nowNs),
    events: cluster.simulation.eventsRun,
    packets: cluster.packetsSent,
  };
}
