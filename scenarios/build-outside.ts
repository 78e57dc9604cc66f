import { NatGateway } from '../models/compute/nat-gateway.ts';
import { sameAddress, type Address } from '../models/network/address.ts';
import { announcementFrame, type Mac } from '../models/network/frame.ts';
import type { NeighbourTable } from '../models/network/neighbour-table.ts';
import type { Packet } from '../models/network/packet.ts';
import type { Switch } from '../models/network/switch.ts';
import { EspEnd } from '../models/security/esp-end.ts';
import type { Building } from './building.ts';
import type { Engines } from './build-engines.ts';
import type { PeerSpec, Scenario } from './scenario.ts';

/** Gateways with the outer addresses of VMs, right at the switch; their interfaces are numbered from `firstMac`. */
export function buildGateways(
  { scenario, simulation, ledger }: Building,
  engines: Engines,
  fabric: Switch,
  neighbours: NeighbourTable,
  firstMac: Mac,
): void {
  engines.gateways().forEach(({ address, host }, index) => {
    const mac = firstMac + index;
    const ownerOf = (packet: Packet): Mac | null => {
      const name = engines.ownerOf(host, packet, simulation.nowNs);
      const vm = scenario.virtualMachines.find((spec) => spec.name === name);
      return vm === undefined ? null : neighbours.macOf(vm.address);
    };
    const gateway = new NatGateway({ simulation, ledger, mac, ownerOf });
    const port = fabric.attach(gateway, true);
    gateway.connect(port);
    neighbours.add(address, mac);
    simulation.schedule(0, () => port.send(announcementFrame('gratuitous-arp', mac, address)), undefined);
  });
}

/** The peer's side of the ESP associations with VMs that start behind an endpoint for it; null without any. */
export function espEnd({ hosts, virtualMachines }: Scenario, peer: PeerSpec): EspEnd | null {
  const windows = new Map<string, number>();
  for (const { name, engines } of hosts) {
    const engine = engines.find(
      (spec) => spec.kind === 'ipsec' && spec.peers.some((end) => sameAddress(end, peer.address)),
    );
    if (engine?.kind === 'ipsec') windows.set(name, engine.windowPackets);
  }
  if (windows.size === 0) return null;
  const secured = virtualMachines.filter(({ host }) => windows.has(host));
  const [first] = secured;
  if (first === undefined) return null;
  const protects = (address: Address): boolean => secured.some((vm) => sameAddress(vm.address, address));
  return new EspEnd(protects, windows.get(first.host)!);
}
