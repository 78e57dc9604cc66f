// A workload of your own: a peer sends a datagram to a closed port of the VM every 20 ms. A scenario names this file:
//
//   modules: [{ path: ../examples/custom-workload.mjs, options: { vm: web, peer: client, port: 9999 } }]
//
// and a sweep may vary what stands in its options. A program hands the same to buildCluster: { additions }.
import { udpPacket } from 'nseh';

const periodNs = 20_000_000;

/** @type {import('nseh').MakeAdditions} */
export default function makeAdditions({ vm, peer, port }) {
  return { workloads: [knocking(String(vm), String(peer), Number(port))] };
}

/**
 * @param {string} vmName
 * @param {string} peerName
 * @param {number} port
 * @returns {import('nseh').MakeWorkload}
 */
function knocking(vmName, peerName, port) {
  return ({ simulation }, network, guests, flow) => {
    const vm = guests.get(vmName)?.vm.stack;
    const peer = network.peers.get(peerName)?.stack;
    if (vm === undefined || peer === undefined)
      throw new Error(`there is no VM ${vmName} or no peer ${peerName}`);
    const knock = (/** @type {number} */ index) => {
      peer.emit(
        udpPacket({
          source: peer.address,
          sourcePort: peer.portOf(flow),
          destination: vm.address,
          destinationPort: port,
          ...{ payloadBytes: 64, index, flow, intent: 'udp-closed-port' },
        }),
      );
      simulation.schedule(periodNs, knock, index + 1);
    };
    return { start: () => void simulation.schedule(0, knock, 0), publishStates: () => undefined };
  };
}
