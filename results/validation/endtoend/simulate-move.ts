import { QemuPreCopy } from '../../../models/migration/memory/qemu-pre-copy.ts';
import { buildCluster } from '../../../scenarios/build-cluster.ts';
import type { Building } from '../../../scenarios/building.ts';
import { named } from '../../../scenarios/named.ts';
import type { Guest } from '../../../scenarios/build-guests.ts';
import type { Network } from '../../../scenarios/build-network.ts';
import type { VirtualMachine } from '../../../models/compute/virtual-machine.ts';
import { assert } from '../../../sim/assert.ts';
import { Chance } from '../../../sim/random.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import type { OrderedProbe } from '../handover/attack-probes.ts';
import { MoveProbes, type ProbePhase } from './move-probes.ts';
import { milliseconds, ms } from '../../../sim/time.ts';
import { flowNames, flowTable, type FlowName } from './flow-table.ts';
import { GrowingShare } from './growing-share.ts';
import type { MeasuredMove } from './measured-move.ts';
import { movePlan } from './move-memory.ts';
import { moveScenario } from './move-scenario.ts';
import { medianMove } from './median-move.ts';
import { MoveTraffic } from './move-traffic.ts';
import { contextShare, script, stream, thawNs } from './rig.ts';

export interface SimulatedFlow {
  readonly alive: boolean;
  /** Longest pause at the end that waits for the sender; null for idle flows. */
  readonly gapMs: number | null;
  /**
   * The latest first reception of the ends that must receive, from RESUME, for idle flows from when they are told to
   * speak; null where one never receives.
   */
  readonly firstPayloadMs: number | null;
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
  /** How many packets of a probe the guest saw, of those sent in a phase. */
  readonly probeSeen: (probe: string, phase: ProbePhase) => number;
}

/** Draws of each measured run. */
export const measuredDraws: readonly number[] = [1, 2, 3];

/** One measured run, simulated from its parameters once for each seed: the median of these draws. */
export function simulateMove(run: MeasuredMove, seeds: readonly number[]): SimulatedMove {
  return medianMove(seeds.map((seed) => new MoveRun(run, seed).outcome()));
}

/** A run with the times at which its migration reached what the recording dates; -1 before. */
class MoveRun {
  private readonly run: MeasuredMove;
  private readonly seed: number;
  private stopNs = -1;
  private resumeNs = -1;
  private loadedNs = -1;
  private transfer: QemuPreCopy | null = null;
  private traffic: MoveTraffic | null = null;
  private probes: MoveProbes | null = null;

  constructor(run: MeasuredMove, seed: number) {
    this.run = run;
    this.seed = seed;
  }

  outcome(): SimulatedMove {
    const { params, rep } = this.run;
    const bufferDraw = new Chance(this.seed, rep).stream('migration', 'socket').uniform(0);
    const cluster = buildCluster(moveScenario(this.run), {
      ...{ seed: this.seed, repetition: rep, scheme: 'as-written', replayCommand: 'nseh validate endtoend' },
      additions: {
        engines: [],
        workloads: [(building, network, guests, flow) => this.begin(building, network, guests, flow)],
      },
      machinery: {
        transferMemory: (_, surroundings) =>
          (this.transfer = new QemuPreCopy(movePlan(params, bufferDraw), surroundings)),
        openStream: ({ simulation }, fluid, path, weight) => {
          // The memory's stream is opened first.
          if (this.transfer === null) return fluid.stream(path, weight);
          return params.prio === 1
            ? fluid.stream(path, contextShare.priorityWeight)
            : new GrowingShare(simulation, fluid.stream(path, weight), () => this.queueNs(simulation.nowNs));
        },
      },
    });
    cluster.run();
    return this.result();
  }

  /** How long what is sent now waits in the bucket of the migration's link. */
  private queueNs(nowNs: number): number {
    // The first reading of the log is that of the set-up, the second ends the first pass.
    const passedNs = this.transfer?.syncs[1]?.atNs;
    const stands = passedNs !== undefined && nowNs - passedNs < stream.queueStandsNs && this.resumeNs < 0;
    return stands ? stream.queueNs : 0;
  }

  private begin(
    building: Building,
    network: Network,
    guests: ReadonlyMap<string, Guest>,
    firstFlow: number,
  ): MoveTraffic {
    const { simulation, chance, observations } = building;
    const client = named(network.peers, 'client');
    const attacker = named(network.peers, 'attacker');
    const guest = named(guests, 'guest').vm;
    const traffic = new MoveTraffic(simulation, chance, { client, guest, firstFlow });
    const ends = { attacker, client, guest, flows: traffic.flows, firstFlow };
    const probes = new MoveProbes(probeOrder(this.run), ends, chance.stream('attacker', 'numbers'));
    this.traffic = traffic;
    this.probes = probes;
    observations.packetDelivered.subscribe((delivery) => {
      if (delivery.to === 'vm') probes.note(delivery);
    });
    observations.migrationPhase.subscribe(({ phase, timeNs }) => {
      if (phase === 'failed') simulation.stop();
      if (phase === 'stop') {
        this.stopNs = timeNs;
        // A late copy was read before these came, and is read here as it is loaded: their entries would be in it.
        if (this.run.params.scheme.when !== 'late')
          simulation.schedule(script.probesAfterStopNs, () => probes.send('blackout'), undefined);
      }
      if (phase === 'activate') this.resume(simulation, guest, traffic, probes);
    });
    observations.contextTask.subscribe(({ part, endNs }) => {
      if (part === 'entries') this.loadedNs = endNs;
    });
    simulation.schedule(0, () => probes.open(), undefined);
    simulation.schedule(script.closedAfterNs, () => probes.close(), undefined);
    const beforeNs = script.migrateNs - script.probesBeforeMigrateNs;
    simulation.schedule(beforeNs, () => probes.send('before'), undefined);
    return traffic;
  }

  private resume(
    simulation: Simulation,
    guest: VirtualMachine,
    traffic: MoveTraffic,
    probes: MoveProbes,
  ): void {
    this.resumeNs = simulation.nowNs;
    guest.clock.setRate(0, 'cpu');
    simulation.schedule(thawNs, () => guest.clock.setRate(1, 'cpu'), undefined);
    for (const phase of ['resume+20ms', 'resume+300ms', 'resume+3s'] as const)
      simulation.schedule(script.probesAfterResumeNs[phase], () => probes.send(phase), undefined);
    simulation.scheduleAt(this.speakNs, () => traffic.speak(), undefined);
    simulation.schedule(script.observedAfterResumeNs, () => simulation.stop(), undefined);
  }

  private result(): SimulatedMove {
    const transfer = this.transfer;
    assert(transfer !== null, 'a run has a transfer');
    if (this.resumeNs < 0) return cancelled;
    return {
      status: 'completed',
      blackoutMs: (this.resumeNs - this.stopNs) / ms,
      downtimeMs: (transfer.lastWriteNs - this.stopNs) / ms,
      totalMs: (transfer.lastWriteNs - script.migrateNs) / ms,
      contextLoadedMs: this.loadedNs < 0 ? null : (this.loadedNs - this.stopNs) / ms,
      flows: this.flows(),
      probeSeen: (probe, phase) => this.probes?.seen(probe, phase) ?? 0,
    };
  }

  private flows(): Record<FlowName, SimulatedFlow> {
    const outcomes = flowNames.map((name) => [name, this.flow(name)] as const);
    return Object.fromEntries(outcomes) as Record<FlowName, SimulatedFlow>;
  }

  private flow(name: FlowName): SimulatedFlow {
    const traffic = this.traffic;
    assert(traffic !== null, 'a run has traffic');
    const flow = traffic.flows[name];
    const { sender, initiator } = flowTable[name];
    const endNs = this.resumeNs + script.observedAfterResumeNs;
    // A word is said once; everything else goes on to the end.
    const fromNs = sender === null ? this.resumeNs : endNs - script.aliveWindowNs;
    const alive = flow.needed.every((end) => flow.received[end].anyWithin(fromNs, endNs));
    const startNs = sender === null ? this.speakNs : this.resumeNs;
    const firsts = flow.needed.map((end) => flow.received[end].firstFrom(startNs));
    const firstNs = firsts.includes(null) ? null : Math.max(...firsts.map((time) => time ?? 0));
    const firstPayloadMs = firstNs === null ? null : (firstNs - startNs) / ms;
    if (sender === null) return { alive, gapMs: null, firstPayloadMs };
    const receiver = sender === initiator ? 'acceptor' : 'connector';
    const gapNs = flow.received[receiver].longestGapNs(this.stopNs - script.gapsBeforeStopNs);
    return { alive, gapMs: gapNs === null ? null : gapNs / ms, firstPayloadMs };
  }

  /** When the idle flows are told to speak. */
  private get speakNs(): number {
    return this.resumeNs + script.idleSpeakAfterResumeNs + milliseconds(this.run.params.scheme.late_ms);
  }
}

const cancelled: SimulatedMove = {
  ...{ status: 'cancelled', blackoutMs: null, downtimeMs: null, totalMs: null, contextLoadedMs: null },
  flows: null,
  probeSeen: () => 0,
};

/** The probes in the order of the recording, each with its shots in a phase. */
function probeOrder(run: MeasuredMove): OrderedProbe[] {
  if (run.status === 'cancelled') return [];
  return Object.entries(run.probes).map(([name, phases]) => ({ name, shots: phases['before']?.sent ?? 1 }));
}
