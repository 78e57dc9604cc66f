import type { ConnectionStateAtEnd } from '../../models/observations.ts';
import type { Direction, MessageRow } from '../message-rows.ts';
import type { PairedRows } from '../run-rows.ts';
import { owedDirection } from './owed-direction.ts';

/** The TCP gap of one connection in one direction. */
export interface TcpGap {
  readonly flow: number;
  readonly to: Direction;
  /** Ns; null when nothing was owed: not observable. */
  readonly gapNs: number | null;
  /** The gap was still open when the run ended, so that it is a lower bound. */
  readonly open: boolean;
}

/**
 * TCP gap of a connection and direction: the longest interval without in-order progress while data is owed, minus
 * that message's interval in the paired run without migration (0 if it has none there, up to its end if it never came there either); 0 where that message waited
 * longer without migration, as others then had the link or the processor before it. Progress is seen message
 * by message: an interval runs from the message's offer, or from the message before it if that came later,
 * to its delivery. Only intervals that end after `fromNs`, the first request for a migration, are looked at.
 */
export function tcpGap(runs: PairedRows, connection: OpenConnection, fromNs: number): TcpGap {
  const { flow, to } = connection;
  const messages = runs.run.messages.ofFlow(flow, to);
  const control = runs.control.messages.ofFlow(flow, to);
  const waits = waitsOf(messages).filter((wait) => wait.endNs >= fromNs);
  const open = openWait(runs, connection, connection.state);
  if (open !== null) waits.push(open);
  if (waits.length === 0) return { flow, to, gapNs: null, open: false };
  const longest = waits.reduce((a, b) => (b.lengthNs > a.lengthNs ? b : a));
  const unpaired = { run: runs.control, control: runs.control };
  const waitsThere = [...waitsOf(control), openWait(unpaired, connection, connection.controlState)];
  const usual = waitsThere.find((wait) => wait?.index === longest.index);
  const gapNs = Math.max(0, longest.lengthNs - (usual?.lengthNs ?? 0));
  return { flow, to, gapNs, open: longest === open };
}

/** A connection and how it stood at the end of the run, and of the paired one. */
export interface OpenConnection {
  readonly flow: number;
  readonly to: Direction;
  readonly state: ConnectionStateAtEnd | null;
  readonly controlState: ConnectionStateAtEnd | null;
}

interface Wait {
  readonly index: number;
  readonly endNs: number;
  readonly lengthNs: number;
}

function waitsOf(messages: readonly MessageRow[]): Wait[] {
  return messages.map(({ index, offeredNs, timeNs }, position) => {
    const before = messages[position - 1]?.timeNs ?? offeredNs;
    return { index, endNs: timeNs, lengthNs: timeNs - Math.max(offeredNs, before) };
  });
}

/** The message that the run of `runs` still owes at its end. */
function openWait(
  runs: PairedRows,
  { flow, to }: OpenConnection,
  state: ConnectionStateAtEnd | null,
): Wait | null {
  if (state === null || state.owedSinceNs < 0) return null;
  if (owedDirection(runs, flow) !== to) return null;
  const last = runs.run.messages.ofFlow(flow, to).at(-1);
  const sinceNs = Math.max(state.owedSinceNs, last?.timeNs ?? 0);
  return { index: (last?.index ?? -1) + 1, endNs: runs.run.endNs, lengthNs: runs.run.endNs - sinceNs };
}
