import { styleText } from 'node:util';

/** Where a command writes: results to one stream, progress and messages to the other. */
export interface Screen {
  /** Writes a result, whole lines, to standard output. */
  print(text: string): void;
  /** Writes progress or a message, whole lines, to standard error. */
  note(text: string): void;
  /** Colours a message when standard error is a terminal that wants colour. */
  paint(style: Style, text: string): string;
  /** Ends the command with this exit code although nothing was thrown: 1 some runs failed, 3 a bar missed, 130 and 143 stopped. */
  finishWith(exitCode: 1 | 3 | 130 | 143): void;
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** The process's own streams; honours NO_COLOR, FORCE_COLOR and whether standard error is a terminal. */
export function processScreen(): Screen & { readonly exitCode: () => number } {
  let exitCode = 0;
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    paint: (style, text) => styleText(style, text, { stream: process.stderr }),
    finishWith: (code) => (exitCode = code),
    exitCode: () => exitCode,
  };
}
