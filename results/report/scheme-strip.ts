import type { RunSummary } from '../summary.ts';
import { wholeNumber } from '../three-digits.ts';
import { element, escaped, table } from './markup.ts';
import { shownBytes, shownTime } from './shown.ts';

/** One line for each scheme: verdict, downtime and its parts, what became of connections, what got in. */
export function schemeStrip(schemes: readonly RunSummary[]): string {
  const longestMs = schemes.flatMap(downtimes).reduce((most, { totalMs }) => Math.max(most, totalMs), 0);
  const head = [
    'Scheme',
    'Verdict',
    'Downtime',
    'Connections',
    'Wrongly let in',
    'Wrongly shut out',
    'Context sent',
  ];
  const rows = schemes.map((scheme) => [
    element('span', { class: 'name' }, [escaped(scheme.scheme)]),
    pill(scheme),
    downtimeCell(scheme, longestMs),
    connectionsCell(scheme),
    countCell(scheme.exposure.wrongly_accepted),
    countCell(scheme.exposure.wrongly_dropped),
    scheme.migrations.length === 0
      ? '–'
      : shownBytes(scheme.migrations.reduce((sum, { context_bytes }) => sum + context_bytes, 0)),
  ]);
  return table('strip', head, rows) + key;
}

const key = element(
  'p',
  { class: 'key' },
  [
    ...[
      ['memory', 'memory and devices'] as const,
      ['context', 'context alone'] as const,
      ['other', 'other'] as const,
    ],
    ...[['fine', 'untouched'] as const, ['late', 'stalled'] as const, ['broken', 'broken'] as const],
  ].map(([name, text]) =>
    element('span', {}, [element('i', { class: `swatch fill-${name}` }, []), escaped(text)]),
  ),
);

function pill({ migrations, transparent }: RunSummary): string {
  if (migrations.length === 0) return element('span', { class: 'pill control' }, ['control']);
  return transparent
    ? element('span', { class: 'pill good' }, ['✓ transparent'])
    : element('span', { class: 'pill bad' }, ['✕ not transparent']);
}

interface Downtime {
  readonly totalMs: number;
  readonly memoryMs: number;
  readonly contextMs: number;
  readonly otherMs: number;
}

function downtimes({ migrations }: RunSummary): Downtime[] {
  return migrations.flatMap(({ downtime_ms, memory_stop_ms, context_stop_ms, other_stop_ms }) =>
    downtime_ms === null
      ? []
      : [
          {
            totalMs: downtime_ms,
            memoryMs: memory_stop_ms ?? 0,
            contextMs: context_stop_ms ?? 0,
            otherMs: other_stop_ms ?? 0,
          },
        ],
  );
}

/** The longest of the scheme's pauses. */
function downtimeCell(scheme: RunSummary, longestMs: number): string {
  const longest = downtimes(scheme).reduce<Downtime | null>(
    (most, each) => (most === null || each.totalMs > most.totalMs ? each : most),
    null,
  );
  if (longest === null) return '–';
  const { totalMs, memoryMs, contextMs, otherMs } = longest;
  const parts = [
    { name: 'memory', size: memoryMs },
    { name: 'context', size: contextMs },
    { name: 'other', size: otherMs },
  ];
  return bar(parts, longestMs, shownTime(totalMs));
}

function connectionsCell({ connections }: RunSummary): string {
  const { total, untouched, stalled } = connections;
  if (total === 0) return '–';
  const broken = total - untouched - stalled;
  const text = [
    ...(untouched > 0 ? [`${wholeNumber(untouched)} untouched`] : []),
    ...(stalled > 0 ? [`${wholeNumber(stalled)} stalled`] : []),
    ...(broken > 0 ? [`${wholeNumber(broken)} broken`] : []),
  ].join(', ');
  const parts = [
    { name: 'fine', size: untouched },
    { name: 'late', size: stalled },
    { name: 'broken', size: broken },
  ];
  return bar(parts, total, text);
}

function countCell(count: number): string {
  // Below 0 where fewer went wrong than without a move.
  const text = count < 0 ? `−${wholeNumber(-count)}` : wholeNumber(count);
  return element('span', { class: count <= 0 ? 'quiet' : 'loud' }, [text]);
}

/** A stacked bar of 140 by 10 units with its text below; what is not zero is at least a unit and a half wide. */
function bar(
  parts: readonly { readonly name: string; readonly size: number }[],
  whole: number,
  text: string,
): string {
  let x = 0;
  const rects = parts.map(({ name, size }) => {
    const width = size <= 0 || whole <= 0 ? 0 : Math.max(1.5, (size / whole) * 140);
    const rect = element(
      'rect',
      { class: `fill-${name}`, x: x.toFixed(2), y: 0, width: width.toFixed(2), height: 10 },
      [],
    );
    x += width;
    return width === 0 ? '' : rect;
  });
  const drawing = element('svg', { class: 'bar', viewBox: '0 0 142 10', 'aria-hidden': 'true' }, [
    element('rect', { class: 'track', x: 0, y: 0, width: 140, height: 10 }, []),
    ...rects,
  ]);
  return drawing + element('span', { class: 'under' }, [escaped(text)]);
}
