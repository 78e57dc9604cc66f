#!/usr/bin/env node
import { runProgram } from './program.ts';
import { processScreen } from './screen.ts';

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

// Messages that nobody reads any more change nothing.
process.stderr.on('error', () => undefined);

process.exitCode = await runProgram(process.argv.slice(2), processScreen());
