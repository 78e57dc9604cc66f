import { formatAddress } from '../../models/network/address.ts';
import { Protocol } from '../../models/network/packet.ts';
import { tupleText, type ConnectionSnapshot } from '../../models/security/connection-snapshot.ts';
import { Status, TcpTrackFlag } from '../../models/security/entry-layout.ts';
import type { EntryView } from './golden-sequence.ts';

/** An entry as the golden files show it. `nat` also shows the translation. */
export function entryView(entry: ConnectionSnapshot, nat: boolean): EntryView {
  const { status } = entry;
  const view: EntryView = {
    state: entry.tcpState ?? protocolName(entry.protocol),
    timeout_s: Math.ceil(entry.ticksLeft / 250),
    flags: [...bitNames(status, statusNames), ...((status & Status.seenReply) === 0 ? ['UNREPLIED'] : [])],
    orig_dir: clientSide(formatAddress(entry.original.source)) ? 'c2s' : 's2c',
  };
  if (entry.protocol === Protocol.tcp) {
    view.tcp_flags = [bitNames(entry.tcpFlags(0), tcpFlagNames), bitNames(entry.tcpFlags(1), tcpFlagNames)];
    view.wscale = [entry.windowScale(0), entry.windowScale(1)];
  }
  if (entry.zone !== 0) view[zoneFields[entry.zoneDirection]] = entry.zone;
  if (entry.mark !== 0) view.mark = entry.mark;
  if (nat) {
    view.nat = bitNames(status, natNames);
    view.nat_done = bitNames(status, natDoneNames);
    view.orig = tupleText(entry.original);
    view.reply = tupleText(entry.reply);
  }
  return view;
}

const zoneFields = { both: 'zone', original: 'zone_orig', reply: 'zone_reply' } as const;

/** Whether an address lies on the client's side of the firewall of the golden files. */
export function clientSide(address: string): boolean {
  return address.startsWith('10.0.1.') || address.startsWith('fd00:1:');
}

function protocolName(protocol: number): string {
  for (const [name, number] of Object.entries(Protocol)) if (number === protocol) return name.toUpperCase();
  return String(protocol);
}

type Names = readonly (readonly [number, string])[];

const statusNames: Names = [
  [Status.assured, 'ASSURED'],
  [Status.expected, 'EXPECTED'],
  [Status.dying, 'DYING'],
  [Status.fixedTimeout, 'FIXED_TIMEOUT'],
];

const natNames: Names = [
  [Status.sourceNat, 'SRC_NAT'],
  [Status.destinationNat, 'DST_NAT'],
];

const natDoneNames: Names = [
  [Status.sourceNatDone, 'SRC'],
  [Status.destinationNatDone, 'DST'],
];

const tcpFlagNames: Names = [
  [TcpTrackFlag.windowScale, 'WINDOW_SCALE'],
  [TcpTrackFlag.sackPermitted, 'SACK_PERM'],
  [TcpTrackFlag.closeInit, 'CLOSE_INIT'],
  [TcpTrackFlag.beLiberal, 'BE_LIBERAL'],
  [TcpTrackFlag.dataUnacknowledged, 'DATA_UNACKNOWLEDGED'],
  [TcpTrackFlag.maxAckSet, 'MAXACK_SET'],
  [TcpTrackFlag.challengeAck, 'CHALLENGE_ACK'],
  [TcpTrackFlag.simultaneousOpen, 'SIMULTANEOUS_OPEN'],
];

function bitNames(bits: number, names: Names): string[] {
  return names.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}
