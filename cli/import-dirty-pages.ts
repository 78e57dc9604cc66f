import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { DirtySlot } from '../models/compute/dirty-page-trace.ts';
import { fitMemoryAccess } from '../models/compute/memory-access-fit.ts';
import type { MemoryAccessFit } from '../models/compute/memory-access-fit.ts';
import type { DirtyPages } from '../scenarios/import/dirty-pages.ts';
import { readDirtyPages } from '../scenarios/import/dirty-pages.ts';
import { fittedAccessText, traceAccessText } from '../scenarios/import/memory-access-text.ts';
import { threeDigits } from '../results/three-digits.ts';
import { fileBytesMax } from '../scenarios/read-text-file.ts';
import { parseQuantity } from '../scenarios/units.ts';
import type { Problem } from '../sim/assert.ts';
import { ScenarioError } from '../sim/assert.ts';

interface Imported {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

/**
 * A table of dirty pages as the `memory_access:` of a VM. A trace does not say among how many pages its guest wrote:
 * `setPages`, or twice the most that a slot has.
 */
export function importDirtyPages(text: string, file: string, setPages: number | undefined): Imported {
  const read = readDirtyPages(text, file);
  const { problems } = read;
  if (read.kind === 'growth') {
    const fits = fitGrowth(read, file);
    return {
      text: fittedAccessText(fits[0]!),
      counts: { windows: read.samples.length },
      problems: [...problems, ...poorFit(fits, file)],
    };
  }
  const most = read.slots.reduce((pages, slot) => Math.max(pages, slot.pages), 0);
  if (setPages !== undefined && most > setPages) {
    const allowed = `--pages of ${most} or more`;
    throw new ScenarioError([{ place: file, message: `has slots of ${most} pages`, allowed }]);
  }
  const pages = setPages ?? Math.ceil(2 * most);
  const counts = { slots: read.slots.length, most_pages: most, set_pages: pages };
  const access = traceAccessText(read.slots, pages);
  if (access.length > fileBytesMax) {
    const message = `has ${read.slots.length} slots, which no scenario file of 1 MiB holds`;
    const allowed = 'longer slots: add up neighbours, or cut the trace';
    throw new ScenarioError([{ place: file, message, allowed }]);
  }
  return {
    text: access,
    counts,
    problems: [...problems, ...full(read.slots, pages, file)],
  };
}

/** The models of D(t), the better one first. A trace has windows of one length, from which nothing can be said of longer ones. */
export function fitGrowth(read: DirtyPages, file: string): MemoryAccessFit[] {
  const samples = read.kind === 'growth' ? read.samples : [];
  if (samples.length < 2) {
    const message = 'has windows of one length: how the dirtied set grows cannot be told';
    const allowed = 'window_ms,pages with two windows or more; nseh import dirty-pages follows a trace';
    throw new ScenarioError([{ place: file, message, allowed }]);
  }
  return fitMemoryAccess(samples, Infinity);
}

/** Models that miss the samples by so much say little of the guest. */
const poorError = 0.2;

/** What is to be said of the better model: that it fits badly, or that its exponent is held at an edge of the law. */
export function poorFit(fits: readonly MemoryAccessFit[], file: string): Problem[] {
  const [best] = fits;
  if (best === undefined) return [];
  const { error, region, spread } = best;
  const messages: string[] = [];
  if (error > poorError)
    messages.push(
      `no model is within ${poorError * 100} % of the windows, the best within ${threeDigits(error * 100)} %`,
    );
  if (spread !== null && region.kind === 'growth' && spread.exponent !== region.exponent)
    messages.push(
      `the windows grow as t^${threeDigits(spread.exponent)}; the law holds from t^0.01 to t^0.99`,
    );
  const allowed = 'a measured region in a scenario takes windows as they are';
  return messages.map((message) => ({ place: file, message, allowed }));
}

/** Slots in which all pages were written: how often cannot be told. */
function full(slots: readonly DirtySlot[], setPages: number, file: string): Problem[] {
  const count = slots.filter(({ pages }) => pages >= setPages).length;
  if (count === 0) return [];
  const message = `slots that wrote the whole set: ${count}; how often is not in the trace`;
  return [{ place: file, message, allowed: 'more --pages' }];
}

/** An option's value such as `65536 pages` or `256 MiB`. */
export function pageCount(text: string): number {
  const parsed = parseQuantity(text, 'pages');
  if (parsed.ok && parsed.value > 0) return parsed.value;
  throw new InvalidArgumentError(
    'It has to be a number of pages or a size, such as "65536 pages" or "256 MiB".',
  );
}
