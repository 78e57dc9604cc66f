import { udpPacket } from '../../../models/network/udp-endpoint.ts';
import type { FlowEndName, FlowPlace } from './measured-flow.ts';
import { Receptions } from './receptions.ts';

/** The two UDP sockets of a flow, and what each has received. */
export class DatagramPair {
  readonly place: FlowPlace;
  readonly received = { connector: new Receptions(), acceptor: new Receptions() };
  readonly #delivered: (end: FlowEndName) => void;
  #sent = 0;

  constructor(place: FlowPlace, delivered: (end: FlowEndName) => void) {
    this.place = place;
    this.#delivered = delivered;
  }

  bind(end: FlowEndName): void {
    this.place[end].bindUdp(this.#port(end), ({ payloadBytes }) => {
      this.received[end].add(this.place[end].world.nowNs, payloadBytes);
      this.#delivered(end);
    });
  }

  send(from: FlowEndName, payloadBytes: number): void {
    const to = from === 'connector' ? 'acceptor' : 'connector';
    const { flow } = this.place;
    this.place[from].emit(
      udpPacket({
        source: this.place[from].address,
        sourcePort: this.#port(from),
        destination: this.place[to].address,
        destinationPort: this.#port(to),
        payloadBytes,
        index: this.#sent++,
        flow,
        intent: 'legitimate',
      }),
    );
  }

  #port(end: FlowEndName): number {
    const { connector, port, flow } = this.place;
    return end === 'acceptor' ? port : connector.portOf(flow);
  }
}
