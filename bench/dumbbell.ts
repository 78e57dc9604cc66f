import { Chance } from '../sim/random.ts';
import { Simulation } from '../sim/simulation.ts';
import { milliseconds, ms, s, seconds } from '../sim/time.ts';
import { ipv4 } from '../models/network/address.ts';
import type { CongestionControlKind } from '../models/network/congestion-control.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import { packetFrame } from '../models/network/frame.ts';
import { Link } from '../models/network/link.ts';
import type { TcpApplication } from '../models/network/tcp-application.ts';
import { linux26 } from '../models/network/tcp-settings.ts';
import { benchmarkIdentity } from './identity.ts';

export interface DumbbellCell {
  readonly congestionControl: CongestionControlKind;
  readonly roundTripMs: number;
  readonly lossPerFrame: number;
  readonly seed: number;
  readonly durationS: number;
}

/**
 * Mean goodput in bit/s of one bulk flow over a bottleneck of 100 Mbit/s with 200 packets of queue: the same
 * experiment as peers/dumbbell.cc runs in ns-3 3.37, on which a packet has 54 bytes of headers and 12 of options.
 */
export function dumbbellGoodputBps(cell: DumbbellCell): number {
  const simulation = new Simulation(benchmarkIdentity);
  const chance = new Chance(cell.seed, 0);
  const wire = { rateBps: 1e8, delayNs: milliseconds(cell.roundTripMs / 2), queueBytes: 200 * 1526 };
  const forward = new Link(
    simulation,
    'forward',
    { ...wire, lossPerFrame: cell.lossPerFrame },
    chance.stream('forward', 'loss'),
    () => undefined,
  );
  const back = new Link(
    simulation,
    'back',
    { ...wire, lossPerFrame: 0 },
    chance.stream('back', 'loss'),
    () => undefined,
  );
  const settings = {
    ...linux26,
    // As ns-3's receiver: every second segment, or after 200 ms.
    delayedAckNs: 200 * ms,
    quickAcks: 0,
    rtoInitialNs: 1 * s,
    segmentBytesMax: 1448,
    receiveBufferBytes: 8 * 2 ** 20,
    congestionControl: cell.congestionControl,
    initialWindow: 10,
  };
  const sender = new EndpointHost(ipv4(1), settings, simulation, simulation, (packet) =>
    forward.send(packetFrame(packet, 1, 2)),
  );
  const receiver = new EndpointHost(ipv4(2), settings, simulation, simulation, (packet) =>
    back.send(packetFrame(packet, 2, 1)),
  );
  forward.connect({ send: (frame) => receiver.deliver(frame.packet!) });
  back.connect({ send: (frame) => sender.deliver(frame.packet!) });
  let received = 0;
  receiver.listenTcp(80, () => sink((bytes) => (received += bytes)));
  const connection = sender.connectTcp(
    40_000,
    ipv4(2),
    80,
    0,
    sink(() => undefined),
  );
  connection.send(Math.ceil((1e8 * cell.durationS) / 8));
  simulation.run(seconds(cell.durationS));
  return (received * 8) / cell.durationS;
}

function sink(count: (bytes: number) => void): TcpApplication {
  return {
    established: () => undefined,
    delivered: (_, bytes) => count(bytes),
    finished: () => undefined,
    closed: () => undefined,
  };
}
