import { sameAddress } from '../network/address.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import type { ConnectionSnapshot, Tuple } from './connection-snapshot.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import type { Passage } from './nse.ts';
import type { RuleTable } from './rule-table.ts';
import type { Subject } from './security-engine.ts';
import { sharedPlace, StatefulFirewall } from './stateful-firewall.ts';
import type { TrackingSettings } from './tracking-settings.ts';

/** Whether rules would let a connection open for which there is an entry: a firewall without entries is asked. */
export class OpeningCheck {
  private readonly firewall: StatefulFirewall;

  constructor(name: string, settings: TrackingSettings) {
    const tracker = new ConnectionTracker({ ...settings, buckets: 1 });
    this.firewall = new StatefulFirewall(name, tracker, sharedPlace);
  }

  /** Of an entry that another one announced, the announcing connection is tried. Null stands for no rules. */
  admits({ original, extension }: ConnectionSnapshot, rules: RuleTable | null, vm: Subject): boolean {
    this.firewall.setRules(rules);
    const tuple = extension.master ?? original;
    const passage = vm.addresses.some((own) => sameAddress(own, tuple.source)) ? outwards : inwards;
    return this.firewall.ask(opening(tuple), passage, 0).verdict === 'accept';
  }
}

const inwards: Passage = { inInterface: 'ext0', outInterface: 'int0' };
const outwards: Passage = { inInterface: 'int0', outInterface: 'ext0' };

/** The first packet of a connection with this tuple. */
function opening({ protocol, icmpType, ...ends }: Tuple): Packet {
  const icmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  const tcpFlags = protocol === Protocol.tcp ? TcpFlag.syn : 0;
  return makePacket({ ...ends, protocol, tcpFlags, icmpType: icmp ? icmpType : -1 });
}
