import type { AttackKind, Intent } from '../../models/network/packet.ts';
import type { DropCause } from '../../models/observations.ts';
import type { RunRows } from '../run-rows.ts';

/** Exposure by intent: packets, counted. No connection-tracking code is involved. */
export interface IntentExposure {
  /** Attack packets that reached a guest, by kind. */
  readonly attacksDelivered: ReadonlyMap<AttackKind, number>;
  /** Legitimate packets that an engine's verdict dropped, by cause. */
  readonly legitimateDropped: ReadonlyMap<DropCause, number>;
  /** Legitimate packets lost to anything else: pause, queue, loss and so on, by cause. */
  readonly legitimateLost: ReadonlyMap<DropCause, number>;
}

/** Counts what each packet's intent says about its fate. */
export function intentExposure(rows: RunRows): IntentExposure {
  const attacksDelivered = new Map<AttackKind, number>();
  for (const [intent, count] of rows.deliveredToVm)
    if (intent !== 'legitimate') attacksDelivered.set(intent, count);
  const legitimateDropped = new Map<DropCause, number>();
  const legitimateLost = new Map<DropCause, number>();
  rows.drops.countByCauseAndIntent((cause: DropCause, intent: Intent, count: number) => {
    if (intent !== 'legitimate') return;
    (isEngineVerdict(cause) ? legitimateDropped : legitimateLost).set(cause, count);
  });
  return { attacksDelivered, legitimateDropped, legitimateLost };
}

/** The sum of counts over all kinds or causes. */
export function totalCount(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

const decidedByEngine: Readonly<Record<DropCause, boolean>> = {
  rule: true,
  invalid: true,
  'no-entry': true,
  'table-full': true,
  spoofed: true,
  intrusion: true,
  rate: true,
  replay: true,
  'not-activated': false,
  paused: false,
  gone: false,
  queue: false,
  loss: false,
  duplicate: false,
  unroutable: false,
};

/** Whether a drop with this cause is an engine's verdict and not an accident of the way. */
export function isEngineVerdict(cause: DropCause): boolean {
  return decidedByEngine[cause];
}
