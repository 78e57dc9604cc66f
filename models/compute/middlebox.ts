import type { Simulation } from '../../sim/simulation.ts';
import { frameOf, takeWhole, type Frame, type FrameSink } from '../network/frame.ts';
import type { Passage } from '../security/nse.ts';
import type { SecurityEngine, Subject } from '../security/security-engine.ts';
import type { Packet } from '../network/packet.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

export interface MiddleboxSetup {
  readonly simulation: Simulation;
  readonly ledger: TrafficLedger;
  readonly name: string;
  readonly engine: SecurityEngine;
  /** What its rules and entries belong to: the cable that it stands in. */
  readonly subject: Subject;
}

/**
 * A security engine in a machine's cable that never moves, whatever VMs do. Announcements pass. Its CPU does
 * nothing else: a packet takes the engine's time and never overtakes the one before it.
 */
export class Middlebox {
  readonly name: string;
  private readonly setup: MiddleboxSetup;

  constructor(setup: MiddleboxSetup) {
    this.name = setup.name;
    this.setup = setup;
  }

  /** What takes the frames of one direction, judges each whole packet and hands it to `next`. */
  side(passage: Passage, next: FrameSink): FrameSink {
    const { simulation } = this.setup;
    const forward = (frame: Frame): void => next.send(frame);
    let freeNs = 0;
    const take = (frame: Frame): void => {
      const judged = frame.packet === null ? frame : this.judge(frame, frame.packet, passage);
      if (judged === null) return;
      const workNs = frame.packet === null ? 0 : this.setup.engine.inspectionNs;
      freeNs = Math.max(freeNs, simulation.nowNs + workNs);
      simulation.scheduleAt(freeNs, forward, judged);
    };
    return { send: (frame) => takeWhole(simulation, frame, take) };
  }

  /** Whether a packet would pass; leaves no trace. */
  wouldPass(packet: Packet, passage: Passage): boolean {
    const { engine, subject, simulation } = this.setup;
    return engine.ask(subject, packet, passage, simulation.nowNs).verdict === 'accept';
  }

  private judge(frame: Frame, packet: Packet, passage: Passage): Frame | null {
    const { engine, subject, simulation, ledger } = this.setup;
    const judgement = engine.inspect(subject, packet, passage, simulation.nowNs);
    if (judgement.verdict === 'accept') {
      return judgement.packet === packet ? frame : frameOf(judgement.packet, frame);
    }
    ledger.left(packet);
    ledger.dropped(packet, judgement.cause ?? 'rule', this.name, simulation.nowNs);
    return null;
  }
}
