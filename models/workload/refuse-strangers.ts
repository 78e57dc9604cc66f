import type { TcpApplication } from '../network/tcp-application.ts';

/** What a listener does with a connection that no workload opened, such as an attacker's: it resets it. */
export const refuseStrangers: TcpApplication = {
  established(endpoint) {
    endpoint.abort();
  },
  delivered() {
    // What an unknown client sends is not a message of the workload.
  },
  finished(endpoint) {
    endpoint.close();
  },
  closed() {
    // Nobody counts on it.
  },
};
