import type { Command } from '@commander-js/extra-typings';
import { Argument } from '@commander-js/extra-typings';
import type { GrowthSpread, MemoryAccessFit } from '../models/compute/memory-access-fit.ts';
import { studentTQuantile } from '../results/student-t.ts';
import { threeDigits } from '../results/three-digits.ts';
import { readDirtyPages } from '../scenarios/import/dirty-pages.ts';
import { fitGrowth, poorFit } from './import-dirty-pages.ts';
import { readTextFile } from './import-ruleset.ts';
import { plainTable } from './plain-table.ts';
import type { Screen } from './screen.ts';

/** `nseh fit dirty-pages CSV`: models of a guest's writing that fit measured windows, the better one first. */
export function register(program: Command, screen: Screen): void {
  program
    .command('fit')
    .description('fit models of how a guest writes its memory to measured dirty pages')
    .addArgument(new Argument('<kind>', 'what was measured').choices(['dirty-pages'] as const))
    .argument('<csv>', 'windows and the distinct pages dirtied in them: window_ms,pages')
    .option('--json', 'print one JSON object')
    .action((_, file, { json }) => {
      const read = readDirtyPages(readTextFile(file), file);
      const fits = fitGrowth(read, file);
      if (json === true) screen.print(JSON.stringify({ file, fits: fits.map(asJson) }, null, 2));
      else screen.print(plainTable(['model', 'parameters', '95 % interval', 'error'], [], fits.map(row)));
      for (const { place, message } of [...read.problems, ...poorFit(fits, file)])
        screen.note(`${place}: ${message}`);
    });
}

/** The root mean square of the relative errors at the samples stands beside the parameters, with their 95 % intervals. */
function asJson({ region, error, spread }: MemoryAccessFit): unknown {
  if (region.kind === 'uniform') {
    return { kind: region.kind, pages: region.pages, writes_per_s: region.writesPerS, error };
  }
  const { pagesInOneSecond, exponent } = region;
  const found = intervals(region, spread);
  return {
    kind: region.kind,
    pages_in_one_second: pagesInOneSecond,
    pages_in_one_second_95: found?.pages ?? null,
    exponent,
    exponent_95: found?.exponent ?? null,
    error,
  };
}

type Growth = Extract<MemoryAccessFit['region'], { kind: 'growth' }>;

/** Intervals that hold the parameters in 95 of 100 such measurements (Student's t); null for two windows, and at an edge of the law. */
function intervals(
  { pagesInOneSecond, exponent }: Growth,
  spread: GrowthSpread | null,
): { readonly pages: readonly [number, number]; readonly exponent: readonly [number, number] } | null {
  if (spread?.exponent !== exponent) return null;
  const t = studentTQuantile(0.975, spread.degrees);
  const factor = Math.exp(t * spread.logPagesError);
  const half = t * spread.exponentError;
  return {
    pages: [pagesInOneSecond / factor, pagesInOneSecond * factor],
    exponent: [spread.exponent - half, spread.exponent + half],
  };
}

function row({ region, error, spread }: MemoryAccessFit): string[] {
  const percent = error < 1e-9 ? '0 %' : `${threeDigits(error * 100)} %`;
  if (region.kind === 'uniform') {
    const writing = `${threeDigits(region.writesPerS)} writes/s to ${threeDigits(region.pages)} pages`;
    return [region.kind, writing, '', percent];
  }
  const law = `${threeDigits(region.pagesInOneSecond)} pages · t^${threeDigits(region.exponent)} (t in s)`;
  const found = intervals(region, spread);
  if (found === null) {
    const why =
      spread === null ? 'two windows say none' : `windows grow as t^${threeDigits(spread.exponent)}`;
    return [region.kind, law, why, percent];
  }
  const [pages, exponent] = [found.pages, found.exponent].map(
    ([low, high]) => `${threeDigits(low)} to ${threeDigits(high)}`,
  );
  return [region.kind, law, `${pages} pages, t^ ${exponent}`, percent];
}
