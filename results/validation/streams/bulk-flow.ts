import { assert } from '../../../sim/assert.ts';
import { ipv4 } from '../../../models/network/address.ts';
import { EndpointHost } from '../../../models/network/endpoint-host.ts';
import { packetFrame } from '../../../models/network/frame.ts';
import { IdleConnections } from '../../../models/network/idle-connections.ts';
import { Link } from '../../../models/network/link.ts';
import type { TcpApplication } from '../../../models/network/tcp-application.ts';
import type { TcpSettings } from '../../../models/network/tcp-settings.ts';
import { Chance } from '../../../sim/random.ts';
import { Simulation } from '../../../sim/simulation.ts';

/** A path that is the same in both directions, but for loss. */
export interface BulkPath {
  readonly rateBps: number;
  readonly roundTripNs: number;
  readonly queueBytes: number;
  /** The probabilities that one Ethernet frame of data, and one of acknowledgements, is lost. */
  readonly lossPerFrame: number;
  readonly returnLossPerFrame: number;
}

/** One TCP connection that has bytes to send, and a path for itself; `received` hears of bytes that arrive in order. */
export class BulkFlow {
  readonly simulation: Simulation;
  private bytes = 0;
  private wantedBytes = Infinity;

  constructor(
    path: BulkPath,
    settings: TcpSettings,
    seed: number,
    sentBytes: number,
    received: (bytes: number) => void = nothing,
  ) {
    const simulation = new Simulation({ ...identity, seed });
    this.simulation = simulation;
    const chance = new Chance(seed, 0);
    const wire = { ...path, delayNs: Math.round(path.roundTripNs / 2) };
    const link = (name: string, lossPerFrame: number): Link =>
      new Link(simulation, name, { ...wire, lossPerFrame }, chance.stream(name, 'loss'), nothing);
    const forward = link('forward', path.lossPerFrame);
    const back = link('back', path.returnLossPerFrame);
    const idle = new IdleConnections(settings);
    const sender = new EndpointHost(ipv4(1), idle, simulation, simulation, (packet) =>
      forward.send(packetFrame(packet, 1, 2)),
    );
    const receiver = new EndpointHost(ipv4(2), idle, simulation, simulation, (packet) =>
      back.send(packetFrame(packet, 2, 1)),
    );
    forward.connect({ send: (frame) => receiver.deliver(frame.packet!) });
    back.connect({ send: (frame) => sender.deliver(frame.packet!) });
    receiver.listenTcp(80, () =>
      sink((bytes) => {
        this.receive(bytes);
        received(bytes);
      }),
    );
    sender.connectTcp(40_000, ipv4(2), 80, 0, sink(nothing)).send(sentBytes);
  }

  /** Payload that has arrived in order. */
  get receivedBytes(): number {
    return this.bytes;
  }

  /** Runs until so many bytes have arrived, and returns when that is, in ns. */
  timeOfBytes(bytes: number): number {
    this.wantedBytes = bytes;
    this.simulation.run(Infinity);
    assert(this.bytes >= bytes, 'the connection lives until all has arrived');
    return this.simulation.nowNs;
  }

  private receive(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes >= this.wantedBytes) this.simulation.stop();
  }
}

const identity = { scenario: 'bulk flow', repetition: 0, replayCommand: 'npx tsx cli/write-lossy-rates.ts' };

function sink(count: (bytes: number) => void): TcpApplication {
  return {
    established: nothing,
    delivered: (_, bytes) => count(bytes),
    finished: nothing,
    closed: nothing,
  };
}

function nothing(): void {
  // Nobody listens.
}
