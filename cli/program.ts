import { readFileSync } from 'node:fs';
import { Command, CommanderError } from '@commander-js/extra-typings';
import { projectFile } from '../results/project-file.ts';
import { commands } from './commands.ts';
import { optionText } from './option-text.ts';
import { reportFailure } from './report-failure.ts';
import type { Screen } from './screen.ts';

/** Runs one command line, `['check', 'lab.yaml']`, and gives its exit code; never throws, never exits. */
export async function runProgram(
  args: readonly string[],
  screen: Screen & { readonly exitCode: () => number },
): Promise<number> {
  try {
    const program = await createProgram(screen, args[0] ?? '');
    await program.parseAsync(withoutHelp(args, program), { from: 'user' });
    return screen.exitCode();
  } catch (error) {
    // Commander has already written its message; only help and version are no mistake of the user's.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, screen);
  }
}

/** `help NAME` of what is no command is told as the unknown command NAME is. */
function withoutHelp(args: readonly string[], program: Command): string[] {
  const [first, second] = args;
  const known = second === undefined || program.commands.some((command) => command.name() === second);
  return first === 'help' && !known ? args.slice(1) : [...args];
}

/** The program with the command of the name, or with all where there is none: for help, and for who has mistyped it. */
export async function createProgram(screen: Screen, name: string): Promise<Command> {
  const program = new Command('nseh')
    .description('Simulates live migration between hypervisors that filter their guests’ traffic.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', exitCodes)
    // What follows a command is that command's, or its subcommand's: `sweep slurm FILE --out DIR` has both.
    .enablePositionalOptions()
    .configureHelp({ optionDescription: optionText })
    .showSuggestionAfterError()
    .showHelpAfterError('(nseh --help lists commands and options)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => screen.print(text.replace(/\n$/, '')),
      writeErr: (text) => screen.note(text.replace(/\n$/, '')),
    });
  const loads = Object.hasOwn(commands, name) ? [commands[name]!] : Object.values(commands);
  for (const { register } of await Promise.all(loads.map((load) => load()))) register(program, screen);
  return program;
}

const exitCodes = `
Exit codes: 0 done; 1 internal error, or some runs failed; 2 usage or bad input;
3 a threshold, band or claim missed; 130, 143 stopped, state saved.`;

/** The package's version. */
function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'));
  const found = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : '';
  return String(found);
}
