import type { ConnectionSnapshot } from '../../../models/security/connection-snapshot.ts';
import { Protocol } from '../../../models/network/packet.ts';
import { RuleTable } from '../../../models/security/rule-table.ts';
import { Chance } from '../../../sim/random.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { ms, s } from '../../../sim/time.ts';
import { flowPhase } from '../handover/flow-phase.ts';
import type { EastWestRun, HostName } from './east-west-file.ts';
import type { EastWestPlan, Move } from './east-west-plan.ts';
import { EastWestWorld, type EastWestSetup, type EastWestWorldFlow } from './east-west-world.ts';

/** An entry as the recording lists it, without its remaining time: state, direction, zone and mark. */
export type EndEntry = readonly [state: string, direction: 'fwd' | 'reversed', zone: number, mark: number];

export interface EastWestOutcome {
  readonly survives: readonly boolean[];
  /** Entries of each flow at the end, by host. */
  readonly entries: readonly Readonly<Record<HostName, readonly EndEntry[]>>[];
}

/** A run that can be simulated. */
export interface EastWestReadRun {
  readonly run: EastWestRun;
  readonly index: number;
  readonly plan: EastWestPlan;
  readonly flows: readonly EastWestSetup[];
}

/** Simulates one move, or two. */
export function simulateEastWest({ run, index, plan, flows }: EastWestReadRun): EastWestOutcome {
  const identity = {
    scenario: run.case,
    seed: 1,
    repetition: index,
    replayCommand: 'nseh validate handover',
  };
  const simulation = new Simulation(identity);
  const world = new EastWestWorld(simulation, new Chance(1, index), plan, flows);
  for (const one of world.flows) {
    one.flow.open();
    simulation.scheduleAt(warmUpNs, goOnAfterTheCut, one);
  }
  for (const move of plan.moves) scheduleMove(world, plan, move);
  const resumeNs = warmUpNs + plan.moves[plan.moves.length - 1]!.resumeNs;
  simulation.scheduleAt(resumeNs + speakNs, speak, world);
  const endNs = resumeNs + observationNs;
  simulation.run(endNs);
  const dumps = {
    A: world.firewalls.A.tracker.entries.dump({ kind: 'all' }, endNs),
    B: world.firewalls.B.tracker.entries.dump({ kind: 'all' }, endNs),
  };
  return {
    survives: world.flows.map((flow) => survives(flow, resumeNs + speakNs, endNs)),
    entries: world.flows.map((flow) => ({ A: entriesOf(flow, dumps.A), B: entriesOf(flow, dumps.B) })),
  };
}

/** The recording does not say where in its period the cut meets a flow. */
function goOnAfterTheCut({ flow, kind }: EastWestWorldFlow): void {
  const phase = flowPhase(kind, null, warmUpNs);
  if (phase !== null) flow.sendNextAt(warmUpNs + phase.nextNs);
}

function speak(world: EastWestWorld): void {
  for (const { flow } of world.flows) flow.speak();
}

function scheduleMove(world: EastWestWorld, plan: EastWestPlan, move: Move): void {
  const at = (timeNs: number, act: () => void): void => {
    world.simulation.scheduleAt(warmUpNs + timeNs, act, null);
  };
  const { vms, from, to } = move;
  const source = world.firewalls[from];
  const target = world.firewalls[to].tracker.entries;
  at(move.cutNs, () => {
    for (const vm of vms) world.detach(vm);
    for (const vm of vms) {
      const selection = plan.copy === null ? null : plan.select(vm);
      if (plan.copy === null || selection === null) continue;
      const { nowNs } = world.simulation;
      target.load(source.tracker.entries.dump(selection, nowNs), plan.copy, nowNs);
    }
  });
  at(move.copiedNs, () => {
    if (plan.rulesAfter !== null) source.setRules(new RuleTable(plan.rulesAfter));
  });
  at(move.flushNs, () => {
    for (const vm of vms) {
      const selection = plan.flush(vm);
      if (selection !== null) source.tracker.entries.delete(selection, world.simulation.nowNs);
    }
  });
  at(move.resumeNs, () => {
    for (const vm of vms) world.attach(vm, to);
  });
}

function survives({ kind, flow }: EastWestWorldFlow, spokenNs: number, endNs: number): boolean {
  const idle = kind === 'con-first' || kind === 'srv-first';
  const fromNs = idle ? spokenNs : endNs - 1.5 * s;
  return flow.needed.every((end) => flow.received[end].anyWithin(fromNs, endNs));
}

function entriesOf({ flow, recorded }: EastWestWorldFlow, dump: readonly ConnectionSnapshot[]): EndEntry[] {
  const { connector, port, flow: number } = flow.place;
  const local = connector.portOf(number);
  const protocol = recorded.proto === 'tcp' ? Protocol.tcp : Protocol.udp;
  return dump.flatMap((entry): EndEntry[] => {
    const { sourcePort, destinationPort } = entry.original;
    if (entry.protocol !== protocol) return [];
    const forward = sourcePort === local && destinationPort === port;
    if (!forward && !(sourcePort === port && destinationPort === local)) return [];
    return [[entry.tcpState ?? 'UDP', forward ? 'fwd' : 'reversed', entry.zone, entry.mark]];
  });
}

/** The flows run for less than the two seconds after which UDP is a stream. */
const warmUpNs = 1.5 * s;
/** meta.fields, `survives`. */
const speakNs = 800 * ms;
/** Idle flows have 431,995 of 432,000 s left at the end of the recording. */
const observationNs = 5.4 * s;
