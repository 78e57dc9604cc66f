import { assert } from '../../../sim/assert.ts';
import { validateConntrack, type Disagreement } from '../conntrack.ts';
import { keepSequence } from './kept-sequences.ts';
import { KernelRecorder } from './kernel-recorder.ts';
import type { PlannedSequence } from './random-sequence.ts';
import { playable, shrink } from './shrink.ts';

/** What a run of the fuzzer found. */
export interface FuzzReport {
  sequences: number;
  steps: number;
  /** Sequences in which the model differs from what the kernel does every time. */
  disagreeing: number;
  /** Sequences in which the kernel did not do the same twice: a random port, a timer just at its edge. */
  unstable: number;
  /** Sequences that could not be played. */
  failed: number;
}

interface Outcome {
  readonly recording: { readonly name: string };
  readonly difference: Disagreement | null;
}

/** Which recordings become tests: those in which the model differs, all, or none. */
export type Keeping = 'yes' | 'all' | 'no';

/** Plays sequences on the kernel and on the model, side by side. */
export class FuzzRun {
  private readonly keep: Keeping;
  private readonly report: FuzzReport = { sequences: 0, steps: 0, disagreeing: 0, unstable: 0, failed: 0 };

  constructor(keep: Keeping) {
    this.keep = keep;
  }

  /** Plays what `next` gives until it gives null, by so many recorders at once. */
  async play(next: () => PlannedSequence | null, parallel: number): Promise<FuzzReport> {
    const lanes = Array.from({ length: parallel }, async (_, lane) => {
      const recorder = new KernelRecorder(`${String(process.pid)}${String(lane)}`);
      for (let sequence = next(); sequence !== null; sequence = next()) await this.one(recorder, sequence);
      await recorder.close();
    });
    await Promise.all(lanes);
    return this.report;
  }

  private async one(recorder: KernelRecorder, sequence: PlannedSequence): Promise<void> {
    if (!playable(sequence)) return;
    const outcome = await compare(recorder, sequence);
    if (outcome === null) {
      this.report.failed++;
      return;
    }
    this.report.sequences++;
    this.report.steps += sequence.packets.length;
    if (this.report.sequences % 100 === 0) console.log(JSON.stringify(this.report));
    if (outcome.difference === null) {
      if (this.keep === 'all') keepSequence(outcome.recording);
      return;
    }
    if (!(await this.again(recorder, sequence, outcome.difference, 2))) {
      this.report.unstable++;
      console.log(`unstable: ${sequence.name}: ${describe(outcome.difference)}`);
      return;
    }
    this.report.disagreeing++;
    const { field } = outcome.difference;
    const short = await shrink(sequence, async (candidate) => {
      const result = await compare(recorder, candidate);
      if (result?.difference?.field !== field) return false;
      return this.again(recorder, candidate, result.difference, 1);
    });
    const last = await compare(recorder, short);
    if (last?.difference === null || last === null) return;
    console.log(`DIFFERS: ${describe(last.difference)}\n${JSON.stringify(last.recording)}`);
    if (this.keep !== 'no') keepSequence(last.recording);
  }

  /** Whether the kernel shows the same difference each time again. */
  private async again(
    recorder: KernelRecorder,
    sequence: PlannedSequence,
    { step, field, expected }: Disagreement,
    times: number,
  ): Promise<boolean> {
    for (let time = 0; time < times; time++) {
      const found = (await compare(recorder, sequence))?.difference;
      if (found?.step !== step || found.field !== field) return false;
      const numbers = typeof expected === 'number' && typeof found.expected === 'number';
      const near =
        field === 'table' || (numbers && field === 'timeout_s' && Math.abs(expected - found.expected) <= 1);
      if (!near && JSON.stringify(found.expected) !== JSON.stringify(expected)) return false;
    }
    return true;
  }
}

/** What the kernel did with a sequence, and where the model first differs; null when it could not be played. */
async function compare(recorder: KernelRecorder, sequence: PlannedSequence): Promise<Outcome | null> {
  const answer = await recorder.record(sequence);
  if ('error' in answer) {
    console.log(`failed: ${sequence.name}: ${answer.error}`);
    assert(answer.playing, 'the recorder lives');
    return null;
  }
  const { recording } = answer;
  const { disagreements } = validateConntrack([recording]);
  return { recording, difference: disagreements[0] ?? null };
}

function describe({ sequence, step, field, expected, simulated }: Disagreement): string {
  const [kernel, model] = [JSON.stringify(expected), JSON.stringify(simulated)];
  return `${sequence} step ${String(step)} ${field}: kernel ${kernel}, model ${model}`;
}
