import { parseAddress } from '../../../models/network/address.ts';
import { EndpointHost } from '../../../models/network/endpoint-host.ts';
import { IdleConnections } from '../../../models/network/idle-connections.ts';
import type { Packet } from '../../../models/network/packet.ts';
import { linux6 } from '../../../models/network/tcp-settings.ts';
import { ConnectionTracker } from '../../../models/security/connection-tracker.ts';
import { RuleTable } from '../../../models/security/rule-table.ts';
import { sharedPlace, StatefulFirewall } from '../../../models/security/stateful-firewall.ts';
import { linuxDefaults } from '../../../models/security/tracking-settings.ts';
import type { Passage } from '../../../models/security/nse.ts';
import { uniformInteger } from '../../../sim/distribution.ts';
import type { Chance } from '../../../sim/random.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import { makeFlow, type FlowKind } from '../flows/make-flow.ts';
import type { MeasuredFlow } from '../flows/measured-flow.ts';
import { passFrames } from '../handover/frame-passage.ts';
import type { EastWestFlow, EndName, HostName, VmName } from './east-west-file.ts';
import type { EastWestPlan } from './east-west-plan.ts';

export interface EastWestWorldFlow {
  readonly recorded: EastWestFlow;
  readonly kind: FlowKind;
  readonly flow: MeasuredFlow;
}

/** Addresses as `meta.topologies` has them. */
export const endAddresses = {
  v1: parseAddress('10.0.1.2')!,
  v2: parseAddress('10.0.2.2')!,
  x: parseAddress('10.0.9.100')!,
} as const;

/**
 * Two hosts with a firewall each, two VMs and a client outside. A packet passes the firewall of its sender's host
 * and that of its receiver's; on one host it passes once where the host routes, and once at each VM's bridge where
 * it bridges (`meta.topologies`).
 */
export class EastWestWorld {
  readonly simulation: Simulation;
  readonly firewalls: Readonly<Record<HostName, StatefulFirewall>>;
  readonly flows: EastWestWorldFlow[] = [];
  private readonly bridged: boolean;
  private readonly hosts: Readonly<Record<EndName, EndpointHost>>;
  /** Where each VM is reached, and whether it is there. */
  private readonly home: Record<VmName, HostName>;
  private readonly present: Record<VmName, boolean> = { v1: true, v2: true };

  constructor(simulation: Simulation, chance: Chance, plan: EastWestPlan, flows: readonly EastWestSetup[]) {
    this.simulation = simulation;
    this.bridged = plan.bridged;
    this.home = { ...plan.startAt };
    const settings = { ...linuxDefaults, tcpLoose: plan.tcpLoose };
    const firewall = (name: HostName): StatefulFirewall => {
      const made = new StatefulFirewall(name, new ConnectionTracker(settings), sharedPlace);
      made.setRules(new RuleTable(plan.rules));
      return made;
    };
    this.firewalls = { A: firewall('A'), B: firewall('B') };
    const end = (name: EndName): EndpointHost =>
      new EndpointHost(endAddresses[name], new IdleConnections(linux6), simulation, simulation, (packet) => {
        this.send(name, packet);
      });
    this.hosts = { v1: end('v1'), v2: end('v2'), x: end('x') };
    const firstFlow = 64 * uniformInteger(chance.stream('flows', 'numbers').uniform(0), 2 ** 20);
    flows.forEach(({ recorded, kind }, index) => {
      const [connector, acceptor] = [this.hosts[recorded.from], this.hosts[recorded.to]];
      const port = (recorded.proto === 'tcp' ? 7_001 : 7_101) + (index % 20);
      const flow = makeFlow(kind, recorded.proto, { connector, acceptor, port, flow: firstFlow + index });
      flow.listen();
      this.flows.push({ recorded, kind, flow });
    });
  }

  /** Cuts a VM off: what it sends is lost at once, what it is sent behind the firewall of its host. */
  detach(vm: VmName): void {
    this.present[vm] = false;
  }

  attach(vm: VmName, host: HostName): void {
    this.home[vm] = host;
    this.present[vm] = true;
  }

  private send(from: EndName, packet: Packet): void {
    const to = endOf(packet);
    if (to === null || (from !== 'x' && !this.present[from])) return;
    this.travel(packet, this.passes(from, to), 0, to);
  }

  private travel(packet: Packet, passes: readonly Pass[], next: number, to: EndName): void {
    this.simulation.schedule(
      hopNs,
      () => {
        const pass = passes[next];
        if (pass !== undefined) {
          passFrames(this.firewalls[pass.host], packet, pass.passage, this.simulation.nowNs, (left) => {
            this.travel(left, passes, next + 1, to);
          });
        } else if (to === 'x' || this.present[to]) this.hosts[to].deliver(packet);
      },
      null,
    );
  }

  private passes(from: EndName, to: EndName): Pass[] {
    const passes: Pass[] = [];
    for (const end of [from, to]) {
      if (end === 'x') continue;
      const host = this.home[end];
      const again = passes.some((pass) => pass.host === host);
      // A bridge has no port to forward to while its VM is away; a router forwards to where nobody is.
      if (this.bridged && this.present[end]) passes.push({ host, passage: bridges[end] });
      else if (!this.bridged && !again) passes.push({ host, passage: routes });
    }
    return passes;
  }
}

export interface EastWestSetup {
  readonly recorded: EastWestFlow;
  readonly kind: FlowKind;
}

interface Pass {
  readonly host: HostName;
  readonly passage: Passage;
}

/** A bridged packet shows the bridge it is in as both of its interfaces. */
const bridges: Readonly<Record<VmName, Passage>> = {
  v1: { inInterface: 'qbr1', outInterface: 'qbr1' },
  v2: { inInterface: 'qbr2', outInterface: 'qbr2' },
};

/** The rules of routed hosts name addresses and ports only. */
const routes: Passage = { inInterface: 'in', outInterface: 'out' };

const hopNs = 20_000;

function endOf({ destination }: Packet): EndName | null {
  for (const name of ['v1', 'v2', 'x'] as const) if (endAddresses[name].w3 === destination.w3) return name;
  return null;
}
