import { milliseconds } from '../../../sim/time.ts';
import { measuredBlocks } from '../flows/block-flow.ts';
import type { FlowKind } from '../flows/make-flow.ts';
import { measuredPush } from '../flows/push-flow.ts';
import { measuredRequests } from '../flows/request-flow.ts';
import { frameBytes } from './frame-passage.ts';
import type { EndAtCut, HandoverFlow } from './handover-file.ts';

/** Where in its period a flow is when the path is cut; times from the cut, negative before it. */
export interface FlowPhase {
  /** When it last sends before the cut, and when next. */
  readonly lastNs: number;
  readonly nextNs: number;
  /** What the cut does to what is then on its way. */
  readonly caught: Caught;
}

/**
 * `nothing`: all was answered. `data`: what was sent last did not arrive. `answer`: it did, and what came back
 * for it did not. `inside`: it arrived up to `deliveredBytes`, and was acknowledged up to `acknowledgedBytes`.
 */
export type Caught =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'data' }
  | { readonly kind: 'answer' }
  | { readonly kind: 'inside'; readonly acknowledgedBytes: number; readonly deliveredBytes: number };

/**
 * The phase of a flow from the state of its ends at the cut; where that was not recorded, from how long the flow has
 * run by then. Null for flows that are silent. What is used of an end: how long ago its application
 * sent and received, and how many segments were not acknowledged (TCP_INFO).
 */
export function flowPhase(kind: FlowKind, cut: HandoverFlow['cut'], runningNs: number): FlowPhase | null {
  const con = cut?.con ?? unknown;
  const srv = cut?.srv ?? unknown;
  switch (kind) {
    case 'bulk-down':
      return blockPhase(srv, con, runningNs);
    case 'bulk-up':
      return blockPhase(con, srv, runningNs);
    case 'rr':
      return requestPhase(con, srv, runningNs);
    case 'push':
      return periodic(srv.since_last_send_ms, measuredPush.periodNs, runningNs);
    case 'con-first':
    case 'srv-first':
      return null;
  }
}

const unknown: EndAtCut = { since_last_send_ms: null, since_last_rx_ms: null };
const nothing: Caught = { kind: 'nothing' };

function periodic(sinceMs: number | null, periodNs: number, runningNs: number): FlowPhase {
  const sinceNs = sinceMs === null ? sinceLastNs(runningNs, periodNs) : milliseconds(sinceMs);
  return {
    lastNs: -Math.round(sinceNs),
    nextNs: Math.max(soonNs, Math.round(periodNs - sinceNs)),
    caught: nothing,
  };
}

/** The middle of the period where it is not known any more how many have passed. */
function sinceLastNs(runningNs: number, periodNs: number): number {
  return runningNs < steadyPeriods * periodNs ? runningNs % periodNs : periodNs / 2;
}

/**
 * A process that sleeps between its sends is late by a little each time. In the recorded cuts flows of 12 and 22 periods
 * are spread about their place by 6 and 9 ms; those of 44 and 69 are nearly anywhere.
 */
const steadyPeriods = 25;

function blockPhase(source: EndAtCut, sink: EndAtCut, runningNs: number): FlowPhase {
  const phase = periodic(source.since_last_send_ms, measuredBlocks.periodNs, runningNs);
  const unacknowledged = source.unacked ?? 0;
  if (unacknowledged === 0) return phase;
  const caught = caughtBlock(unacknowledged, source, sink);
  if (-phase.lastNs <= burstNs) return { ...phase, caught };
  // The writer takes the time when its call returns: what is on its way long after a block is the next one. It was
  // under way before the cut only if its reader has it.
  const readNs = milliseconds(sink.since_last_rx_ms ?? Infinity);
  const nextBegun = -phase.lastNs > measuredBlocks.periodNs - burstNs && readNs <= burstNs;
  return nextBegun ? { lastNs: -readNs, nextNs: measuredBlocks.periodNs - readNs, caught } : phase;
}

/** A burst takes the measured machine one or two milliseconds, more when it is busy. */
const burstNs = 5e6;

/**
 * A block that is not acknowledged at all has arrived if its reader says so. One that is in part was cut while its
 * segments ran through: two of them (one delayed acknowledgement's worth) had arrived beyond those acknowledged.
 */
function caughtBlock(unacknowledged: number, source: EndAtCut, sink: EndAtCut): Caught {
  const segments = Math.ceil(measuredBlocks.blockBytes / frameBytes);
  if (unacknowledged < segments) {
    const acknowledgedBytes = (segments - unacknowledged) * frameBytes;
    return { kind: 'inside', acknowledgedBytes, deliveredBytes: acknowledgedBytes + 2 * frameBytes };
  }
  const read = (sink.since_last_rx_ms ?? Infinity) <= (source.since_last_send_ms ?? 0);
  return read ? { kind: 'answer' } : { kind: 'data' };
}

function requestPhase(connector: EndAtCut, acceptor: EndAtCut, runningNs: number): FlowPhase {
  const { pauseNs } = measuredRequests;
  const sentMs = connector.since_last_send_ms;
  const answeredMs = connector.since_last_rx_ms;
  if (sentMs === null || answeredMs === null) return periodic(null, requestPeriodNs, runningNs);
  if (answeredMs <= sentMs) {
    const nextNs = Math.max(soonNs, pauseNs - milliseconds(answeredMs));
    return { lastNs: -milliseconds(sentMs), nextNs, caught: nothing };
  }
  // A connector that waits although its request has had the time to arrive has lost the answer.
  const arrived = sentMs >= tripMs || (acceptor.unacked ?? 0) > 0;
  return { lastNs: -milliseconds(sentMs), nextNs: pauseNs, caught: { kind: arrived ? 'answer' : 'data' } };
}

/**
 * From one request to the next: 50 ms, the answer, and the waking of two processes. Over the 44
 * requests from the opening to the cut the phases of the recorded ones fit this.
 */
const requestPeriodNs = 50.45e6;

/** A request arrives so soon, at a round trip of 0.1 ms. */
const tripMs = 0.1;

/** What is due at the cut comes this long after it. */
const soonNs = 50_000;
