import type { ConnectionSnapshot } from '../../../models/security/connection-snapshot.ts';
import { Status } from '../../../models/security/entry-layout.ts';
import { loadPlans } from '../../../models/security/load-mode.ts';
import { RuleTable } from '../../../models/security/rule-table.ts';
import type { Chance } from '../../../sim/random.ts';
import { ms, s } from '../../../sim/time.ts';
import { parseAddress } from '../../../models/network/address.ts';
import { probeShots } from './attack-probes.ts';
import { probePhaseNames, type HandoverMeta, type ProbePhase } from './handover-file.ts';
import type { HandoverPlan } from './handover-plan.ts';
import type { HandoverWorld } from './handover-world.ts';
import { inHashOrder } from './hash-order.ts';
import { meetTheCut } from './meet-the-cut.ts';

/** An entry of the first firewall that was copied. */
export interface CopiedEntry {
  /** The flow whose entry it is; empty for others. */
  readonly flow: string;
  /** It has the EXPECTED bit, at which a tool that sends it stops. */
  readonly expected: boolean;
}

/** The events of a handover, see `meta.script`. */
export class HandoverScript {
  private readonly world: HandoverWorld;
  private readonly plan: HandoverPlan;
  private readonly meta: HandoverMeta;
  private readonly chance: Chance;
  private copies: readonly ConnectionSnapshot[] = [];
  readonly loadErrors = new Map<number, number>();

  constructor(world: HandoverWorld, plan: HandoverPlan, meta: HandoverMeta, chance: Chance) {
    this.world = world;
    this.plan = plan;
    this.meta = meta;
    this.chance = chance;
  }

  schedule(): void {
    const { simulation } = this.world;
    const plan = this.plan;
    const world = this.world;
    const at = (timeNs: number, act: () => void): void => {
      simulation.scheduleAt(timeNs, act, null);
    };
    world.start();
    at(plan.dumpNs, () => {
      this.dump();
    });
    at(plan.lateFlowsNs + 1 * ms, () => {
      world.closeOne();
      world.openLateFlows();
    });
    at(plan.probesBeforeNs, () => {
      this.probe('before');
    });
    for (const flow of world.flows) meetTheCut(world, flow, plan.cutNs, (this.meta.link_rtt_ms * ms) / 2);
    at(plan.cutNs, () => {
      world.path.switchTo(null);
    });
    at(plan.loadNs, () => {
      this.load();
    });
    at(plan.resumeNs, () => {
      world.path.switchTo(world.second);
      this.probe('resume');
    });
    at(plan.resumeNs + 250 * ms, () => {
      this.probe('resume+250ms');
    });
    at(plan.resumeNs + 3 * s, () => {
      this.probe('resume+3s');
    });
    at(plan.speakNs, () => {
      for (const { flow } of world.flows) flow.speak();
    });
    at(plan.speakNs + 100 * ms, () => {
      world.ftp?.tryAnnounced();
    });
    at(plan.resumeNs + 4.5 * s, () => {
      world.openNew();
    });
    at(plan.resumeNs + 3.1 * s, () => {
      if (world.ftp !== null) simulation.spawn(world.ftp.passiveTwice());
    });
  }

  /** How many packets of each probe reached the VM in each phase. */
  probes(): ReadonlyMap<string, Readonly<Record<ProbePhase, number>>> {
    return new Map(
      this.meta.probe_order.map(({ name }, index) => {
        const reached = (phase: number): number => this.world.reached(firstProbeFlow + index, phase);
        return [
          name,
          { before: reached(0), resume: reached(1), 'resume+250ms': reached(2), 'resume+3s': reached(3) },
        ];
      }),
    );
  }

  copied(): CopiedEntry[] {
    const names = new Map(
      this.world.flows.map(({ recorded, flow }) => {
        const { connector, port, flow: number } = flow.place;
        return [`${connector.portOf(number)} ${port}`, recorded.flow] as const;
      }),
    );
    return this.copies.map(({ original, status }) => ({
      flow: names.get(`${original.sourcePort} ${original.destinationPort}`) ?? '',
      expected: (status & Status.expected) !== 0,
    }));
  }

  private dump(): void {
    const { first, simulation } = this.world;
    this.copies = first.tracker.entries.dump({ kind: 'all' }, simulation.nowNs);
  }

  /** Puts the rules in place, where they are not yet, and then the entries. */
  private load(): void {
    const { second, simulation } = this.world;
    const { identity } = simulation;
    const { rules, rulesBefore } = this.plan.second;
    if (rules !== rulesBefore) second.setRules(rules === null ? null : new RuleTable(rules));
    const { copy } = this.plan;
    if (copy === null) return;
    const ordered = loadPlans[copy].stopsAtFailure
      ? inHashOrder(this.copies, identity.seed, identity.repetition)
      : this.copies;
    for (const answer of second.tracker.entries.load(ordered, copy, simulation.nowNs))
      if (answer !== 0) this.loadErrors.set(answer, (this.loadErrors.get(answer) ?? 0) + 1);
  }

  private probe(phase: ProbePhase): void {
    const { simulation, path, client, vm } = this.world;
    const ground = {
      ...{ client: client.address, vm: vm.address, stranger: strangerAddress },
      ...{ openPort: 7_001, tuples: this.world.tuples() },
    };
    const draws = this.chance.stream('attacker', 'sequence numbers');
    const shots = probeShots(
      this.meta.probe_order,
      ground,
      probePhaseNames.indexOf(phase),
      firstProbeFlow,
      draws,
    );
    shots.forEach(({ packet }, index) => {
      simulation.schedule(
        index * betweenShotsNs,
        () => {
          path.send('client', packet);
        },
        null,
      );
    });
  }
}

/** Above the numbers of all flows. */
const firstProbeFlow = 2 ** 27;
/** Another host of the client's segment. */
const strangerAddress = parseAddress('10.0.1.66')!;
/** Back to back from one process. */
const betweenShotsNs = 20_000;
