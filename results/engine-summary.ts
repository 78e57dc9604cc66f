import { ms } from '../sim/time.ts';
import { contextLoss } from './measures/context-loss.ts';
import type { ContextLoss, LossCounts } from './measures/context-loss.ts';
import { contextWork } from './measures/context-work.ts';
import type { ContextWork } from './measures/context-work.ts';
import type { MessageRows } from './message-rows.ts';
import type { RunRows } from './run-rows.ts';

/** What became of one engine's context in all migrations of a run, and what that took, as JSON. */
export interface EngineSummary {
  readonly engine: string;
  readonly items_at_freeze: number;
  readonly missing: number;
  readonly downgraded: number;
  readonly stale: number;
  readonly resurrected: number;
  readonly left_behind: number;
  /** Connections that live and are served by such items, and what they carry in the 60 s after the resume. */
  readonly live_connections: LossSummary;
  readonly bytes_next_60s: LossSummary;
  /** What travelled, attempts that failed included. */
  readonly moved_items: number;
  readonly moved_bytes: number;
  readonly refused_items: number;
  readonly export_ms: number;
  readonly import_ms: number;
}

export interface LossSummary {
  readonly missing: number;
  readonly downgraded: number;
  readonly stale: number;
  readonly resurrected: number;
  readonly left_behind: number;
}

/** Engines whose context was compared or travelled, by name; `control` are the messages of the run without migration. */
export function summarizeEngines(rows: RunRows, control: MessageRows): EngineSummary[] {
  const losses = new Map(contextLoss(rows.contextCompared, control).map((loss) => [loss.engine, loss]));
  const works = new Map(contextWork(rows.contextTasks).map((work) => [work.engine, work]));
  const names = [...new Set([...losses.keys(), ...works.keys()])].sort();
  return names.map((engine) =>
    summarizeEngine(losses.get(engine) ?? { engine, ...noLoss }, works.get(engine) ?? { engine, ...noWork }),
  );
}

function summarizeEngine(loss: ContextLoss, work: ContextWork): EngineSummary {
  return {
    engine: loss.engine,
    items_at_freeze: loss.itemsAtFreeze,
    missing: loss.missing,
    downgraded: loss.downgraded,
    stale: loss.stale,
    resurrected: loss.resurrected,
    left_behind: loss.leftBehind,
    live_connections: summarizeLoss(loss.liveConnections),
    bytes_next_60s: summarizeLoss(loss.bytesNext60s),
    moved_items: work.items,
    moved_bytes: work.bytes,
    refused_items: work.refused,
    export_ms: work.exportNs / ms,
    import_ms: work.importNs / ms,
  };
}

function summarizeLoss({ leftBehind, ...others }: LossCounts): LossSummary {
  return { ...others, left_behind: leftBehind };
}

const none: LossCounts = { missing: 0, downgraded: 0, stale: 0, resurrected: 0, leftBehind: 0 };

const noLoss: Omit<ContextLoss, 'engine'> = {
  ...none,
  ...{ itemsAtFreeze: 0, liveConnections: none, bytesNext60s: none },
};

const noWork: Omit<ContextWork, 'engine'> = { items: 0, refused: 0, bytes: 0, exportNs: 0, importNs: 0 };
