import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import { verifyRun } from '../results/verify-run.ts';
import type { VerifiedFile } from '../results/verify-run.ts';
import type { Screen } from './screen.ts';

/** `nseh verify RUNDIR`: runs it again from its manifest and compares every byte. */
export function register(program: Command, screen: Screen): void {
  program
    .command('verify')
    .description('run again what a run’s directory says it holds, and compare its files byte for byte')
    .argument('<rundir>', 'directory of one run, such as out/quickstart/com-rounds-s1-r0')
    .option('--json', 'print one JSON object')
    .action(async (directory, { json }) => {
      const files = await verify(directory);
      const same = files.every((file) => file.same);
      if (json === true) screen.print(JSON.stringify({ directory, same, files }, null, 2));
      else for (const file of files) screen.print(`${file.same ? 'same   ' : 'DIFFERS'}  ${file.name}`);
      if (!same) screen.finishWith(3);
    });
}

async function verify(directory: string): Promise<VerifiedFile[]> {
  try {
    return await verifyRun(directory);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ScenarioError([
      { place: `${directory}/run.json`, message: `is not JSON: ${error.message}`, allowed: '' },
    ]);
  }
}
