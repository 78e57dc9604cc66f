import { group } from 'd3-array';
import { isEngineVerdict } from '../measures/intent-exposure.ts';
import { wholeNumber } from '../three-digits.ts';
import type { DropCause } from '../../models/observations.ts';
import { lane } from './lane-builder.ts';
import type { WordList } from '../word-list.ts';
import type { Mark } from './lane-builder.ts';
import type { MarkStyle, PageLane } from './page-data.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { shownTime } from './shown.ts';

/** Packets of one run that are drawn one by one; with more of them, full lanes are counted in intervals. */
const packetMarksMax = 50_000;
const fullLane = packetMarksMax / 10;
const intervalsMax = 2000;

interface PacketPoint {
  readonly timeMs: number;
  readonly text: string;
}

/** One lane for each fate of packets that matters, with one mark a packet while there are not too many. */
export function packetLanes(run: RunOnDisk, words: WordList): PageLane[] {
  const { timeline } = run;
  const engine = run.drops.filter(({ cause }) => isEngineVerdict(cause as DropCause));
  const drop = ({ timeMs, place, cause, intent, flow }: RunOnDisk['drops'][number]): PacketPoint => ({
    timeMs,
    text: `${subject(intent)}, flow ${flow}\ndropped at ${place}: ${cause}`,
  });
  const diverged = (kind: string): PacketPoint[] =>
    timeline.divergences
      .filter((row) => row.kind === kind)
      .map(({ time_ms, cause, host, intent, flow }) => ({
        timeMs: time_ms,
        text: `${subject(intent)}, flow ${flow}\n${kind.replace('-', ' ')} at ${host}: ${cause}`,
      }));
  const attacks = timeline.attacks_delivered.map(({ time_ms, kind, flow }) => ({
    timeMs: time_ms,
    text: `${subject(kind)}, flow ${flow}\nreached the guest`,
  }));
  const lanes: [label: string, style: MarkStyle, points: readonly PacketPoint[], left: number][] = [
    ['wrongly accepted', 'wrongly-accepted', diverged('wrongly-accepted'), left(run, 'divergences')],
    ['wrongly dropped', 'wrongly-dropped', diverged('wrongly-dropped'), left(run, 'divergences')],
    ['attacks delivered', 'attack-delivered', attacks, left(run, 'attacks_delivered')],
    [
      ...(['legitimate dropped', 'legitimate-dropped'] as const),
      engine.filter(({ intent }) => intent === 'legitimate').map(drop),
      0,
    ],
    [
      ...(['attacks dropped', 'attack-dropped'] as const),
      engine.filter(({ intent }) => intent !== 'legitimate').map(drop),
      0,
    ],
    [
      ...(['lost on the way', 'lost'] as const),
      run.drops.filter(({ cause }) => !isEngineVerdict(cause as DropCause)).map(drop),
      0,
    ],
  ];
  const all = lanes.reduce((sum, [, , points]) => sum + points.length, 0);
  const isCounted = (count: number): boolean => all > packetMarksMax && count > fullLane;
  return lanes
    .filter(([, , points]) => points.length > 0)
    .map(([label, style, points, leftOut]) => {
      const marks = isCounted(points.length)
        ? counted(points, style)
        : points.map((point) => mark(point, style));
      const together = isCounted(points.length) ? `, in ${wholeNumber(marks.length)} intervals` : '';
      const more = leftOut > 0 ? ` of ${wholeNumber(points.length + leftOut)}` : '';
      const note = `${wholeNumber(points.length)}${more}${together}`;
      return lane(words, { label, note, dense: false }, marks);
    });
}

function left({ timeline }: RunOnDisk, list: string): number {
  return timeline.left_out[list] ?? 0;
}

function subject(intent: string): string {
  return intent === 'legitimate' ? 'Legitimate packet' : `Attack ${intent}`;
}

function mark({ timeMs, text }: PacketPoint, style: MarkStyle): Mark {
  return { startMs: timeMs, endMs: timeMs, row: 0, style, label: '', detail: text };
}

/** One mark for all packets of an interval; 1, 2 or 5 times a power of ten ms long, so that there are few enough. */
function counted(points: readonly PacketPoint[], style: MarkStyle): Mark[] {
  const lastMs = points.reduce((last, { timeMs }) => Math.max(last, timeMs), 0);
  const intervalMs = roundLength(lastMs / intervalsMax);
  return [...group(points, ({ timeMs }) => Math.floor(timeMs / intervalMs))].map(([interval, within]) => {
    const startMs = interval * intervalMs;
    const detail = `${wholeNumber(within.length)} packets in ${shownTime(intervalMs)}\n${within[0]?.text ?? ''}, among others`;
    return { startMs, endMs: startMs + intervalMs, row: 0, style, label: '', detail };
  });
}

function roundLength(atLeastMs: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(atLeastMs, 0.001)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((length) => length >= atLeastMs) ?? power;
}
