import { udpPacket } from '../../../models/network/udp-endpoint.ts';
import type { FlowEndName, FlowPlace } from './measured-flow.ts';

/** The two UDP sockets of a flow. */
export class DatagramPair {
  readonly place: FlowPlace;
  private readonly arrived: (end: FlowEndName, payloadBytes: number) => void;
  private sent = 0;

  constructor(place: FlowPlace, arrived: (end: FlowEndName, payloadBytes: number) => void) {
    this.place = place;
    this.arrived = arrived;
  }

  bind(end: FlowEndName): void {
    this.place[end].bindUdp(this.port(end), ({ payloadBytes }) => {
      this.arrived(end, payloadBytes);
    });
  }

  send(from: FlowEndName, payloadBytes: number): void {
    const to = from === 'connector' ? 'acceptor' : 'connector';
    const { flow } = this.place;
    this.place[from].emit(
      udpPacket({
        source: this.place[from].address,
        sourcePort: this.port(from),
        destination: this.place[to].address,
        destinationPort: this.port(to),
        payloadBytes,
        index: this.sent++,
        flow,
        intent: 'legitimate',
      }),
    );
  }

  private port(end: FlowEndName): number {
    const { connector, port, flow } = this.place;
    return end === 'acceptor' ? port : connector.portOf(flow);
  }
}
