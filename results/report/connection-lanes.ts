import { ascending, group } from 'd3-array';
import type { TimelineFile } from '../timeline-file.ts';
import { wholeNumber } from '../three-digits.ts';
import { lane } from './lane-builder.ts';
import type { WordList } from '../word-list.ts';
import type { Mark } from './lane-builder.ts';
import type { PageLane } from './page-data.ts';
import type { ConnectionOnDisk, RunOnDisk } from './run-on-disk.ts';
import { shownTime } from './shown.ts';

/** Connections that get a row of their own; the others, and the untouched ones, share one for each workload. */
const connectionRowsMax = 400;

/** Outcomes, the worst first, with what they mean. */
const outcomeWords: Readonly<Record<string, string>> = {
  hung: 'waits for ever for a message, or gave up',
  'latent-dead': 'quiet, but its next packet would be dropped',
  'half-open': 'one end has closed, the other does not know',
  reset: 'was reset',
  reconnected: 'broke and was made anew',
  unresolved: 'waits for a message when the run ends',
  stalled: 'some message came at least 10 ms late',
  untouched: 'noticed nothing',
};

/** A lane for each outcome, with a row for each connection as far as there is room. */
export function connectionLanes(run: RunOnDisk, words: WordList): PageLane[] {
  const order = Object.keys(outcomeWords);
  const marksOf = marksByFlow(run);
  const touchedMs = (flow: number): number => marksOf(flow).stalls[0]?.start_ms ?? Infinity;
  const byOutcome = group(
    [...run.connections].sort(
      (a, b) =>
        order.indexOf(a.outcome) - order.indexOf(b.outcome) ||
        ascending(touchedMs(a.flow), touchedMs(b.flow)) ||
        a.flow - b.flow,
    ),
    ({ outcome }) => outcome,
  );
  let room = connectionRowsMax;
  return [...byOutcome].map(([outcome, connections]) => {
    const own = outcome === 'untouched' ? [] : connections.slice(0, room);
    room -= own.length;
    const rest = [...group(connections.slice(own.length), ({ workload }) => workload).values()];
    const marks = [
      ...own.flatMap((connection, row) => connectionMarks(run, connection, row, marksOf(connection.flow))),
      ...rest.map((together, index) => groupMark(run, together, own.length + index)),
    ];
    const joined = connections.length - own.length;
    const together = joined === 0 || own.length === 0 ? '' : `, ${wholeNumber(joined)} drawn together`;
    return lane(
      words,
      { label: outcome, note: `${wholeNumber(connections.length)}${together}`, dense: true },
      marks,
    );
  });
}

interface FlowMarks {
  readonly stalls: TimelineFile['stalls'];
  readonly ends: TimelineFile['ends'];
}

function marksByFlow({ timeline }: RunOnDisk): (flow: number) => FlowMarks {
  const stalls = group(timeline.stalls, ({ flow }) => flow);
  const ends = group(timeline.ends, ({ flow }) => flow);
  return (flow) => ({ stalls: stalls.get(flow) ?? [], ends: ends.get(flow) ?? [] });
}

function connectionMarks(
  run: RunOnDisk,
  connection: ConnectionOnDisk,
  row: number,
  { stalls, ends }: FlowMarks,
): Mark[] {
  const { flow, workload, vm, peer, initiator, openedMs, outcome, delayMs, messages } = connection;
  const closed = ends.find(({ how }) => how !== 'reconnected');
  const endMs = closed?.time_ms ?? run.timeline.end_ms;
  const [from, to] = initiator === 'vm' ? [vm, peer] : [peer, vm];
  const late = delayMs > 0 ? `, ${shownTime(delayMs)}` : '';
  const who = `Connection ${flow} of ${workload}, ${from} to ${to}`;
  const open: Mark = {
    ...{ startMs: openedMs, endMs: Math.max(openedMs, endMs), row, style: 'open', label: '' },
    detail: `${who}\n${outcome}${late}; ${wholeNumber(messages)} messages`,
  };
  const waits = stalls.map(({ start_ms, end_ms, to: towards, delivered }): Mark => {
    const what = delivered ? 'a message is late' : 'a message never comes';
    return {
      ...{ startMs: start_ms, endMs: end_ms, row, style: delivered ? 'stall' : 'dead', label: '' },
      detail: `${who}\n${what}, towards ${towards === 'vm' ? vm : peer}`,
    };
  });
  const marks = ends.map(({ time_ms, how, end }): Mark => ({
    ...{ startMs: time_ms, endMs: time_ms, row, style: 'ended', label: '' },
    detail: `${who}\n${how.replace('-', ' ')}, as ${end === 'vm' ? vm : peer} sees it`,
  }));
  return [open, ...latent(run, connection, row, who), ...waits, ...marks];
}

/** From the resume on, the next packet would be dropped. */
function latent(run: RunOnDisk, { vm, outcome }: ConnectionOnDisk, row: number, who: string): Mark[] {
  if (outcome !== 'latent-dead') return [];
  const resumed = run.timeline.phases.findLast((phase) => phase.vm === vm && phase.phase === 'activate');
  if (resumed === undefined) return [];
  const [startMs, endMs] = [resumed.time_ms, run.timeline.end_ms];
  const detail = `${who}\nlatent-dead: its next packet would be dropped`;
  return [{ startMs, endMs, row, style: 'latent', label: '', detail }];
}

function groupMark({ timeline }: RunOnDisk, together: readonly ConnectionOnDisk[], row: number): Mark {
  const startMs = together.reduce((first, { openedMs }) => Math.min(first, openedMs), Infinity);
  const { workload = '', outcome = '' } = together[0] ?? {};
  const text = `${wholeNumber(together.length)} of ${workload}`;
  const why = outcome === 'untouched' ? 'which noticed nothing' : 'too many for a row each';
  return {
    ...{ startMs, endMs: timeline.end_ms, row, style: outcome === 'untouched' ? 'together' : 'stall' },
    label: text,
    detail: `${text}: ${outcome}\nconnections drawn together, ${why}; connections.csv has each`,
  };
}
