import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** What `run` and `compare` have in common. */
export interface RunOptions {
  readonly seed?: number;
  readonly rep: number;
  readonly set: readonly string[];
  readonly until?: string;
  readonly out: string;
  readonly events?: true;
  readonly trace?: true;
  readonly pcap: readonly string[];
  readonly report?: true;
  readonly json?: true;
  readonly force?: true;
}

/** Adds the options that `run` and `compare` have in common. */
export function withRunOptions(command: Command<[string]>) {
  return command
    .option('--seed <n>', 'seed of all chance (default: the scenario’s)', wholeNumber)
    .option('--rep <n>', 'repetition, with draws of its own', wholeNumber, 0)
    .option(
      '--set <path=value>',
      'change a value of the scenario, such as "hosts[0].link.rate=1 Gbit/s"',
      collect,
      [],
    )
    .option('--until <time>', 'end the run earlier or later, such as "30 s"')
    .option('--out <dir>', 'where results go', folderName, 'out')
    .option('--events', 'keep a log of all that happens: events.ndjson')
    .option('--trace', 'write trace.json, which ui.perfetto.dev shows')
    .option(
      '--pcap <point>',
      'capture packets at a link, interface or engine, such as a/firewall (may be repeated)',
      collect,
      [],
    )
    .option('--report', 'write report.html, one page about all of it for a browser')
    .option('--json', 'print one JSON object instead of the table')
    .option('--force', 'replace results of something else');
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 2 ** 32 - 1) {
    throw new InvalidArgumentError('It has to be a whole number from 0 to 4294967295.');
  }
  return value;
}

/** An empty name is mostly a variable of a shell that has no value. */
export function folderName(text: string): string {
  if (text === '') throw new InvalidArgumentError('It has to be the name of a directory.');
  return text;
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
