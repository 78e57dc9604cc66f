import { Protocol } from '../models/network/packet.ts';
import type { Packet } from '../models/network/packet.ts';
import type { DropCause } from '../models/observations.ts';
import type { Addressing } from '../models/security/addressing.ts';
import type { ConnectionSnapshot } from '../models/security/connection-snapshot.ts';
import { ConnectionTracker } from '../models/security/connection-tracker.ts';
import type { ConnectionState, Passage, Verdict } from '../models/security/nse.ts';
import { RuleTable } from '../models/security/rule-table.ts';
import type { Ruleset } from '../models/security/ruleset.ts';
import { StatefulFirewall, sharedPlace } from '../models/security/stateful-firewall.ts';
import type { TrackingSettings } from '../models/security/tracking-settings.ts';
import { tcpStates } from '../models/security/tcp-transitions.ts';
import type { TcpState } from '../models/security/tcp-transitions.ts';
import { tcpStateOf } from '../models/security/tcp-fields.ts';

/** One packet to be judged. */
export interface ReplayPacket {
  readonly timeNs: number;
  /** Position in the trace, from 1. */
  readonly record: number;
  readonly passage: Passage;
  readonly packet: Packet;
}

export interface ReplayRequest {
  readonly packets: readonly ReplayPacket[];
  readonly ruleset: Ruleset;
  readonly settings: TrackingSettings;
  readonly addressing: Addressing;
  /** Loaded first, as `conntrack --load-file` would. */
  readonly entries: readonly ConnectionSnapshot[];
}

/** What the firewall said of one packet. */
export interface ReplayedPacket extends ReplayPacket {
  readonly verdict: Verdict;
  readonly cause: DropCause | null;
  /** As the rules saw it; null when no rule was asked. */
  readonly connectionState: ConnectionState | null;
  readonly rulesEvaluated: number;
  /** State of the TCP entry after the packet; null without one. */
  readonly tcpState: TcpState | null;
  readonly entryCreated: boolean;
  /** As it left: translated. */
  readonly packetOut: Packet;
}

export interface Replay {
  readonly packets: readonly ReplayedPacket[];
  /** Entries that could not be loaded. */
  readonly entriesRefused: number;
  readonly entriesAtEnd: number;
}

/**
 * Sends a trace through one stateful firewall. Packets are judged in the order of the trace; one whose time lies
 * before that of the packet before it is judged at that packet's time.
 */
export function replay(request: ReplayRequest): Replay {
  const tracker = new ConnectionTracker(request.settings);
  const firewall = new StatefulFirewall('replay', tracker, sharedPlace);
  firewall.setAddressing(request.addressing);
  firewall.setRules(new RuleTable(request.ruleset));
  let nowNs = 0;
  const refused = tracker.entries
    .load(request.entries, 'save', nowNs)
    .filter((answer) => answer !== 0).length;
  const packets = request.packets.map((each): ReplayedPacket => {
    nowNs = Math.max(nowNs, each.timeNs);
    const judgement = firewall.inspect(each.packet, each.passage, nowNs);
    const { verdict, cause, connectionState, rulesEvaluated, entryCreated, packet: packetOut } = judgement;
    // What bypasses tracking leaves the attachment of the packet before it.
    const tracked = connectionState !== null && connectionState !== 'untracked';
    const tcpState = tracked ? stateAfter(tracker, each.packet) : null;
    return { ...each, verdict, cause, connectionState, rulesEvaluated, tcpState, entryCreated, packetOut };
  });
  const entriesAtEnd = tracker.entries.dump({ kind: 'all' }, nowNs).length;
  return { packets, entriesRefused: refused, entriesAtEnd };
}

/** State of the connection that the tracker just found; null when it found none, or no TCP. */
function stateAfter({ attachment }: ConnectionTracker, packet: Packet): TcpState | null {
  // An entry without a row was never let into the table, or has just left it.
  if (packet.protocol !== Protocol.tcp || !attachment.hasEntry || attachment.row < 0) return null;
  return tcpStates[tcpStateOf(attachment.words, attachment.base)] ?? null;
}
