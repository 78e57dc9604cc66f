/** A line on standard error that says what is under way and makes room for results; silent without a terminal. */
export class ProgressLine {
  private readonly shown = process.stderr.isTTY && process.env['CI'] === undefined;

  show(text: string): void {
    if (this.shown) process.stderr.write(`\r\u001b[K${text}`);
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\u001b[K');
  }
}
