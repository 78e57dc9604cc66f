import type { Peer } from '../../../models/compute/peer.ts';
import type { VirtualMachine } from '../../../models/compute/virtual-machine.ts';
import type { PacketDelivered } from '../../../models/observations.ts';
import type { Stream as Draws } from '../../../sim/random.ts';
import { TcpConnection } from '../flows/tcp-connection.ts';
import { probeShots, type AttackGround, type OrderedProbe } from '../handover/attack-probes.ts';
import type { MeasuredFlow } from '../flows/measured-flow.ts';
import { flowNames, flowTable, type FlowName } from './flow-table.ts';
import { addresses } from './rig.ts';

/** When probes are sent (meta.probes.phases). */
export const probePhases = ['before', 'blackout', 'resume+20ms', 'resume+300ms', 'resume+3s'] as const;
export type ProbePhase = (typeof probePhases)[number];

export interface ProbeEnds {
  readonly attacker: Peer;
  readonly client: Peer;
  readonly guest: VirtualMachine;
  readonly flows: Readonly<Record<FlowName, MeasuredFlow>>;
  readonly firstFlow: number;
}

/** The attacker on the client's segment, and how many packets of each of its probes the guest has seen. */
export class MoveProbes {
  private readonly order: readonly OrderedProbe[];
  private readonly ends: ProbeEnds;
  private readonly draws: Draws;
  private readonly closed: TcpConnection;
  private readonly counts = new Map<string, number>();

  constructor(order: readonly OrderedProbe[], ends: ProbeEnds, draws: Draws) {
    this.order = order;
    this.ends = ends;
    this.draws = draws;
    this.closed = new TcpConnection(
      {
        ...{ connector: ends.client.stack, acceptor: ends.guest.stack },
        ...{ port: closedPort, flow: ends.firstFlow + closedFlow },
      },
      { established: () => undefined, delivered: () => undefined },
    );
    this.closed.listen();
  }

  /** Opens the connection that will have ended before the move. */
  open(): void {
    this.closed.open();
  }

  close(): void {
    this.closed.endpoint('connector')?.close();
  }

  send(phase: ProbePhase): void {
    const { attacker, firstFlow } = this.ends;
    const number = probePhases.indexOf(phase);
    const shots = probeShots(this.order, this.ground(), number, firstFlow + probeFlows, this.draws);
    for (const { packet } of shots) attacker.transmit(packet);
  }

  /** Called for each packet that the guest gets. */
  note({ packet }: PacketDelivered): void {
    const probe = this.order[packet.flow - this.ends.firstFlow - probeFlows];
    const phase = probePhases[packet.fragmentId];
    if (packet.intent === 'legitimate' || probe === undefined || phase === undefined) return;
    const key = `${probe.name} ${phase}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  seen(probe: string, phase: ProbePhase): number {
    return this.counts.get(`${probe} ${phase}`) ?? 0;
  }

  private ground(): AttackGround {
    const { client, flows, firstFlow } = this.ends;
    const tuples = flowNames.map((name) => {
      const { connector, port, flow } = flows[name].place;
      const local = connector.portOf(flow);
      const fromClient = flowTable[name].initiator === 'client';
      return [name, fromClient ? tuple(local, port) : tuple(port, local)] as const;
    });
    const closed = tuple(client.stack.portOf(firstFlow + closedFlow), closedPort);
    return {
      ...{ client: addresses.client, vm: addresses.guest, stranger: addresses.attacker, openPort: 7_001 },
      tuples: new Map([...tuples, ['closed', closed]]),
    };
  }
}

/** Flow numbers after those of the flows themselves. */
const closedFlow = 50;
const probeFlows = 100;
const closedPort = 7_020;

function tuple(clientPort: number, vmPort: number): { clientPort: number; vmPort: number } {
  return { clientPort, vmPort };
}
