import type { EndpointHost } from '../../../models/network/endpoint-host.ts';
import type { FlowPlace } from '../flows/measured-flow.ts';
import { TcpConnection } from '../flows/tcp-connection.ts';

/** Connections that are first tried after the move, and whether they came about. */
export interface NewConnections {
  /** From the client to a port that the rules admit. */
  inNew: boolean;
  /** From the VM to a port that the rules admit. */
  outNew: boolean;
  /** From the client to one that they do not. */
  inClosedPort: boolean;
}

/** Tries the three; what comes of them is written into the result as it happens. Flows are numbered from `firstFlow`. */
export function tryNewConnections(client: EndpointHost, vm: EndpointHost, firstFlow: number): NewConnections {
  const result: NewConnections = { inNew: false, outNew: false, inClosedPort: false };
  const attempt = (place: FlowPlace, established: () => void): void => {
    const connection = new TcpConnection(place, {
      established: (end) => {
        if (end === 'connector') established();
      },
      delivered: () => undefined,
    });
    connection.listen();
    connection.open();
  };
  attempt({ connector: client, acceptor: vm, port: 7_019, flow: firstFlow }, () => {
    result.inNew = true;
  });
  attempt({ connector: vm, acceptor: client, port: 8_019, flow: firstFlow + 1 }, () => {
    result.outNew = true;
  });
  attempt({ connector: client, acceptor: vm, port: 7_021, flow: firstFlow + 2 }, () => {
    result.inClosedPort = true;
  });
  return result;
}
