import type { Workload } from '../../../models/cluster.ts';
import type { VirtualMachine } from '../../../models/compute/virtual-machine.ts';
import type { Peer } from '../../../models/compute/peer.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import type { Chance } from '../../../sim/random.ts';
import { milliseconds } from '../../../sim/time.ts';
import { BlockFlow } from '../flows/block-flow.ts';
import { makeFlow } from '../flows/make-flow.ts';
import type { FlowPlace, MeasuredFlow } from '../flows/measured-flow.ts';
import { flowNames, flowTable, type FlowName, type FlowRow } from './flow-table.ts';
import { blocks, script } from './rig.ts';

/** The flows between client and guest, opened at times that are drawn for each repeat. */
export class MoveTraffic implements Workload {
  readonly flows: Readonly<Record<FlowName, MeasuredFlow>>;
  private readonly simulation: Simulation;
  private readonly chance: Chance;

  constructor(
    simulation: Simulation,
    chance: Chance,
    ends: { readonly client: Peer; readonly guest: VirtualMachine; readonly firstFlow: number },
  ) {
    this.simulation = simulation;
    this.chance = chance;
    const make = (name: FlowName, index: number): MeasuredFlow => {
      const { initiator, port } = flowTable[name];
      const [client, vm] = [ends.client.stack, ends.guest.stack];
      const [connector, acceptor] = initiator === 'client' ? [client, vm] : [vm, client];
      return flowOf(flowTable[name], { connector, acceptor, port, flow: ends.firstFlow + index });
    };
    const made = flowNames.map((name, index) => [name, make(name, index)] as const);
    this.flows = Object.fromEntries(made) as Record<FlowName, MeasuredFlow>;
  }

  /** Opens within the first 400 ms, so that periods of different flows have no common phase. */
  start(): void {
    const draws = this.chance.stream('flows', 'open');
    flowNames.forEach((name, index) => {
      this.flows[name].listen();
      const { late } = flowTable[name];
      const fromNs = late ? script.migrateNs + script.lateFlowsAfterMigrateNs : 0;
      const windowNs = milliseconds(late ? 50 : 400);
      const atNs = fromNs + Math.floor(draws.uniform(index) * windowNs);
      this.simulation.scheduleAt(atNs, open, this.flows[name]);
    });
  }

  /** Has the idle flows say their word. */
  speak(): void {
    for (const name of flowNames) this.flows[name].speak();
  }

  publishStates(): void {
    // What flows received is read from them.
  }
}

function flowOf({ kind, protocol }: FlowRow, place: FlowPlace): MeasuredFlow {
  if (kind === 'bulk-down') return new BlockFlow(place, { ...blocks, source: 'acceptor' });
  if (kind === 'bulk-up') return new BlockFlow(place, { ...blocks, source: 'connector' });
  return makeFlow(kind, protocol, place);
}

function open(flow: MeasuredFlow): void {
  flow.open();
}
