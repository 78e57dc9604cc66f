import type { TcpSettings } from './tcp-settings.ts';

/** Numbers kept of one idle end of a connection. */
export const idleColumns = 16;

/**
 * Ends of connections that have nothing under way, of all hosts with the same settings, as rows of one typed array: 128
 * bytes each instead of the kilobyte of an active end. The array grows by a quarter when it is full.
 */
export class IdleConnections {
  readonly settings: TcpSettings;
  private cells = new Float64Array(16 * idleColumns);
  private rows = 0;
  private readonly free: number[] = [];

  constructor(settings: TcpSettings) {
    this.settings = settings;
  }

  /** The array and where in it a row begins are valid until the next `take`. */
  get array(): Float64Array {
    return this.cells;
  }

  /** A row for one end; its place in the array is the row times the columns. */
  take(): number {
    const freed = this.free.pop();
    if (freed !== undefined) return freed;
    if ((this.rows + 1) * idleColumns > this.cells.length) {
      const larger = new Float64Array(Math.ceil((this.rows * 5) / 4 + 16) * idleColumns);
      larger.set(this.cells);
      this.cells = larger;
    }
    return this.rows++;
  }

  release(row: number): void {
    this.free.push(row);
  }
}
