import type { TcpApplication } from '../../../models/network/tcp-application.ts';
import type { TcpEndpoint } from '../../../models/network/tcp-endpoint.ts';
import type { FlowEndName, FlowPlace } from './measured-flow.ts';
import { Receptions } from './receptions.ts';

/** What the applications of a TCP flow do when something comes to pass. */
export interface TcpBehaviour {
  established(end: FlowEndName): void;
  delivered(end: FlowEndName, bytes: number): void;
}

/** The connection of a TCP flow: both endpoints, and what each has received. A broken one is not opened again. */
export class TcpConnection {
  readonly place: FlowPlace;
  readonly received = { connector: new Receptions(), acceptor: new Receptions() };
  private readonly behaviour: TcpBehaviour;
  private readonly endpoints: Record<FlowEndName, TcpEndpoint | null> = { connector: null, acceptor: null };

  constructor(place: FlowPlace, behaviour: TcpBehaviour) {
    this.place = place;
    this.behaviour = behaviour;
  }

  listen(): void {
    const { acceptor, port } = this.place;
    acceptor.listenTcp(port, () => this.application('acceptor'));
  }

  open(): void {
    const { connector, acceptor, port, flow } = this.place;
    const application = this.application('connector');
    connector.connectTcp(connector.portOf(flow), acceptor.address, port, flow, application);
  }

  /** The endpoint of an end while its connection is established, otherwise null. */
  endpoint(end: FlowEndName): TcpEndpoint | null {
    return this.endpoints[end];
  }

  /** Writes bytes at an end; nothing where there is no connection. */
  send(end: FlowEndName, bytes: number): void {
    this.endpoints[end]?.send(bytes);
  }

  private application(end: FlowEndName): TcpApplication {
    return {
      established: (endpoint) => {
        this.endpoints[end] = endpoint;
        this.behaviour.established(end);
      },
      delivered: (_, bytes) => {
        this.received[end].add(this.place[end].world.nowNs, bytes);
        this.behaviour.delivered(end, bytes);
      },
      finished: (endpoint) => {
        endpoint.close();
      },
      closed: () => {
        this.endpoints[end] = null;
      },
    };
  }
}
