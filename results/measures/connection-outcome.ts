import { seconds } from '../../sim/time.ts';
import type { ConnectionEnded, ConnectionOpened, ConnectionStateAtEnd } from '../../models/observations.ts';
import type { Direction, MessageRow } from '../message-rows.ts';
import type { PairedRows } from '../run-rows.ts';
import type { MigrationTimes } from './migration-times.ts';
import { firstFreezeNs, lastResumeNs } from './migration-times.ts';
import { owedDirection } from './owed-direction.ts';

export type OutcomeKind =
  'untouched' | 'stalled' | 'reset' | 'hung' | 'reconnected' | 'latent-dead' | 'half-open' | 'unresolved';

/** What a migration did to one connection. */
export interface ConnectionOutcome {
  readonly flow: number;
  readonly kind: OutcomeKind;
  /** `stalled`: how much later than without migration, at most; `reconnected`: since the freeze; ns, otherwise 0. */
  readonly delayNs: number;
}

/** A message this much later than in the paired run was touched by the migration. */
export const stallThresholdNs = 10_000_000;
/** Linux gives a silent connection up after 924.6 s (tcp_retries2 = 15, ip-sysctl.rst); nothing is pending after this. */
const horizonNs = seconds(1000);

/** What is known of one connection in a run and in the paired run without migration. */
export interface ConnectionCase {
  readonly opened: ConnectionOpened;
  readonly ended: readonly ConnectionEnded[];
  readonly state: ConnectionStateAtEnd | null;
  readonly controlState: ConnectionStateAtEnd | null;
}

/**
 * The outcome of a connection as it stands when the run ends; one that its application gave up still owes what it had
 * asked for. Checked in this order: `reconnected` and `reset` (an end saw it); `hung` (an end gave up, or a message is overdue 1,000 s after the
 * resume); `unresolved` (overdue, but the run ended before that); `half-open` (one end has closed, the other knows
 * nothing of it); `latent-dead` (open, nothing owed, but the next packet of an end would be dropped, and would not in
 * the paired run); `stalled` (some message at least 10 ms later than in the paired run); `untouched`.
 * Times are exact; a message that the paired run has not delivered is not compared.
 */
export function connectionOutcome(
  runs: PairedRows,
  connection: ConnectionCase,
  migrations: readonly MigrationTimes[],
): ConnectionOutcome {
  const { flow, vm } = connection.opened;
  const ended = (how: ConnectionEnded['how']): ConnectionEnded | undefined =>
    connection.ended.find((end) => end.how === how);
  const reconnected = ended('reconnected');
  if (reconnected !== undefined) {
    const freezeNs = firstFreezeNs(migrations, vm) ?? reconnected.timeNs;
    return { flow, kind: 'reconnected', delayNs: Math.max(0, reconnected.timeNs - freezeNs) };
  }
  if (ended('reset') !== undefined) return { flow, kind: 'reset', delayNs: 0 };
  if (ended('timed-out') !== undefined) return { flow, kind: 'hung', delayNs: 0 };
  if (isOverdue(runs, connection)) {
    const resumeNs = lastResumeNs(migrations, vm) ?? connection.opened.timeNs;
    const kind = runs.run.endNs - resumeNs >= horizonNs ? 'hung' : 'unresolved';
    return { flow, kind, delayNs: 0 };
  }
  if (connection.state?.ends === 'half-open') return { flow, kind: 'half-open', delayNs: 0 };
  if (isLatentDead(connection)) return { flow, kind: 'latent-dead', delayNs: 0 };
  const delayNs = latestNs(runs, flow);
  return delayNs >= stallThresholdNs
    ? { flow, kind: 'stalled', delayNs }
    : { flow, kind: 'untouched', delayNs: 0 };
}

function isLatentDead({ state, controlState }: ConnectionCase): boolean {
  if (state?.ends !== 'both-open') return false;
  const passes = (at: ConnectionStateAtEnd): boolean => at.peerWouldPass && at.vmWouldPass;
  return !passes(state) && (controlState === null || passes(controlState));
}

/** Whether a message is owed at the end for longer than the paired run took to deliver it. */
function isOverdue(runs: PairedRows, { opened, state, controlState }: ConnectionCase): boolean {
  if (state === null || state.owedSinceNs < 0) return false;
  const { flow } = opened;
  const waitedNs = runs.run.endNs - state.owedSinceNs;
  const to = owedDirection(runs, flow);
  const next = runs.run.messages.ofFlow(flow, to).length;
  const usual = runs.control.messages.ofFlow(flow, to)[next];
  if (usual !== undefined) return waitedNs >= usual.timeNs - usual.offeredNs + stallThresholdNs;
  // The paired run waits for the same message when it ends: what both owe is not the migration's.
  if (controlState === null || controlState.owedSinceNs < 0) return waitedNs >= stallThresholdNs;
  return waitedNs >= runs.control.endNs - controlState.owedSinceNs + stallThresholdNs;
}

function latestNs(runs: PairedRows, flow: number): number {
  return Math.max(latestOneWayNs(runs, flow, 'vm'), latestOneWayNs(runs, flow, 'peer'));
}

function latestOneWayNs(runs: PairedRows, flow: number, to: Direction): number {
  const control = new Map<number, MessageRow>();
  for (const message of runs.control.messages.ofFlow(flow, to)) control.set(message.index, message);
  let latest = 0;
  for (const message of runs.run.messages.ofFlow(flow, to)) {
    const same = control.get(message.index);
    if (same !== undefined) latest = Math.max(latest, message.timeNs - same.timeNs);
  }
  return latest;
}
