import { runProgram } from './program.ts';

/** What a command line came to, for tests. */
export interface Outcome {
  readonly exitCode: number;
  /** The code that the command asked for without failing; 0 when it asked for none. */
  readonly finished: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process and keeps what it prints. */
export async function nseh(...args: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  let finished = 0;
  const screen = {
    print: (text: string) => void out.push(text),
    note: (text: string) => void err.push(text),
    paint: (_: string, text: string) => text,
    finishWith: (code: number) => void (finished = code),
    exitCode: () => finished,
  };
  const exitCode = await runProgram(args, screen);
  return { exitCode, finished, out: out.join('\n'), err: err.join('\n') };
}
