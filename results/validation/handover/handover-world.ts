import { parseAddress } from '../../../models/network/address.ts';
import { EndpointHost } from '../../../models/network/endpoint-host.ts';
import { IdleConnections } from '../../../models/network/idle-connections.ts';
import { linux6 } from '../../../models/network/tcp-settings.ts';
import type { Packet } from '../../../models/network/packet.ts';
import { ConnectionTracker } from '../../../models/security/connection-tracker.ts';
import { RuleTable } from '../../../models/security/rule-table.ts';
import { sharedPlace, StatefulFirewall } from '../../../models/security/stateful-firewall.ts';
import { linuxDefaults, type TrackingSettings } from '../../../models/security/tracking-settings.ts';
import type { Ruleset } from '../../../models/security/ruleset.ts';
import type { Chance } from '../../../sim/random.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import { uniformInteger } from '../../../sim/distribution.ts';
import { milliseconds } from '../../../sim/time.ts';
import { makeFlow, type FlowKind } from '../flows/make-flow.ts';
import type { MeasuredFlow } from '../flows/measured-flow.ts';
import { TcpConnection } from '../flows/tcp-connection.ts';
import type { VictimTuple } from './attack-probes.ts';
import { FirewallPath } from './firewall-path.ts';
import { FtpSession } from './ftp-session.ts';
import type { HandoverFlow, HandoverMeta } from './handover-file.ts';
import { tryNewConnections, type NewConnections } from './new-connections.ts';
import type { HandoverPlan } from './handover-plan.ts';

/** A flow of the recording in the simulated world. */
export interface WorldFlow {
  readonly recorded: HandoverFlow;
  readonly kind: FlowKind;
  readonly flow: MeasuredFlow;
  readonly runningAtCutNs: number;
}

/**
 * The two sides, the two firewalls and the flows between them. TCP ends are Linux 6.18's with cubic in place of
 * bbr, for which the recorder found the same survivors and the same first bytes.
 */
export class HandoverWorld {
  readonly simulation: Simulation;
  readonly path: FirewallPath;
  readonly first: StatefulFirewall;
  readonly second: StatefulFirewall;
  readonly client: EndpointHost;
  readonly vm: EndpointHost;
  readonly flows: WorldFlow[] = [];
  readonly ftp: FtpSession | null;
  private readonly closed: TcpConnection;
  private new: NewConnections | null = null;
  /** Ports and initial sequence numbers follow from a flow's number: as little known as the recorder's. */
  private readonly firstFlow: number;
  /** Attack packets that reached the VM, by the probe's flow and the phase. */
  private readonly arrivals = new Map<string, number>();

  constructor(
    simulation: Simulation,
    chance: Chance,
    plan: HandoverPlan,
    meta: HandoverMeta,
    flows: readonly WorldFlowSetup[],
  ) {
    this.simulation = simulation;
    this.firstFlow = 64 * uniformInteger(chance.stream('flows', 'numbers').uniform(0), 2 ** 20);
    this.first = firewall('A', linuxDefaults, plan.rulesAtFirst);
    const { tcpLoose, tcpBeLiberal, rulesBefore } = plan.second;
    this.second = firewall('B', { ...linuxDefaults, tcpLoose, tcpBeLiberal }, rulesBefore);
    const settings = linux6;
    const idle = new IdleConnections(settings);
    this.client = new EndpointHost(clientAddress, idle, simulation, simulation, (packet) => {
      this.path.send('client', this.ftp?.line(packet) ?? packet);
    });
    this.vm = new EndpointHost(vmAddress, idle, simulation, simulation, (packet) => {
      this.path.send('vm', this.ftp?.line(packet) ?? packet);
    });
    this.path = new FirewallPath(simulation, chance, milliseconds(meta.link_rtt_ms / 2), {
      client: (packet) => {
        if (packet.destination.w3 === clientAddress.w3) this.client.deliver(packet);
      },
      vm: (packet) => {
        this.noteAttack(packet);
        this.vm.deliver(packet);
      },
    });
    this.ftp = this.makeFlows(flows);
    this.closed = new TcpConnection(
      { connector: this.client, acceptor: this.vm, port: closedPort, flow: this.firstFlow + closedFlow },
      { established: () => undefined, delivered: () => undefined },
    );
    this.closed.listen();
  }

  /** Opens the flows that exist from the beginning, the connection that will be closed, and lets them run. */
  start(): void {
    this.path.switchTo(this.first);
    for (const { flow, recorded } of this.flows) {
      const opened = isOpenedLate(recorded.flow) || recorded.flow === ftpDataName;
      if (!opened) flow.open();
    }
    this.closed.open();
  }

  openLateFlows(): void {
    for (const { flow, recorded } of this.flows) if (isOpenedLate(recorded.flow)) flow.open();
  }

  /** Ends the one connection that is not there any more at the cut. */
  closeOne(): void {
    this.closed.endpoint('connector')?.close();
  }

  /** Tuples that an attacker uses. */
  tuples(): ReadonlyMap<string, VictimTuple> {
    const tuples = new Map<string, VictimTuple>([
      ['closed', { clientPort: this.client.portOf(this.firstFlow + closedFlow), vmPort: closedPort }],
    ]);
    for (const { recorded, flow } of this.flows) {
      const { connector, port, flow: number } = flow.place;
      const local = connector.portOf(number);
      const tuple =
        connector === this.client ? { clientPort: local, vmPort: port } : { clientPort: port, vmPort: local };
      tuples.set(recorded.flow, tuple);
    }
    return tuples;
  }

  /** Tries connections that nobody knew before. */
  openNew(): void {
    this.new = tryNewConnections(this.client, this.vm, this.firstFlow + newFlows);
  }

  /** What came of them; null before they are tried. */
  get newConnections(): NewConnections | null {
    return this.new;
  }

  reached(flow: number, phase: number): number {
    return this.arrivals.get(`${flow} ${phase}`) ?? 0;
  }

  private makeFlows(setups: readonly WorldFlowSetup[]): FtpSession | null {
    let ftp: FtpSession | null = null;
    setups.forEach(({ recorded, kind, port, runningAtCutNs }, index) => {
      const [connector, acceptor] =
        recorded.initiator === 'client' ? [this.client, this.vm] : [this.vm, this.client];
      const place = { connector, acceptor, port, flow: this.firstFlow + index };
      if (recorded.flow === ftpControlName) {
        ftp = new FtpSession(place, this.simulation, () => {
          this.flows.find((one) => one.recorded.flow === ftpDataName)?.flow.open();
        });
      }
      const flow =
        recorded.flow === ftpControlName && ftp !== null ? ftp : makeFlow(kind, recorded.proto, place);
      flow.listen();
      this.flows.push({ recorded, kind, flow, runningAtCutNs });
    });
    return ftp;
  }

  private noteAttack(packet: Packet): void {
    if (packet.intent === 'legitimate') return;
    const key = `${packet.flow} ${packet.fragmentId}`;
    this.arrivals.set(key, (this.arrivals.get(key) ?? 0) + 1);
  }
}

/** A flow that is to be made: its port is that of the acceptor. */
export interface WorldFlowSetup {
  readonly recorded: HandoverFlow;
  readonly kind: FlowKind;
  readonly port: number;
  /** How long it has run, in the recording, when the path is cut. */
  readonly runningAtCutNs: number;
}

/** The data channel's port is announced over the control connection; the others are in `meta.ports`. */
export function portOfFlow(name: string, meta: HandoverMeta): number | null {
  if (name === ftpControlName) return 21;
  if (name === ftpDataName) return 20_001;
  return meta.ports[name] ?? null;
}

/** Opened after the moment of a stale copy (meta.flow_kinds, `late`). */
export function isOpenedLate(name: string): boolean {
  return name.endsWith('-late');
}

const ftpControlName = 'in-ftp-control';
const ftpDataName = 'in-ftp-data-related';

/** The rules name the VM's address; the client's is of the other segment. */
const clientAddress = parseAddress('10.0.1.2')!;
const vmAddress = parseAddress('10.0.2.2')!;

const closedPort = 7_020;
const closedFlow = 50;
const newFlows = 51;

function firewall(name: string, settings: TrackingSettings, rules: Ruleset | null): StatefulFirewall {
  const made = new StatefulFirewall(name, new ConnectionTracker(settings), sharedPlace);
  made.setRules(rules === null ? null : new RuleTable(rules));
  return made;
}
