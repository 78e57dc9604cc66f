import { sameAddress } from '../network/address.ts';
import { Protocol } from '../network/packet.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import type { ConnectionSnapshot } from '../security/connection-snapshot.ts';
import { connectionScopes, isConnection, type ContextItem } from '../security/context-item.ts';

/**
 * A VM's TCP connections at one moment, to be found by the items of context that serve them. Entries are compared by
 * ports and addresses: a text for each of thousands would cost more than everything else that is done with them.
 */
export class LiveFlows {
  private readonly connections: readonly TcpIdentity[];
  /** By the ports of the VM's own end and of the other; made when it is asked for first, since most moves lose nothing. */
  private byPorts: Map<number, TcpIdentity[]> | null = null;
  /** By the names under which items of other engines serve them. */
  private byScope: Map<string, TcpIdentity[]> | null = null;

  constructor(connections: readonly TcpIdentity[]) {
    this.connections = connections;
  }

  /** The connections that these items serve, in order, each once. */
  servedBy(items: readonly ContextItem[]): number[] {
    const flows = new Set<number>();
    for (const item of items) {
      if (isConnection(item)) this.addOfEntry(item, flows);
      else this.addOfScope(item.scope, flows);
    }
    return [...flows].sort((a, b) => a - b);
  }

  /** An entry does not say which of its ends is the VM's. */
  private addOfEntry(entry: ConnectionSnapshot, flows: Set<number>): void {
    if (entry.protocol !== Protocol.tcp) return;
    this.byPorts ??= grouped(this.connections, ({ localPort, remotePort }) => [key(localPort, remotePort)]);
    const { sourcePort, destinationPort } = entry;
    for (const connection of this.byPorts.get(key(sourcePort, destinationPort)) ?? [])
      if (sameAddress(connection.remote, entry.original.destination)) flows.add(connection.flow);
    for (const connection of this.byPorts.get(key(destinationPort, sourcePort)) ?? [])
      if (sameAddress(connection.remote, entry.original.source)) flows.add(connection.flow);
  }

  private addOfScope(scope: string, flows: Set<number>): void {
    this.byScope ??= grouped(this.connections, connectionScopes);
    for (const { flow } of this.byScope.get(scope) ?? []) flows.add(flow);
  }
}

function key(localPort: number, remotePort: number): number {
  return localPort * 65_536 + remotePort;
}

/** Connections by each of the keys that one has. */
function grouped<Key>(
  connections: readonly TcpIdentity[],
  keysOf: (connection: TcpIdentity) => readonly Key[],
): Map<Key, TcpIdentity[]> {
  const groups = new Map<Key, TcpIdentity[]>();
  for (const connection of connections) {
    for (const name of keysOf(connection)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [connection]);
      else group.push(connection);
    }
  }
  return groups;
}
