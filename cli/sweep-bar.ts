import { MultiBar, Presets } from 'cli-progress';
import type { SingleBar } from 'cli-progress';
import { wholeNumber, threeDigits } from '../results/three-digits.ts';
import type { Screen } from './screen.ts';

/** How far a sweep is, on standard error: a bar on a terminal, else a plain line now and then. */
export class SweepBar {
  private readonly screen: Screen;
  private readonly bars: MultiBar | null;
  private readonly bar: SingleBar | null;
  private readonly startMs = performance.now();
  private readonly endedBefore: number;
  private readonly name: string;
  private nextLineMs = lineEveryMs;

  constructor(screen: Screen, name: string, endedBefore: number, total: number) {
    this.screen = screen;
    this.name = name;
    this.endedBefore = endedBefore;
    const terminal = process.stderr.isTTY && process.env['CI'] === undefined;
    const format = `${name} [{bar}] {value}/{total}  {percentage} %  {rate} runs/s  {left} left  {failed}`;
    this.bars = terminal
      ? new MultiBar(
          { format, stream: process.stderr, clearOnComplete: true, hideCursor: false },
          Presets.shades_grey,
        )
      : null;
    const payload = { rate: '-', left: '-', failed: '' };
    this.bar = this.bars?.create(total, endedBefore, payload) ?? null;
  }

  /** Shows that so many of the runs have ended, and how many of them failed. */
  update(ended: number, total: number, failed: number): void {
    const elapsedMs = performance.now() - this.startMs;
    const perS = ((ended - this.endedBefore) / elapsedMs) * 1000;
    const leftS = perS > 0 ? (total - ended) / perS : 0;
    if (this.bar !== null) {
      this.bar.setTotal(total);
      const failures = failed === 0 ? '' : `failed ${failed}`;
      this.bar.update(ended, { rate: threeDigits(perS), left: duration(leftS), failed: failures });
      return;
    }
    if (elapsedMs < this.nextLineMs) return;
    this.nextLineMs = elapsedMs + lineEveryMs;
    this.screen.note(
      `${this.name} ${wholeNumber(ended)}/${wholeNumber(total)}  ${threeDigits(perS)} runs/s  ${duration(leftS)} left  failed ${failed}`,
    );
  }

  end(): void {
    this.bars?.stop();
  }
}

const lineEveryMs = 10_000;

/** 75 s, 4 min 19 s, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${threeDigits(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 5400) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}
