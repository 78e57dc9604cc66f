import { s } from '../../sim/time.ts';
import type { ContextCompared, LostFlows } from '../../models/observations.ts';
import type { MessageRows } from '../message-rows.ts';

/** A count for each kind of loss. */
export type LossCounts = Readonly<Record<keyof LostFlows, number>>;

/**
 * What one engine lost of a VM's security context, in items: S are the unexpired items at the freeze, D those where
 * the guest resumes: at the destination, or at the source if the migration failed. The same by the connections that lived at the freeze and are served by
 * such items, and by the bytes of messages that those connections carry in the 60 s after the resume in the paired
 * run without migration.
 */
export interface ContextLoss {
  readonly engine: string;
  readonly itemsAtFreeze: number;
  /** In S, not in D. */
  readonly missing: number;
  /** In both, with less fidelity. */
  readonly downgraded: number;
  /** In both, but fields differ after ageing, or the timeout is more than 1 s off. */
  readonly stale: number;
  /** In D, gone from S. */
  readonly resurrected: number;
  /** Still at the source when the run ends. */
  readonly leftBehind: number;
  readonly liveConnections: LossCounts;
  readonly bytesNext60s: LossCounts;
}

/** The losses of all migrations of a run, summed for each engine, in the order of the engines' names. */
export function contextLoss(compared: readonly ContextCompared[], control: MessageRows): ContextLoss[] {
  const engines = [...new Set(compared.map(({ engine }) => engine))].sort();
  return engines.map((engine) => {
    const own = compared.filter((row) => row.engine === engine);
    const sum = (field: (row: ContextCompared) => number): number =>
      own.reduce((total, row) => total + field(row), 0);
    return {
      engine,
      itemsAtFreeze: sum((row) => row.itemsAtFreeze),
      missing: sum((row) => row.missing),
      downgraded: sum((row) => row.downgraded),
      stale: sum((row) => row.stale),
      resurrected: sum((row) => row.resurrected),
      leftBehind: sum((row) => row.leftBehind),
      liveConnections: forEachKind((kind) => sum(({ flows }) => flows[kind].length)),
      bytesNext60s: forEachKind((kind) =>
        sum(({ flows, resumedNs }) => bytesBetween(control, flows[kind], resumedNs, resumedNs + 60 * s)),
      ),
    };
  });
}

function forEachKind(count: (kind: keyof LostFlows) => number): LossCounts {
  return {
    missing: count('missing'),
    downgraded: count('downgraded'),
    stale: count('stale'),
    resurrected: count('resurrected'),
    leftBehind: count('leftBehind'),
  };
}

function bytesBetween(messages: MessageRows, flows: readonly number[], fromNs: number, toNs: number): number {
  let bytes = 0;
  for (const flow of flows) {
    for (const message of messages.ofFlowBothWays(flow)) {
      if (message.timeNs > fromNs && message.timeNs <= toNs) bytes += message.bytes;
    }
  }
  return bytes;
}
