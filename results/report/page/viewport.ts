/** The stretch of simulated time that all charts show, in ms, and who wants to know when it changes. */
export class Viewport {
  fromMs: number;
  toMs: number;
  /** Where the pointer is, or null. */
  cursorMs: number | null = null;
  private readonly endMs: number;
  private readonly listeners: (() => void)[] = [];

  constructor(endMs: number, fromMs: number, toMs: number) {
    this.endMs = endMs;
    this.fromMs = fromMs;
    this.toMs = toMs;
  }

  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Shows this stretch, at least a microsecond long and within the run. */
  show(fromMs: number, toMs: number): void {
    const lengthMs = Math.min(this.endMs, Math.max(shortestMs, toMs - fromMs));
    this.fromMs = Math.max(0, Math.min(fromMs, this.endMs - lengthMs));
    this.toMs = this.fromMs + lengthMs;
    this.changed();
  }

  /** Makes the stretch longer (factor above 1) or shorter around a moment that stays where it is. */
  zoom(factor: number, aroundMs: number): void {
    const share = (aroundMs - this.fromMs) / (this.toMs - this.fromMs);
    const lengthMs = (this.toMs - this.fromMs) * factor;
    const fromMs = aroundMs - share * Math.min(lengthMs, this.endMs);
    this.show(fromMs, fromMs + lengthMs);
  }

  /** Moves by a share of the stretch; to the right when positive. */
  pan(share: number): void {
    const lengthMs = this.toMs - this.fromMs;
    this.show(this.fromMs + share * lengthMs, this.toMs + share * lengthMs);
  }

  whole(): void {
    this.show(0, this.endMs);
  }

  point(cursorMs: number | null): void {
    if (this.cursorMs === cursorMs) return;
    this.cursorMs = cursorMs;
    this.changed();
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }
}

const shortestMs = 0.001;
