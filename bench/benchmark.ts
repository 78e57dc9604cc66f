/** What is measured: a fixed amount of work, whose size cannot be reached by doing less. */
export interface Benchmark {
  readonly name: string;
  /** What one operation is, for the reader. */
  readonly operation: string;
  /** Operations in a measurement, and in the short run among the tests. */
  readonly size: number;
  readonly sizeSmall: number;
  /** Does the work. The same size gives the same result each time, on every machine. */
  run(size: number): BenchmarkResult;
}

export interface BenchmarkResult {
  readonly operations: number;
  /** Eight hexadecimal digits that depend on every step of the work and on their order. */
  readonly hash: string;
  /** Something that theory predicts, to be printed beside the rate; empty when there is nothing. */
  readonly remark: string;
}

/** A hash of numbers in their order, as the C++ peers compute it: FNV-1's multiplication with an addition. */
export class ResultHash {
  private state = 0;

  add(value: number, timeNs: number): void {
    this.state = (Math.imul(this.state ^ value, 0x01000193) + (timeNs | 0)) | 0;
  }

  get text(): string {
    return (this.state >>> 0).toString(16).padStart(8, '0');
  }
}
