import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { writeFileWhole } from '../results/run-directory.ts';
import type { Screen } from './screen.ts';

/** `nseh report RUNDIR`: one HTML file about a run or a comparison. */
export function register(program: Command, screen: Screen): void {
  program
    .command('report')
    .description('write one HTML file about a run or a comparison, to be opened in a browser')
    .argument('<rundir>', 'directory of a run or a comparison, such as out/quickstart')
    .option('--output <file>', 'where to write it (default: report.html in the directory)')
    .action(async (directory, { output }) => {
      const file = output ?? join(directory, 'report.html');
      await writeReport(directory, file);
      screen.print(file);
    });
}

/** Writes the report of a directory; loaded late, since most commands need none of it. */
export async function writeReport(directory: string, file: string): Promise<void> {
  const { runsOnDisk } = await import('../results/report/run-on-disk.ts');
  const { reportText } = await import('../results/report/report-text.ts');
  const { pageFiles } = await import('../results/report/page-files.ts');
  writeFileWhole(file, reportText(runsOnDisk(directory), pageFiles()));
}
