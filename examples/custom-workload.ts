// A workload of your own: a peer sends datagrams to a closed port of the VM, and we count which of them reach it.
import { buildCluster, loadScenario, udpPacket } from '../nseh.ts';
import type { MakeWorkload, PacketDelivered, PacketDropped } from '../nseh.ts';

const periodNs = 20_000_000;

/** One datagram every 20 ms from the named peer to the named VM, for as long as the run lasts. */
function knocking(vmName: string, peerName: string, port: number): MakeWorkload {
  return ({ simulation }, network, guests, flow) => {
    const vm = guests.get(vmName)?.vm.stack;
    const peer = network.peers.get(peerName)?.stack;
    if (vm === undefined || peer === undefined) throw new Error('the scenario has such a VM and such a peer');
    const knock = (index: number): void => {
      peer.emit(
        udpPacket({
          source: peer.address,
          sourcePort: peer.portOf(flow),
          destination: vm.address,
          destinationPort: port,
          ...{ payloadBytes: 64, index, flow, intent: 'udp-closed-port' as const },
        }),
      );
      simulation.schedule(periodNs, knock, index + 1);
    };
    return { start: () => void simulation.schedule(0, knock, 0), publishStates: () => undefined };
  };
}

/** How many knocks were dropped, and how many got in. */
export function countKnocks(
  scenarioFile: string,
  overrides: readonly string[],
): { readonly dropped: number; readonly delivered: number } {
  const { scenario } = loadScenario(scenarioFile, overrides);
  const cluster = buildCluster(scenario, {
    ...{ seed: 1, repetition: 0, scheme: null, replayCommand: 'examples/custom-workload.ts' },
    workloads: [knocking('web', 'client', 9999)],
  });
  const ours = ({ packet }: PacketDelivered | PacketDropped): boolean => packet.flow >= 1_000_000_000;
  let dropped = 0;
  let delivered = 0;
  cluster.observations.packetDropped.subscribe((drop) => (dropped += ours(drop) ? 1 : 0));
  cluster.observations.packetDelivered.subscribe((delivery) => (delivered += ours(delivery) ? 1 : 0));
  cluster.run();
  return { dropped, delivered };
}
