import { QemuPreCopy } from '../../../models/migration/memory/qemu-pre-copy.ts';
import { buildCluster, named, type Building } from '../../../scenarios/build-cluster.ts';
import type { Guest } from '../../../scenarios/build-guests.ts';
import type { Network } from '../../../scenarios/build-network.ts';
import { assert } from '../../../sim/assert.ts';
import { milliseconds, ms } from '../../../sim/time.ts';
import { flowNames, flowTable, type FlowName } from './flow-table.ts';
import { GrowingShare } from './growing-share.ts';
import type { MeasuredMove } from './measured-move.ts';
import { movePlan } from './move-memory.ts';
import { moveScenario } from './move-scenario.ts';
import { MoveTraffic } from './move-traffic.ts';
import { contextShare, script, thawNs } from './rig.ts';

export interface SimulatedFlow {
  readonly alive: boolean;
  /** Longest pause at the end that waits for the sender; null for idle flows. */
  readonly gapMs: number | null;
}

/** What a run came to; times in ms, those of a run that did not converge are null. */
export interface SimulatedMove {
  readonly status: 'completed' | 'cancelled';
  readonly blackoutMs: number | null;
  readonly downtimeMs: number | null;
  readonly totalMs: number | null;
  /** From STOP to the end of the last load; null where no entry travels. */
  readonly contextLoadedMs: number | null;
  readonly flows: Readonly<Record<FlowName, SimulatedFlow>> | null;
}

/** One measured run, simulated from its parameters. */
export function simulateMove(run: MeasuredMove): SimulatedMove {
  return new MoveRun(run).outcome();
}

/** The times at which the migration reached what the recording dates; -1 before. */
class MoveRun {
  readonly #run: MeasuredMove;
  #stopNs = -1;
  #resumeNs = -1;
  #loadedNs = -1;
  #transfer: QemuPreCopy | null = null;
  #traffic: MoveTraffic | null = null;

  constructor(run: MeasuredMove) {
    this.#run = run;
  }

  outcome(): SimulatedMove {
    const { params, rep } = this.#run;
    const prio = params.prio === 1;
    const cluster = buildCluster(moveScenario(this.#run), {
      ...{ seed: 1, repetition: rep, scheme: 'as-written', replayCommand: 'nseh validate endtoend' },
      additions: {
        workloads: [(building, network, guests, flow) => this.#observe(building, network, guests, flow)],
      },
      machinery: {
        transferMemory: (_, surroundings) =>
          (this.#transfer = new QemuPreCopy(movePlan(params), surroundings)),
        openStream: ({ simulation }, fluid, path, weight) => {
          // The memory's stream is opened first.
          if (this.#transfer === null) return fluid.stream(path, weight);
          return prio
            ? fluid.stream(path, contextShare.priorityWeight)
            : new GrowingShare(simulation, fluid.stream(path, weight));
        },
      },
    });
    cluster.run();
    return this.#result();
  }

  #observe(
    building: Building,
    network: Network,
    guests: ReadonlyMap<string, Guest>,
    firstFlow: number,
  ): MoveTraffic {
    const { simulation, chance, observations } = building;
    const { vm } = named(guests, 'guest');
    const client = named(network.peers, 'client');
    const traffic = new MoveTraffic(simulation, chance, { client, guest: vm, firstFlow });
    this.#traffic = traffic;
    observations.migrationPhase.subscribe(({ phase, timeNs }) => {
      if (phase === 'failed') simulation.stop();
      if (phase === 'stop') this.#stopNs = timeNs;
      if (phase !== 'activate') return;
      this.#resumeNs = timeNs;
      vm.clock.setRate(0, 'cpu');
      simulation.schedule(thawNs, () => vm.clock.setRate(1, 'cpu'), undefined);
      const lateNs = milliseconds(this.#run.params.scheme.late_ms);
      simulation.schedule(script.idleSpeakAfterResumeNs + lateNs, () => traffic.speak(), undefined);
      simulation.schedule(script.observedAfterResumeNs, () => simulation.stop(), undefined);
    });
    observations.contextTask.subscribe(({ part, endNs }) => {
      if (part === 'entries') this.#loadedNs = endNs;
    });
    return traffic;
  }

  #result(): SimulatedMove {
    const transfer = this.#transfer;
    assert(transfer !== null, 'a run has a transfer');
    if (this.#resumeNs < 0) {
      return {
        ...{ status: 'cancelled', blackoutMs: null, downtimeMs: null, totalMs: null, contextLoadedMs: null },
        flows: null,
      };
    }
    return {
      status: 'completed',
      blackoutMs: (this.#resumeNs - this.#stopNs) / ms,
      downtimeMs: (transfer.lastWriteNs - this.#stopNs) / ms,
      totalMs: (transfer.lastWriteNs - script.migrateNs) / ms,
      contextLoadedMs: this.#loadedNs < 0 ? null : (this.#loadedNs - this.#stopNs) / ms,
      flows: this.#flows(),
    };
  }

  #flows(): Record<FlowName, SimulatedFlow> {
    const outcomes = flowNames.map((name) => [name, this.#flow(name)] as const);
    return Object.fromEntries(outcomes) as Record<FlowName, SimulatedFlow>;
  }

  #flow(name: FlowName): SimulatedFlow {
    const traffic = this.#traffic;
    assert(traffic !== null, 'a run has traffic');
    const flow = traffic.flows[name];
    const { sender, initiator } = flowTable[name];
    const endNs = this.#resumeNs + script.observedAfterResumeNs;
    // A word is said once; everything else goes on to the end.
    const fromNs = sender === null ? this.#resumeNs : endNs - script.aliveWindowNs;
    const alive = flow.needed.every((end) => flow.received[end].anyWithin(fromNs, endNs));
    if (sender === null) return { alive, gapMs: null };
    const receiver = sender === initiator ? 'acceptor' : 'connector';
    const gapNs = flow.received[receiver].longestGapNs(this.#stopNs - script.gapsBeforeStopNs);
    return { alive, gapMs: gapNs === null ? null : gapNs / ms };
  }
}
