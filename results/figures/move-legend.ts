import type { MoveTimeline } from '../move-timeline.ts';
import { colour } from './figure-theme.ts';
import type { LegendEntry } from './legend.ts';
import { moveColours, moveSymbols } from './move-panel.ts';

type Test = (move: MoveTimeline) => boolean;

/** What stands in timelines of these moves, in the order of their lanes; what none of them shows is left out. */
export function moveLegend(moves: readonly MoveTimeline[]): LegendEntry[] {
  return [...bars, ...marks].filter(({ shown }) => moves.some(shown)).map(({ entry }) => entry);
}

const bars = [
  bar('VM at the source', moveColours.source, () => true),
  bar('paused', moveColours.paused, ({ stopMs }) => stopMs !== null),
  bar('VM at the destination', moveColours.destination, ({ failed }) => !failed),
  bar('memory round', moveColours.round, ({ rounds }) => rounds.some(({ stopped }) => !stopped)),
  bar('last round', moveColours.lastRound, ({ rounds }) => rounds.some(({ stopped }) => stopped)),
  bar('rules', moveColours.rules, ({ tasks }) => tasks.some(({ part }) => part === 'rules')),
  bar('entries', moveColours.entries, ({ tasks }) => tasks.some(({ part }) => part !== 'rules')),
  bar('delivered', moveColours.legitimate, counted('toVm')),
  bar('attack delivered', moveColours.attack, counted('attacks')),
  bar('legitimate, dropped by an engine', moveColours.legitimateDropped, counted('legitimateDropped')),
  bar('lost otherwise', moveColours.lost, counted('lost')),
  bar('attack dropped', moveColours.attackDropped, counted('attacksDropped')),
];

const marks = [
  mark('announced', moveSymbols.announced, ({ announcedMs }) => announcedMs.length > 0),
  mark('first packet in', moveSymbols.firstIn, ({ firstInMs }) => firstInMs !== null),
  mark('first packet out', moveSymbols.firstOut, ({ firstOutMs }) => firstOutMs !== null),
];

interface Shown {
  readonly entry: LegendEntry;
  readonly shown: Test;
}

function bar(label: string, fill: string, shown: Test): Shown {
  return { entry: { label, fill }, shown };
}

function mark(label: string, symbol: string, shown: Test): Shown {
  return { entry: { label, fill: colour.ink, line: { symbol, dash: null } }, shown };
}

function counted(column: 'toVm' | 'attacks' | 'legitimateDropped' | 'lost' | 'attacksDropped'): Test {
  return ({ series }) => series.some((row) => row[column] > 0);
}
