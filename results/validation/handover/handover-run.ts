import { Chance } from '../../../sim/random.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { ms, s } from '../../../sim/time.ts';
import type { FtpSession } from './ftp-session.ts';
import { missingVictim } from './attack-probes.ts';
import type { HandoverMeta, ProbePhase } from './handover-file.ts';
import type { HandoverPlan } from './handover-plan.ts';
import { HandoverScript, type CopiedEntry } from './handover-script.ts';
import { HandoverWorld, type WorldFlow } from './handover-world.ts';
import type { NewConnections } from './new-connections.ts';
import type { ReadRun } from './read-handover.ts';

/** What came of one flow. */
export interface FlowOutcome {
  readonly flow: string;
  readonly survives: boolean;
  /** From the resume (idle flows: from when they speak) to the first payload at the last of the needed ends. */
  readonly firstPayloadMs: number | null;
}

export interface HandoverOutcome {
  readonly flows: readonly FlowOutcome[];
  /** Packets that reached the VM, by probe and phase. */
  readonly probes: ReadonlyMap<string, Readonly<Record<ProbePhase, number>>>;
  readonly ftp: FtpSession['channels'] | null;
  /** The entries that were copied, in the order of the dump. */
  readonly copied: readonly CopiedEntry[];
  /** Answers of the load that were errors, by errno. */
  readonly loadErrors: ReadonlyMap<number, number>;
  /** Entries at the second firewall in the end. */
  readonly entriesAtEnd: number;
  readonly newConnections: NewConnections | null;
}

/** Simulates one run of the recording from its parameters, its blackout and the state of the flows at the cut. */
export function simulateHandover(
  { run, index, plan, flows }: ReadRun,
  meta: HandoverMeta,
  seed: number,
): HandoverOutcome {
  const chance = new Chance(seed, index);
  const identity = { scenario: run.scheme, seed, repetition: index, replayCommand: 'nseh validate handover' };
  const simulation = new Simulation(identity);
  const world = new HandoverWorld(simulation, chance, plan, meta, flows);
  const order = meta.probe_order.filter(({ name }) => missingVictim(name, run) === null);
  const script = new HandoverScript(world, plan, { ...meta, probe_order: order }, chance);
  script.schedule();
  simulation.run(plan.endNs);
  return {
    flows: world.flows.map((flow) => outcomeOf(flow, plan)),
    probes: script.probes(),
    ftp: world.ftp?.channels ?? null,
    copied: script.copied(),
    loadErrors: script.loadErrors,
    entriesAtEnd: world.second.tracker.entries.dump({ kind: 'all' }, plan.endNs).length,
    newConnections: world.newConnections,
  };
}

function outcomeOf({ recorded, kind, flow }: WorldFlow, plan: HandoverPlan): FlowOutcome {
  const idle = kind === 'con-first' || kind === 'srv-first';
  const fromNs = idle ? plan.speakNs : plan.resumeNs;
  const ends = flow.needed.map((end) => flow.received[end]);
  const firsts = ends.map((end) => end.firstFrom(fromNs));
  const survives = idle
    ? firsts.every((first) => first !== null)
    : ends.every((end) => end.anyWithin(plan.endNs - 1.5 * s, plan.endNs));
  const worst = firsts.reduce<number | null>(
    (latest, first) => (latest === null || first === null ? null : Math.max(latest, first)),
    0,
  );
  return {
    flow: recorded.flow,
    survives,
    firstPayloadMs: !survives || worst === null ? null : (worst - fromNs) / ms,
  };
}
