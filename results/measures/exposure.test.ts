import { describe, expect, test } from 'vitest';
import { changedPacket, type Intent } from '../../models/network/packet.ts';
import type { DropCause } from '../../models/observations.ts';
import { handMadePacket, handMadeRows } from '../hand-made-rows.fixture.ts';
import type { RunRows } from '../run-rows.ts';
import { MessageRows } from '../message-rows.ts';
import { contextLoss } from './context-loss.ts';
import { exposureWindowsNs } from './exposure-window.ts';
import { intentExposure } from './intent-exposure.ts';
import { referenceDivergence } from './reference-divergence.ts';
import { transparency } from './transparency.ts';

function traffic(delivered: readonly Intent[], dropped: readonly (readonly [DropCause, Intent])[]): RunRows {
  return handMadeRows(1000, (observations) => {
    for (const intent of delivered)
      observations.packetDelivered.publish({
        ...{ timeNs: 1, place: 'vm1', to: 'vm' },
        packet: changedPacket(handMadePacket, { intent }),
      });
    for (const [cause, intent] of dropped)
      observations.packetDropped.publish({
        ...{ timeNs: 1, place: 'host-a', cause },
        packet: changedPacket(handMadePacket, { intent }),
      });
  });
}

describe('exposure by intent', () => {
  const rows = traffic(
    ['legitimate', 'syn-flood', 'syn-flood', 'rst-live-flow'],
    [
      ['invalid', 'legitimate'],
      ['invalid', 'legitimate'],
      ['rule', 'legitimate'],
      ['rule', 'syn-flood'],
      ['paused', 'legitimate'],
    ],
  );
  const exposure = intentExposure(rows);

  test('attacks that reached a guest are counted by kind', () => {
    expect([...exposure.attacksDelivered]).toEqual([
      ['syn-flood', 2],
      ['rst-live-flow', 1],
    ]);
  });

  test('a verdict that drops a legitimate packet is counted apart from accidents of the way', () => {
    expect([...exposure.legitimateDropped]).toEqual([
      ['invalid', 2],
      ['rule', 1],
    ]);
    expect([...exposure.legitimateLost]).toEqual([['paused', 1]]);
  });

  test('a packet that reached a peer exposes no guest', () => {
    const outwards = handMadeRows(1000, (observations) =>
      observations.packetDelivered.publish({
        ...{ timeNs: 1, place: 'client', to: 'peer' },
        packet: changedPacket(handMadePacket, { intent: 'syn-flood' }),
      }),
    );
    expect(intentExposure(outwards).attacksDelivered.size).toBe(0);
  });
});

describe('divergence from the never-moved reference', () => {
  const divergence = { timeNs: 1, host: 'a', vm: 'vm1', flow: 1, intent: 'legitimate', first: true } as const;
  const accepted = { ...divergence, kind: 'wrongly-accepted' } as const;
  const dropped = { ...divergence, kind: 'wrongly-dropped' } as const;
  const result = referenceDivergence(
    [
      { ...accepted, cause: 'open-chain' },
      { ...accepted, cause: 'open-chain' },
      { ...accepted, cause: 'open-chain', first: false },
      { ...dropped, cause: 'missing-entry' },
      { ...dropped, cause: 'missing-entry', first: false },
      { ...dropped, cause: 'missing-entry', first: false },
      { ...dropped, cause: 'window' },
    ],
    [
      { ...accepted, cause: 'open-chain' },
      { ...dropped, cause: 'missing-entry', first: false },
      { ...dropped, cause: 'window' },
    ],
  );

  test('the first one of a tuple counts by cause, less what happens without migration', () => {
    expect([...result.wronglyAccepted]).toEqual([['open-chain', 1]]);
    expect([...result.wronglyDropped]).toEqual([['missing-entry', 1]]);
  });

  test('later ones of the same tuples are consequent', () => {
    expect(result.consequent).toBe(3 - 1);
    expect(result.spared).toBe(0);
  });

  test('what goes right because of the migration is counted apart and sets nothing off', () => {
    const harmed = { ...dropped, cause: 'missing-entry' } as const;
    const anyway = { ...dropped, cause: 'fresh-bucket', flow: 2 } as const;
    const later = (row: typeof harmed | typeof anyway) => ({ ...row, first: false });
    const { wronglyDropped, consequent, spared } = referenceDivergence(
      [harmed, later(harmed)],
      [anyway, later(anyway), later(anyway)],
    );
    expect([...wronglyDropped]).toEqual([['missing-entry', 1]]);
    expect({ consequent, spared }).toEqual({ consequent: 1, spared: 3 });
  });

  test('a flow that goes wrong anyway is not the migration’s, though it be for another cause', () => {
    const { wronglyDropped, spared } = referenceDivergence(
      [
        { ...dropped, cause: 'missing-entry' },
        { ...dropped, cause: 'window' },
      ],
      [
        { ...dropped, cause: 'window' },
        { ...dropped, cause: 'table-full' },
      ],
    );
    expect(wronglyDropped.size + spared).toBe(0);
  });

  test('a flow that is let in wrongly is told from one that is shut out, and one VM from another', () => {
    const moved = { ...accepted, cause: 'rules', vm: 'vm2' } as const;
    const { wronglyAccepted, spared } = referenceDivergence(
      [moved, { ...accepted, cause: 'rules' }],
      [
        { ...dropped, cause: 'rules' },
        { ...accepted, cause: 'rules', vm: 'vm3' },
      ],
    );
    expect([...wronglyAccepted]).toEqual([['rules', 2]]);
    expect(spared).toBe(2);
  });
});

describe('exposure windows', () => {
  const change = (timeNs: number, vm: string, kind: string, exposed: boolean) => ({
    timeNs,
    vm,
    kind,
    exposed,
  });

  test('a window lasts from the change that opens it to the one that closes it, or to the end of the run', () => {
    const windows = exposureWindowsNs(
      [
        change(0, 'vm1', 'syn', false),
        change(100, 'vm1', 'syn', true),
        change(110, 'vm1', 'syn', true),
        change(150, 'vm1', 'syn', false),
        change(900, 'vm1', 'syn', true),
        change(0, 'vm1', 'rst', false),
      ],
      1000,
    );
    expect([...windows]).toEqual([
      ['syn', 50 + 100],
      ['rst', 0],
    ]);
  });

  test('windows of several VMs add up', () => {
    const both = [change(0, 'vm1', 'syn', true), change(0, 'vm2', 'syn', true)];
    expect(exposureWindowsNs(both, 10).get('syn')).toBe(20);
  });
});

test('losses of an engine add up over the migrations of a run, by items, connections and bytes', () => {
  const loss = { missing: 1, downgraded: 2, stale: 3, resurrected: 4, leftBehind: 5 };
  const flows = { missing: [7], downgraded: [], stale: [7, 8], resurrected: [], leftBehind: [] };
  const none = { missing: 0, downgraded: 0, stale: 0, resurrected: 0, leftBehind: 0 };
  const second = 1_000_000_000;
  const compared = [
    { migration: 'm1', engine: 'fw', itemsAtFreeze: 10, ...loss, resumedNs: 10 * second, flows },
    { migration: 'm2', engine: 'fw', itemsAtFreeze: 20, ...loss, resumedNs: 30 * second, flows },
    {
      migration: 'm1',
      engine: 'a-nat',
      itemsAtFreeze: 7,
      ...loss,
      resumedNs: 10 * second,
      flows: { ...flows, missing: [], stale: [] },
    },
  ];
  const messages = new MessageRows();
  const deliver = (flow: number, atS: number, bytes: number): void =>
    messages.push({ flow, index: 0, to: 'peer', bytes, offeredNs: atS * second, timeNs: atS * second });
  deliver(7, 9, 1); // before both resumes
  deliver(7, 20, 10); // within 60 s of the first alone
  deliver(8, 70, 100); // within both: 70 is not later than 10 + 60
  deliver(7, 80, 1000); // within 60 s of the second alone
  expect(contextLoss(compared, messages)).toEqual([
    { engine: 'a-nat', itemsAtFreeze: 7, ...loss, liveConnections: none, bytesNext60s: none },
    {
      ...{
        engine: 'fw',
        itemsAtFreeze: 30,
        missing: 2,
        downgraded: 4,
        stale: 6,
        resurrected: 8,
        leftBehind: 10,
      },
      liveConnections: { ...none, missing: 2, stale: 4 },
      bytesNext60s: { ...none, missing: 10 + 1000, stale: 10 + 100 + 1000 + 100 },
    },
  ]);
});

describe('transparency', () => {
  const untouched = { flow: 1, kind: 'untouched', delayNs: 0 } as const;
  const hung = { flow: 1, kind: 'hung', delayNs: 0 } as const;
  const control = {
    intent: intentExposure(traffic(['syn-flood'], [['rule', 'legitimate']])),
    divergences: [],
    outcomes: [untouched, { ...hung, flow: 2 }],
    lost: [],
  };

  test('a run that drops, delivers and loses no more than the control is transparent, whatever the pause loses', () => {
    const run = traffic(
      ['syn-flood'],
      [
        ['rule', 'legitimate'],
        ['paused', 'legitimate'],
      ],
    );
    const outcomes = [{ ...untouched, kind: 'stalled' } as const, { ...hung, flow: 2 }];
    expect(
      transparency({ intent: intentExposure(run), divergences: [], outcomes, lost: [] }, control),
    ).toEqual({
      transparent: true,
      reasons: [],
      explained: [],
    });
  });

  test('one more dropped legitimate packet, attack, lost connection or lost VM each make it opaque, and are named', () => {
    const run = traffic(
      ['syn-flood', 'syn-flood'],
      [
        ['rule', 'legitimate'],
        ['invalid', 'legitimate'],
      ],
    );
    const outcomes = [hung, { ...hung, flow: 2 }];
    const divergence = {
      timeNs: 1,
      host: 'a',
      vm: 'vm1',
      flow: 1,
      first: true,
      cause: 'open-chain',
    } as const;
    const divergences = [
      { ...divergence, kind: 'wrongly-accepted', intent: 'syn-flood' } as const,
      { ...divergence, kind: 'wrongly-dropped', intent: 'legitimate' } as const,
    ];
    expect(
      transparency(
        { intent: intentExposure(run), divergences, outcomes, lost: ['vm1 lost: b has died'] },
        control,
      ),
    ).toEqual({
      transparent: false,
      reasons: [
        '1 legitimate packets dropped by an engine',
        '1 attacks delivered: syn-flood',
        '1 connections hung',
        'vm1 lost: b has died',
      ],
      explained: [],
    });
  });

  test('a verdict that is wrong for one flow is the migration’s though another’s goes right for it', () => {
    const run = traffic(
      [],
      [
        ['rule', 'legitimate'],
        ['invalid', 'legitimate'],
      ],
    );
    const row = { timeNs: 1, host: 'a', vm: 'vm1', first: true, cause: 'fresh-bucket' } as const;
    const wrong = { ...row, kind: 'wrongly-dropped', intent: 'legitimate' } as const;
    const { reasons, explained } = transparency(
      {
        ...{ intent: intentExposure(run), outcomes: [], lost: [] },
        divergences: [{ ...wrong, flow: 1, cause: 'missing-entry' }],
      },
      {
        ...control,
        divergences: [
          { ...wrong, flow: 2 },
          { ...wrong, flow: 3 },
        ],
      },
    );
    expect({ reasons, explained }).toEqual({
      reasons: ['1 legitimate packets dropped by an engine'],
      explained: [],
    });
  });

  test('what the never-moved reference would have judged the same is explained by delay, and told apart', () => {
    const run = traffic(['syn-flood', 'syn-flood'], [['rule', 'legitimate']]);
    const outcomes = [untouched, { ...hung, flow: 2 }];
    expect(
      transparency({ intent: intentExposure(run), divergences: [], outcomes, lost: [] }, control),
    ).toEqual({
      transparent: true,
      reasons: [],
      explained: ['1 attacks delivered: syn-flood'],
    });
  });
});
