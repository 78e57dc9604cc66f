import { expect, test } from 'vitest';
import { flowPhase } from './flow-phase.ts';

const ms = 1e6;
const silent = { since_last_send_ms: null, since_last_rx_ms: null };

test('A flow whose state at the cut was not recorded, and that has run long, is in the middle of its period', () => {
  // Blocks every 32 ms, requests 50 ms and an answer apart.
  expect(flowPhase('bulk-up', null, 2_200 * ms)).toEqual({
    lastNs: -16 * ms,
    nextNs: 16 * ms,
    caught: { kind: 'nothing' },
  });
  expect(flowPhase('rr', null, 2_200 * ms)?.nextNs).toBeCloseTo(25.2 * ms, -6);
  expect(flowPhase('con-first', null, 2_200 * ms)).toBeNull();
});

test('One that has not is where its periods take it', () => {
  // 21 periods of 100.25 ms are 2,105.25 ms, 12 of 50.45 ms are 605.4 ms.
  const push = flowPhase('push', null, 2_200 * ms);
  expect([push?.lastNs, push?.nextNs]).toEqual([-94.75 * ms, 5.5 * ms]);
  expect(flowPhase('rr', null, 602 * ms)?.nextNs).toBeCloseTo(3.4 * ms, -3);
});

test('The next block is due a period after the last, the next request a pause after the last answer', () => {
  const con = { since_last_send_ms: 10, since_last_rx_ms: null, unacked: 0 };
  expect(flowPhase('bulk-up', { con, srv: silent }, 2_200 * ms)?.nextNs).toBe(22 * ms);
  const asking = { since_last_send_ms: 10.2, since_last_rx_ms: 10, unacked: 0 };
  expect(flowPhase('rr', { con: asking, srv: silent }, 2_200 * ms)).toEqual({
    lastNs: -10.2 * ms,
    nextNs: 40 * ms,
    caught: { kind: 'nothing' },
  });
});

test('A block that nobody acknowledged arrived if its reader has read since', () => {
  const con = { since_last_send_ms: 1, since_last_rx_ms: null, unacked: 23 };
  const read = { since_last_send_ms: null, since_last_rx_ms: 0.2 };
  expect(flowPhase('bulk-up', { con, srv: read }, 2_200 * ms)?.caught).toEqual({ kind: 'answer' });
  const unread = { since_last_send_ms: null, since_last_rx_ms: 31 };
  expect(flowPhase('bulk-up', { con, srv: unread }, 2_200 * ms)?.caught).toEqual({ kind: 'data' });
});

test('A block that was acknowledged in part arrived for two segments more', () => {
  // 32,768 bytes are 23 segments of 1,448 bytes.
  const srv = { since_last_send_ms: 0.2, since_last_rx_ms: null, unacked: 8 };
  expect(flowPhase('bulk-down', { con: silent, srv }, 2_200 * ms)?.caught).toEqual({
    kind: 'inside',
    acknowledgedBytes: 15 * 1_448,
    deliveredBytes: 17 * 1_448,
  });
});

test('What is on its way long after a block is the next one', () => {
  const con = { since_last_send_ms: 31.9, since_last_rx_ms: null, unacked: 2 };
  const phase = flowPhase('bulk-up', { con, srv: silent }, 2_200 * ms);
  expect(phase?.caught).toEqual({ kind: 'nothing' });
  expect(phase?.nextNs).toBeCloseTo(0.1 * ms, 0);
});

test('The next block was begun before the cut if its reader has it already', () => {
  const con = { since_last_send_ms: 31.9, since_last_rx_ms: null, unacked: 8 };
  const phase = flowPhase(
    'bulk-up',
    { con, srv: { since_last_send_ms: null, since_last_rx_ms: 0.4 } },
    2_200 * ms,
  );
  expect(phase).toEqual({
    lastNs: -0.4 * ms,
    nextNs: 31.6 * ms,
    caught: { kind: 'inside', acknowledgedBytes: 15 * 1_448, deliveredBytes: 17 * 1_448 },
  });
});

test('An end without a record is like a flow without one', () => {
  expect(flowPhase('bulk-up', { con: null, srv: silent }, 2_200 * ms)).toEqual(
    flowPhase('bulk-up', null, 2_200 * ms),
  );
  expect(flowPhase('rr', { con: null, srv: null }, 2_200 * ms)).toEqual(flowPhase('rr', null, 2_200 * ms));
});

test('A request without an answer arrived if it had the time to, or if its answer is not acknowledged', () => {
  const con = { since_last_send_ms: 0.7, since_last_rx_ms: 50.9, unacked: 1 };
  const srv = { since_last_send_ms: 50.9, since_last_rx_ms: 50.9, unacked: 0 };
  expect(flowPhase('rr', { con, srv }, 2_200 * ms)?.caught).toEqual({ kind: 'answer' });
  const justSent = { ...con, since_last_send_ms: 0 };
  expect(flowPhase('rr', { con: justSent, srv }, 2_200 * ms)?.caught).toEqual({ kind: 'data' });
  expect(flowPhase('rr', { con: justSent, srv: { ...srv, unacked: 1 } }, 2_200 * ms)?.caught).toEqual({
    kind: 'answer',
  });
});
