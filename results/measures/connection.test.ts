import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../../sim/time.ts';
import type { ConnectionEnded, ConnectionStateAtEnd, MessageDelivered } from '../../models/observations.ts';
import { handMadeConnection, handMadeRows, handMadeState, publishPhases } from '../hand-made-rows.fixture.ts';
import type { RunRows } from '../run-rows.ts';
import { connectionOutcome } from './connection-outcome.ts';
import type { ConnectionOutcome } from './connection-outcome.ts';
import { migrationTimes } from './migration-times.ts';
import { tcpGap } from './tcp-gap.ts';

const freezeNs = milliseconds(1000);
const resumeNs = milliseconds(1100);

/** Times in ms. Messages of one flow alternate: request to the VM, answer to the peer. */
type Exchange = readonly (readonly [offeredMs: number, deliveredMs: number])[];

function messages(flow: number, exchange: Exchange): MessageDelivered[] {
  return exchange.map(([offered, delivered], position) => ({
    flow,
    index: Math.floor(position / 2),
    to: position % 2 === 0 ? 'vm' : 'peer',
    bytes: 100,
    offeredNs: milliseconds(offered),
    timeNs: milliseconds(delivered),
  }));
}

interface Case {
  readonly exchange: Exchange;
  readonly state: ConnectionStateAtEnd | null;
  readonly ended: readonly ConnectionEnded[];
}

function runOf({ exchange, state, ended }: Case, endNs: number, migrates: boolean): RunRows {
  return handMadeRows(endNs, (observations) => {
    observations.connectionOpened.publish(handMadeConnection(7));
    for (const message of messages(7, exchange)) observations.messageDelivered.publish(message);
    for (const end of ended) observations.connectionEnded.publish(end);
    if (state !== null) observations.connectionState.publish(state);
    if (migrates)
      publishPhases(observations, [
        ['request', milliseconds(500)],
        ['stop', freezeNs],
        ['activate', resumeNs],
      ]);
  });
}

const well: Case = {
  exchange: [
    [990, 991],
    [992, 993],
    [1050, 1051],
    [1052, 1053],
  ],
  state: handMadeState(7, {}),
  ended: [],
};

function outcome(
  run: Case,
  endNs: number = seconds(2000),
  control: Case = well,
): Omit<ConnectionOutcome, 'flow'> {
  const runs = { run: runOf(run, endNs, true), control: runOf(control, endNs, false) };
  const { kind, delayNs } = connectionOutcome(
    runs,
    {
      opened: handMadeConnection(7),
      ended: run.ended,
      state: run.state,
      controlState: control.state,
    },
    migrationTimes(runs.run.phases),
  );
  return { kind, delayNs };
}

const end = (how: ConnectionEnded['how'], timeMs: number): ConnectionEnded => ({
  ...{ flow: 7, how, end: 'peer' },
  timeNs: milliseconds(timeMs),
});

describe('the outcome of a connection', () => {
  const requestLost: Exchange = well.exchange.slice(0, 2);
  const owed = handMadeState(7, { owedSinceNs: milliseconds(1050) });

  test('is untouched when every message comes less than 10 ms later than without migration', () => {
    const late: Exchange = [...requestLost, [1050, 1060.9], [1061.9, 1062.9]];
    expect(outcome({ ...well, exchange: late })).toEqual({ kind: 'untouched', delayNs: 0 });
  });

  test('is stalled by the greatest lateness of a message', () => {
    const late: Exchange = [...requestLost, [1050, 1251], [1252, 1253.5]];
    expect(outcome({ ...well, exchange: late })).toEqual({ kind: 'stalled', delayNs: milliseconds(200.5) });
  });

  test('is reset when an end saw a reset, and hung when an end gave up', () => {
    expect(outcome({ ...well, ended: [end('reset', 1200)] }).kind).toBe('reset');
    expect(outcome({ ...well, ended: [end('timed-out', 900_000)] }).kind).toBe('hung');
  });

  test('is reconnected, since the freeze, when an end came back', () => {
    const run = { ...well, ended: [end('reset', 1200), end('reconnected', 1450)] };
    expect(outcome(run)).toEqual({ kind: 'reconnected', delayNs: milliseconds(450) });
  });

  test('is no reset when its application gave it up, but that of what is still owed', () => {
    const run = { exchange: requestLost, state: owed, ended: [end('given-up', 6000)] };
    expect(outcome(run, resumeNs + seconds(1000)).kind).toBe('hung');
    expect(outcome(run, resumeNs + seconds(900)).kind).toBe('unresolved');
    expect(outcome({ ...run, ended: [...run.ended, end('reconnected', 6500)] }).kind).toBe('reconnected');
  });

  test('is hung when a message is overdue 1,000 s after the resume, and unresolved when the run ends before', () => {
    const run = { exchange: requestLost, state: owed, ended: [] };
    expect(outcome(run, resumeNs + seconds(1000)).kind).toBe('hung');
    expect(outcome(run, resumeNs + seconds(1000) - 1).kind).toBe('unresolved');
  });

  test('is not unresolved for a message that the run merely cut short', () => {
    // The control takes 1 ms for the request; the run ends 0.5 ms after the offer.
    expect(outcome({ exchange: requestLost, state: owed, ended: [] }, milliseconds(1050.5)).kind).toBe(
      'untouched',
    );
  });

  test('is not hung when the run without migration owes the same message as long', () => {
    const both = { exchange: requestLost, state: owed, ended: [] };
    expect(outcome(both, seconds(2000), both).kind).toBe('untouched');
  });

  test('is half-open when one end knows nothing of the end', () => {
    expect(outcome({ ...well, state: handMadeState(7, { ends: 'half-open' }) }).kind).toBe('half-open');
  });

  test('is latent-dead when the next packet of an end would be dropped, and only by the migration', () => {
    const dead = { ...well, state: handMadeState(7, { peerWouldPass: false }) };
    expect(outcome(dead).kind).toBe('latent-dead');
    expect(outcome(dead, seconds(2000), dead).kind).toBe('untouched');
    expect(outcome({ ...well, state: handMadeState(7, { vmWouldPass: false, ends: 'closed' }) }).kind).toBe(
      'untouched',
    );
  });
});

describe('the TCP gap', () => {
  function gap(run: Case, to: 'vm' | 'peer', endNs: number, control: Case = well): number | null {
    const runs = { run: runOf(run, endNs, true), control: runOf(control, endNs, false) };
    const connection = { flow: 7, to, state: run.state, controlState: control.state };
    return tcpGap(runs, connection, milliseconds(500)).gapNs;
  }

  test('is the longest wait for a message less the wait for it in the paired run', () => {
    const late: Exchange = [...well.exchange.slice(0, 2), [1050, 1251], [1252, 1255]];
    expect(gap({ ...well, exchange: late }, 'vm', seconds(2))).toBe(milliseconds(201 - 1));
    expect(gap({ ...well, exchange: late }, 'peer', seconds(2))).toBe(milliseconds(3 - 1));
  });

  test('is not observable in a direction that owes nothing after the migration was requested', () => {
    const early: Exchange = [
      [100, 101],
      [102, 400],
    ];
    expect(gap({ ...well, exchange: early }, 'peer', seconds(2))).toBeNull();
  });

  test('counts only the time without progress when messages are offered one behind the other', () => {
    const bulk = (first: number, second: number): Case => ({
      ...well,
      exchange: [
        [1000, first],
        [0, 0],
        [1000, second],
      ],
    });
    // To the VM: offered together; the second one waits 1300 - 1100 after the first, 20 in the control.
    expect(gap(bulk(1100, 1300), 'vm', seconds(2), bulk(1010, 1030))).toBe(milliseconds(200 - 20));
  });

  test('is less the wait without migration also where the message never came there either', () => {
    const owed = (sinceMs: number): Case => ({
      ...{ exchange: well.exchange.slice(0, 2), ended: [] },
      state: handMadeState(7, { owedSinceNs: milliseconds(sinceMs) }),
    });
    // Both end at 2,050 ms: 1,000 ms here, 950 ms there.
    expect(gap(owed(1050), 'vm', milliseconds(2050), owed(1100))).toBe(milliseconds(50));
    expect(gap(owed(1050), 'vm', milliseconds(2050), owed(1050))).toBe(0);
  });

  test('is 0 where the longest wait was longer still without the migration', () => {
    const waiting = (deliveredMs: number): Case => ({ ...well, exchange: [[1000, deliveredMs]] });
    expect(gap(waiting(1300), 'vm', seconds(2), waiting(1303))).toBe(0);
  });

  test('is open, and a lower bound, when the message has not come by the end of the run', () => {
    const owed = handMadeState(7, { owedSinceNs: milliseconds(1050) });
    const run = { exchange: well.exchange.slice(0, 2), state: owed, ended: [] };
    expect(gap(run, 'vm', milliseconds(2050))).toBe(milliseconds(1000 - 1));
    // The answer to the first request came 1 ms after its offer, as in the control.
    expect(gap(run, 'peer', milliseconds(2050))).toBe(0);
  });
});
