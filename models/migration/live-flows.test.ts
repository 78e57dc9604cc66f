import { describe, expect, it } from 'vitest';
import { ipv4, type Address } from '../network/address.ts';
import { makePacket, Protocol, TcpFlag } from '../network/packet.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import type { ConnectionSnapshot } from '../security/connection-snapshot.ts';
import { ConnectionTracker } from '../security/connection-tracker.ts';
import { connectionScopes, type KeyedItem } from '../security/context-item.ts';
import { linuxDefaults } from '../security/tracking-settings.ts';
import { LiveFlows } from './live-flows.ts';

const [guest, client, other] = [ipv4(10), ipv4(20), ipv4(21)] as const;

/** A connection of the guest's port 80. */
function connection(remote: Address, remotePort: number, flow: number): TcpIdentity {
  return { local: guest, localPort: 80, remote, remotePort, flow, intent: 'legitimate' };
}

/** The entry of a packet from one end to the other. */
function entry(ends: {
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
  readonly protocol: number;
}): ConnectionSnapshot {
  const tracker = new ConnectionTracker(linuxDefaults);
  tracker.track(makePacket({ ...ends, tcpFlags: TcpFlag.syn }), 0, 0, false);
  tracker.confirm();
  return tracker.entries.dump({ kind: 'all' }, 0)[0]!;
}

function item(scope: string): KeyedItem {
  const lifetime = { readNs: 0, timeoutNs: Infinity, lifetimeNs: Infinity };
  return { identity: 'item', format: 'limiter 1', fields: {}, grade: 1, bytes: 0, scope, ...lifetime };
}

const connections = [connection(client, 5000, 3), connection(client, 5001, 2), connection(other, 5000, 1)];

describe('the connections that items serve', () => {
  const towards = { source: client, sourcePort: 5000, destination: guest, destinationPort: 80 };
  const tcp = { ...towards, protocol: Protocol.tcp };

  it('are those of an entry’s ports and addresses, whichever end opened the connection', () => {
    const opened = { source: guest, sourcePort: 80, destination: client, destinationPort: 5001 };
    const flows = new LiveFlows(connections);
    expect(flows.servedBy([entry(tcp)])).toEqual([3]);
    expect(flows.servedBy([entry({ ...opened, protocol: Protocol.tcp })])).toEqual([2]);
  });

  it('are none where an address, a port or the protocol is another', () => {
    const strangers = [
      entry({ ...tcp, source: ipv4(22) }),
      entry({ ...tcp, destinationPort: 81 }),
      entry({ ...towards, protocol: Protocol.udp }),
    ];
    expect(new LiveFlows(connections).servedBy(strangers)).toEqual([]);
  });

  it('are those of one connection, of one address or all, as the item of another engine says', () => {
    const [one, address, all] = connectionScopes(connections[0]!);
    const flows = new LiveFlows(connections);
    expect(flows.servedBy([item(one)])).toEqual([3]);
    expect(flows.servedBy([item(address)])).toEqual([2, 3]);
    expect(flows.servedBy([item(all), item(one), entry(tcp)])).toEqual([1, 2, 3]);
  });
});
