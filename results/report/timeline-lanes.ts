import { wholeNumber } from '../three-digits.ts';
import { lane, packed } from './lane-builder.ts';
import type { WordList } from '../word-list.ts';
import type { Mark } from './lane-builder.ts';
import type { MarkStyle, PageLane } from './page-data.ts';
import { residences } from './residences.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { shownBytes, shownTime } from './shown.ts';

type Free = Omit<Mark, 'row'>;

/** Hosts with their VMs, and below them what each migration does: memory, context, phases, and what is open to attackers. */
export function timelineLanes(run: RunOnDisk, words: WordList): PageLane[] {
  const about = (label: string, note: string) => ({ label, note, dense: false });
  const { timeline } = run;
  const stays = residences(run);
  const hosts = run.scenario.hosts.map(({ name }) =>
    lane(words, about(name, 'host'), packed(stays.filter(({ host }) => host === name).map(stayMark))),
  );
  const several = new Set(timeline.phases.map(({ migration }) => migration)).size > 1;
  const lanes = [
    ...hosts,
    lane(words, about('memory', 'rounds'), packed(rounds(run, several))),
    lane(words, about('context', 'transfers'), packed(transfers(run, several))),
    lane(words, about('phases', 'and announcements'), phases(run, several)),
    lane(words, about('open to', 'attackers'), packed(exposures(run))),
  ];
  return lanes.filter(({ marks, note }) => marks.length > 0 || note === 'host');
}

function stayMark({ vm, state, startMs, endMs, text }: ReturnType<typeof residences>[number]): Free {
  const label = state === 'expected' ? `${vm} expected` : state === 'paused' ? 'paused' : vm;
  return { startMs, endMs, style: state, label, detail: text };
}

function rounds({ timeline }: RunOnDisk, several: boolean): Free[] {
  return timeline.rounds.map(({ start_ms, end_ms, migration, round, stopped, pages, bytes }) => {
    const what = stopped ? 'Last memory round, the VM is paused' : `Memory round ${round}`;
    const volume = `${wholeNumber(pages)} pages, ${shownBytes(bytes)}`;
    return {
      ...{ startMs: start_ms, endMs: end_ms, style: stopped ? ('last-round' as const) : ('round' as const) },
      label: stopped ? 'last round' : String(round),
      detail: `${what}${of(several, migration)}\n${volume}`,
    };
  });
}

function transfers({ timeline }: RunOnDisk, several: boolean): Free[] {
  return timeline.context_tasks.map((task) => {
    const { start_ms, exported_ms, arrived_ms, end_ms, items, removals, bytes, refused, part } = task;
    const removed = removals === 0 ? '' : `, ${wholeNumber(removals)} removals`;
    const not = refused === 0 ? '' : `, ${wholeNumber(refused)} not taken`;
    const parts = [exported_ms - start_ms, arrived_ms - exported_ms, end_ms - arrived_ms].map(shownTime);
    return {
      ...{
        startMs: start_ms,
        endMs: end_ms,
        style: part === 'rules' ? ('rules' as const) : ('entries' as const),
      },
      label: `${wholeNumber(items)} ${part}`,
      detail: [
        `${part === 'rules' ? 'Rules' : 'Entries'} of ${task.engine}${of(several, task.migration)}, ${task.moment.replaceAll('-', ' ')}`,
        `${wholeNumber(items)} ${part}${removed}${not}, ${shownBytes(bytes)}`,
        `read ${parts[0] ?? ''}, sent ${parts[1] ?? ''}, written ${parts[2] ?? ''}`,
      ].join('\n'),
    };
  });
}

const phaseWords: Readonly<Record<string, string>> = {
  request: 'The move is requested',
  reserve: 'The destination sets memory aside',
  round: 'The first round of memory begins',
  stop: 'The VM stops',
  'memory-complete': 'All memory that the VM needs is at the destination',
  'context-complete': 'All security context is at the destination',
  commit: 'The VM belongs to the destination',
  activate: 'The VM runs again',
  'source-freed': 'The source gives the VM’s memory back',
  learnt: 'Every switch sends the VM’s frames to the destination',
  'cleaned-up': 'The source forgets the VM’s context',
  failed: 'The move is given up',
};

/** A row for each migration. */
function phases({ timeline }: RunOnDisk, several: boolean): Mark[] {
  const rows = new Map<string, number>();
  const rowOf = (migration: string): number => {
    const row = rows.get(migration) ?? rows.size;
    rows.set(migration, row);
    return row;
  };
  const point = (timeMs: number, row: number, style: MarkStyle, label: string, text: string): Mark => ({
    ...{ startMs: timeMs, endMs: timeMs, row, style, label },
    detail: text,
  });
  const reached = timeline.phases.map(({ time_ms, migration, phase, reason }) => {
    const text = `${phaseWords[phase] ?? phase}${of(several, migration)}${reason === '' ? '' : `: ${reason}`}`;
    return point(time_ms, rowOf(migration), 'phase', phase, text);
  });
  const first = new Set<string>();
  const announced = timeline.announcements.map(({ time_ms, migration, vm, host }) => {
    const label = first.has(migration) ? '' : 'announce';
    first.add(migration);
    return point(time_ms, rowOf(migration), 'announce', label, `${host} announces that ${vm} is there`);
  });
  // A VM that moves several times: what is learnt belongs to the move that was requested last.
  const movingRow = (vm: string, timeMs: number): number =>
    rowOf(
      timeline.phases.findLast((each) => each.vm === vm && each.phase === 'request' && each.time_ms <= timeMs)
        ?.migration ?? '',
    );
  const learnt = timeline.learnt.map(({ time_ms, place, vm }) => {
    const row = movingRow(vm, time_ms);
    return point(time_ms, row, 'learnt', `${place} learns`, `${place} learns where ${vm} is`);
  });
  const firsts = timeline.first_packets.map(({ time_ms, migration, vm, to, flow }) => {
    const text =
      to === 'vm'
        ? `The first packet since then reaches ${vm}`
        : `The first packet of ${vm} since then reaches a peer`;
    const label = to === 'vm' ? 'first packet in' : 'first packet out';
    return point(time_ms, rowOf(migration), 'phase', label, `${text}: connection ${flow}`);
  });
  return [...reached, ...announced, ...learnt, ...firsts];
}

function exposures({ timeline }: RunOnDisk): Free[] {
  return timeline.exposure.map(({ start_ms, end_ms, vm, kind }) => ({
    ...{ startMs: start_ms, endMs: end_ms, style: 'exposed', label: kind },
    detail: `A probe of kind ${kind} would reach ${vm}\nand would not where the VM had never moved`,
  }));
}

function of(several: boolean, migration: string): string {
  return several ? ` of ${migration}` : '';
}
