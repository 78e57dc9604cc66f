import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PlannedSequence } from './random-sequence.ts';

/** What the kernel did: the sequence with its real times and `expect`, or why it could not be played. */
export type Recorded =
  { readonly recording: { readonly name: string } } | { readonly error: string; readonly playing: boolean };

/** A recorder of its own namespaces (recorder.py), which plays one sequence after another. */
export class KernelRecorder {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private complaints = '';

  constructor(tag: string) {
    const script = fileURLToPath(new URL('recorder.py', import.meta.url));
    this.process = spawn('nice', ['python3', '-B', script, tag]);
    this.process.stderr.on('data', (text: Buffer) => {
      this.complaints += text.toString();
    });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async record(sequence: PlannedSequence): Promise<Recorded> {
    this.process.stdin.write(`${JSON.stringify(sequence)}\n`);
    const line = await this.lines.next();
    if (line.done === true) return { error: `the recorder ended: ${this.complaints}`, playing: false };
    const answer = JSON.parse(line.value) as { name: string } | { error: string };
    return 'error' in answer ? { error: answer.error, playing: true } : { recording: answer };
  }

  /** Removes the namespaces. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('close', resolve));
    this.process.stdin.end();
    await ended;
  }
}
