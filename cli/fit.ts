import type { Command } from '@commander-js/extra-typings';
import { Argument } from '@commander-js/extra-typings';
import type { MemoryAccessFit } from '../models/compute/memory-access-fit.ts';
import { threeDigits } from '../results/three-digits.ts';
import { readDirtyPages } from '../scenarios/import/dirty-pages.ts';
import { fitGrowth } from './import-dirty-pages.ts';
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
      else screen.print(plainTable(['model', 'parameters', 'error'], [], fits.map(row)));
      for (const { place, message } of read.problems) screen.note(`${place}: ${message}`);
    });
}

/** The root mean square of the relative errors at the samples stands beside the parameters. */
function asJson({ region, error }: MemoryAccessFit): unknown {
  return region.kind === 'growth'
    ? { kind: region.kind, pages_in_one_second: region.pagesInOneSecond, exponent: region.exponent, error }
    : { kind: region.kind, pages: region.pages, writes_per_s: region.writesPerS, error };
}

function row({ region, error }: MemoryAccessFit): string[] {
  const parameters =
    region.kind === 'growth'
      ? `${threeDigits(region.pagesInOneSecond)} pages · t^${threeDigits(region.exponent)} (t in s)`
      : `${threeDigits(region.writesPerS)} writes/s to ${threeDigits(region.pages)} pages`;
  return [region.kind, parameters, `${threeDigits(error * 100)} %`];
}
