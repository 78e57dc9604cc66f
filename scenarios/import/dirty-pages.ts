import type { DirtySlot } from '../../models/compute/dirty-page-trace.ts';
import type { DirtySample } from '../../models/compute/memory-access.ts';
import { ScenarioError } from '../../sim/assert.ts';
import type { Problem } from '../../sim/assert.ts';
import { TableRows } from './table-rows.ts';

/** What a table of dirty pages says, and the columns that were not looked at. */
export type DirtyPages =
  | { readonly kind: 'trace'; readonly slots: readonly DirtySlot[]; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'growth';
      readonly samples: readonly DirtySample[];
      readonly problems: readonly Problem[];
    };

/**
 * Reads a table (CSV, also with tabs or semicolons) of the distinct pages that a guest wrote, in one of three forms:
 *
 * - `t_ms,dirty_pages`: a log read at regular times, pages since the row before. In a table that starts at 0 with
 *   pages, each row has those up to the row after it.
 * - `t0_ms,t1_ms,dirty_pages`: slots, one after another.
 * - `window_ms,pages`: the growth D(t) of the dirtied set with the length of the window.
 *
 * Times may be in `_us` or `_s` as well. Whatever would change the meaning of the rest, a row out of order or a gap,
 * is an error that names its line. Windows are measured one by one, so that a longer one may have fewer pages by
 * chance: noted, and taken as it is.
 */
export function readDirtyPages(text: string, file: string): DirtyPages {
  const rows = new TableRows(text, file);
  const { header } = rows;
  const at = (pattern: RegExp): number => header.findIndex((name) => pattern.test(name));
  const pages = at(/^(dirty_|dirtied_|distinct_)?pages$/);
  const columns = [at(timeOf('t0')), at(timeOf('t1')), at(timeOf('window')), at(timeOf('t'))] as const;
  const [from, to, window, moment] = columns;
  if (pages < 0 || columns.every((column) => column < 0) || from < 0 !== to < 0) {
    rows.refuse(rows.headerLine, `has no columns of times and dirty pages${rows.columns()}`, forms);
    throw new ScenarioError(rows.wrong);
  }
  const used = new Set([pages, ...columns]);
  const problems = header.flatMap((name, column) =>
    used.has(column)
      ? []
      : [{ place: `${file}:${rows.headerLine}`, message: `column "${name}" is not used`, allowed: forms }],
  );
  const read =
    window >= 0
      ? { kind: 'growth' as const, ...growth(rows, window, pages, problems) }
      : {
          kind: 'trace' as const,
          slots: from >= 0 ? slots(rows, from, to, pages) : log(rows, moment, pages),
          problems,
        };
  rows.throwWrong();
  return read;
}

const forms = 't_ms,dirty_pages; t0_ms,t1_ms,dirty_pages; or window_ms,pages';

/** Simulated time has whole nanoseconds. */
const shortestS = 1e-9;

function timeOf(name: string): RegExp {
  return new RegExp(`^${name}_(us|ms|s)$`);
}

function growth(
  rows: TableRows,
  window: number,
  pages: number,
  unused: readonly Problem[],
): { readonly samples: DirtySample[]; readonly problems: readonly Problem[] } {
  let before: DirtySample | null = null;
  const problems = [...unused];
  const samples = rows.numbers([window, pages]).map(({ line, values: [windowS = 0, dirtied = 0] }) => {
    if (windowS === 0) rows.refuse(line, 'has a window without length', 'a window above 0');
    if (dirtied === 0) rows.refuse(line, 'has no dirty pages: a rate of zero', 'a page or more');
    if (before !== null && windowS <= before.windowS) {
      rows.refuse(line, 'is out of order', `a window longer than ${before.windowS} s`);
    } else if (before !== null && dirtied < before.pages) {
      const message = 'has fewer pages than a shorter window: taken as chance';
      problems.push({ place: rows.place(line), message, allowed: `${before.pages} or more` });
    }
    before = { windowS, pages: dirtied };
    return before;
  });
  return { samples, problems };
}

function slots(rows: TableRows, from: number, to: number, pages: number): DirtySlot[] {
  let endS: number | null = null;
  const read = rows.numbers([from, to, pages]).map(({ line, values: [fromS = 0, toS = 0, dirtied = 0] }) => {
    if (toS <= fromS) rows.refuse(line, 'ends before it starts', `an end after ${fromS} s`);
    else if (toS - fromS < shortestS) rows.refuse(line, 'is shorter than 1 ns', 'the units of its columns');
    if (endS !== null && fromS < endS) rows.refuse(line, 'is out of order', `a start at ${endS} s`);
    if (endS !== null && fromS > endS) rows.refuse(line, 'follows a gap', `a start at ${endS} s`);
    endS = toS;
    return { fromS, toS, pages: dirtied };
  });
  return written(rows, read);
}

function log(rows: TableRows, moment: number, pages: number): DirtySlot[] {
  const read = rows
    .numbers([moment, pages])
    .map(({ line, values: [timeS = 0, dirtied = 0] }) => ({ line, timeS, dirtied }));
  const steps = read.slice(1).map(({ timeS }, i) => timeS - read[i]!.timeS);
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? read[0]?.timeS ?? 0;
  steps.forEach((step, i) => {
    const { line } = read[i + 1]!;
    const allowed = `${showS(usual)} after the row before; slots of different lengths need t0_ms,t1_ms`;
    if (step <= 0) rows.refuse(line, 'is out of order', `a time after ${showS(read[i]!.timeS)}`);
    else if (step < shortestS) rows.refuse(line, 'follows in less than 1 ns', 'the unit of its column');
    else if (step > 1.5 * usual) rows.refuse(line, `follows a gap of ${showS(step)}`, allowed);
  });
  const [first] = read;
  // Pages at time 0 cannot have been written before it: then a row counts what follows.
  const ahead = first !== undefined && first.timeS === 0 && first.dirtied > 0;
  const found = ahead
    ? read.map(({ timeS, dirtied }, i) => ({
        fromS: timeS,
        toS: read[i + 1]?.timeS ?? timeS + usual,
        pages: dirtied,
      }))
    : read
        .map(({ timeS, dirtied }, i) => ({
          fromS: read[i - 1]?.timeS ?? Math.max(0, timeS - usual),
          toS: timeS,
          pages: dirtied,
        }))
        .filter(({ toS }) => toS > 0);
  return written(rows, found);
}

function written(rows: TableRows, read: DirtySlot[]): DirtySlot[] {
  if (read.length > 0 && read.every(({ pages }) => pages === 0)) {
    rows.refuse(rows.headerLine, 'is followed by no dirty page: a rate of zero', 'a page or more');
  }
  return read;
}

function showS(seconds: number): string {
  return `${Number((seconds * 1000).toPrecision(6))} ms`;
}
