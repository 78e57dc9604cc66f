import { Chance } from '../sim/random.ts';
import { Simulation } from '../sim/simulation.ts';
import { ms, s, us } from '../sim/time.ts';
import { ipv4 } from '../models/network/address.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import { IdleConnections } from '../models/network/idle-connections.ts';
import { packetFrame } from '../models/network/frame.ts';
import { Link } from '../models/network/link.ts';
import type { Packet } from '../models/network/packet.ts';
import { linux6 } from '../models/network/tcp-settings.ts';
import { Observations } from '../models/observations.ts';
import { ConnectionTracker } from '../models/security/connection-tracker.ts';
import { RuleTable } from '../models/security/rule-table.ts';
import { sharedPlace, StatefulFirewall } from '../models/security/stateful-firewall.ts';
import { linuxDefaults } from '../models/security/tracking-settings.ts';
import { requestResponse } from '../models/workload/request-response.ts';
import { importNftText } from '../scenarios/import/nft-text.ts';
import { wholeRuleset } from '../scenarios/import/imported-ruleset.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { benchmarkIdentity } from './identity.ts';

/**
 * Packets of TCP connections that ask and answer. Each crosses a link, a stateful firewall and the TCP
 * endpoint that it is for: one hop.
 */
export function packetHops(name: string, connections: number): Benchmark {
  return {
    name,
    operation: 'hop',
    size: 2_000_000,
    sizeSmall: 20_000,
    run: (size) => runPacketHops(connections, size),
  };
}

const rules = `table ip filter { chain forward { type filter hook forward priority 0; policy drop;
  ct state established,related accept
  ct state invalid drop
  tcp dport 80 ct state new accept
} }`;

function runPacketHops(connections: number, size: number): BenchmarkResult {
  const simulation = new Simulation(benchmarkIdentity);
  const chance = new Chance(1, 0);
  const hash = new ResultHash();
  const firewall = new StatefulFirewall('firewall', new ConnectionTracker(linuxDefaults), sharedPlace);
  firewall.setRules(new RuleTable(wholeRuleset(importNftText(rules, 'rules'))));
  let hops = 0;
  let dropped = 0;

  const wire = { rateBps: 1e10, delayNs: 50 * us, queueBytes: 1e7, lossPerFrame: 0 };
  const toGuest = new Link(simulation, 'in', wire, chance.stream('in', 'loss'), () => dropped++);
  const toPeer = new Link(simulation, 'out', wire, chance.stream('out', 'loss'), () => dropped++);
  const idle = new IdleConnections(linux6);
  const host = (address: number, output: Link): EndpointHost =>
    new EndpointHost(ipv4(address), idle, simulation, simulation, (packet) =>
      output.send(packetFrame(packet, address, 3 - address)),
    );
  const guest = host(2, toPeer);
  const peer = host(1, toGuest);
  const hop = (packet: Packet, receiver: EndpointHost, inInterface: string, outInterface: string): void => {
    hash.add(packet.sequence, simulation.nowNs);
    if (++hops >= size) simulation.stop();
    const { verdict } = firewall.inspect(packet, { inInterface, outInterface }, simulation.nowNs);
    if (verdict === 'accept') receiver.deliver(packet);
    else dropped++;
  };
  toGuest.connect({ send: (frame) => hop(frame.packet!, guest, 'uplink', 'tap') });
  toPeer.connect({ send: (frame) => hop(frame.packet!, peer, 'tap', 'uplink') });

  const workload = requestResponse(
    {
      name: 'requests',
      initiator: 'peer',
      asks: 'peer',
      port: 80,
      connections,
      requestBytes: 100,
      responseBytes: 1000,
      think: { kind: 'exponential', meanNs: 10 * ms },
      startNs: 0,
      rampNs: 100 * ms,
      stopNs: 1e15,
      reconnect: { afterNs: Infinity, unansweredNs: Infinity },
    },
    0,
    {
      ends: { vmName: 'guest', peerName: 'peer', vm: guest, peer },
      ...{ simulation, chance, observations: new Observations() },
    },
  );
  workload.start();
  simulation.run(3600 * s);
  return { operations: hops, hash: hash.text, remark: `${dropped} dropped` };
}
