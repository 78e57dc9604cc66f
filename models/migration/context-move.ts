import { untilOrTimeout, type Waitable } from '../../sim/process.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Host } from '../compute/host.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import type { Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import type { SecurityEngine } from '../security/security-engine.ts';
import { ContextCarrier, allDrained } from './context-carrier.ts';
import { ContextLedger } from './context-ledger.ts';
import type { ContextMoment, Scheme } from './scheme.ts';

export interface ContextMoveSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly name: string;
  readonly vm: VirtualMachine;
  readonly source: Host;
  readonly destination: Host;
  readonly scheme: Scheme;
  /** The stream of the memory, for context that has none of its own. */
  readonly memoryStream: Stream;
  readonly openStream: (weight: number) => Stream;
  readonly reference: Reference;
  readonly fail: (reason: string) => void;
}

/** The security context of one VM on its way: for each engine that both hosts have, a carrier. */
export class ContextMove {
  private readonly setup: ContextMoveSetup;
  private readonly pairs: readonly (readonly [SecurityEngine, SecurityEngine])[];
  private readonly carriers: readonly ContextCarrier[];
  private readonly ledger: ContextLedger;
  private stopped = false;

  constructor(setup: ContextMoveSetup) {
    this.setup = setup;
    this.pairs = setup.source.engines.flatMap((from) => {
      const to = setup.destination.engines.find((engine) => engine.name === from.name);
      return to === undefined ? [] : [[from, to] as const];
    });
    this.carriers = this.pairs.map(([source, destination]) => this.carrier(source, destination));
    this.ledger = new ContextLedger(setup.observations, setup.name, setup.vm, this.pairs);
  }

  /** Puts the destination into the state in which it waits for the VM's rules. */
  reserve(): void {
    const { vm, scheme } = this.setup;
    const { untilInstalled } = scheme.context;
    for (const [from, to] of this.pairs) {
      to.setPolicy(vm, untilInstalled === 'rules' ? from.policy(vm) : { kind: untilInstalled });
    }
  }

  /** Moves what the scheme moves at this moment. */
  request(moment: ContextMoment, round: number): void {
    if (this.stopped) return;
    for (const carrier of this.carriers) carrier.request(moment, round);
  }

  /** Waits for the context as long as the scheme says; returns why the migration fails, or null. */
  *passGate(): Generator<Waitable, string | null, unknown> {
    const { simulation, scheme } = this.setup;
    const { gate } = scheme.context;
    if (!gate.waits) return null;
    const drained = yield* untilOrTimeout(simulation.spawn(allDrained(this.carriers)).done, gate.timeoutNs);
    return drained || gate.then === 'resume' ? null : 'the security context did not arrive in time';
  }

  /** Whether no transfer is under way or waiting. */
  get complete(): boolean {
    return this.carriers.every((carrier) => !carrier.busy);
  }

  freeze(): void {
    this.ledger.freeze(this.setup.simulation.nowNs);
  }

  resume(): void {
    this.ledger.resume(this.setup.simulation.nowNs);
  }

  /** Entries whose other end stays behind change hands with the VM, if the scheme says so. */
  commit(): void {
    const { simulation, vm, scheme } = this.setup;
    if (scheme.selection.sharedEntry === 'copy') return;
    for (const [source] of this.pairs) source.forget(vm, scheme.selection.by, 'shared', simulation.nowNs);
    this.setup.reference.touched(null);
  }

  /** The source forgets the VM. */
  cleanUp(): void {
    const { simulation, vm, scheme } = this.setup;
    for (const [source] of this.pairs) {
      source.forget(vm, scheme.cleanup.by, scheme.cleanup.flushShared ? 'all' : 'own', simulation.nowNs);
    }
    this.setup.reference.touched(null);
  }

  /** Nothing more happens to the context: says what became of it. */
  close(): void {
    this.ledger.close(this.setup.simulation.nowNs);
  }

  /** Stops what is under way; the destination keeps what it has. */
  stop(): void {
    this.stopped = true;
    for (const carrier of this.carriers) carrier.stop();
  }

  /** Stops what is under way and takes back what the destination has. */
  undo(): void {
    const { simulation, vm, scheme } = this.setup;
    this.stop();
    for (const [, destination] of this.pairs) {
      destination.forget(vm, scheme.selection.by, 'own', simulation.nowNs);
      destination.setPolicy(vm, { kind: 'drop-all' });
    }
  }

  private carrier(source: SecurityEngine, destination: SecurityEngine): ContextCarrier {
    const { simulation, observations, name, vm, scheme, openStream, memoryStream } = this.setup;
    const { channel, weight } = scheme.transport;
    return new ContextCarrier({
      simulation,
      observations,
      migration: name,
      vm,
      source,
      destination,
      stream: channel === 'own-flow' ? openStream(weight) : memoryStream,
      plan: scheme.context,
      selection: scheme.selection,
      reconcile: scheme.reconcile,
      transport: scheme.transport,
      exporter: this.setup.source,
      importer: this.setup.destination,
      changed: () => this.setup.reference.touched(null),
      fail: this.setup.fail,
    });
  }
}
