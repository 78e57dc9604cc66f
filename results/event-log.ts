import type { Observations } from '../models/observations.ts';
import type { Probe } from '../sim/probe.ts';
import { stableJson } from './stable-json.ts';

/** Everything that a run publishes, one JSON object a line, in the order in which it happened: events.ndjson. */
export class EventLog {
  private readonly finished: string[] = [];
  private open: string[] = [];

  constructor(observations: Observations) {
    const probes: readonly [string, Probe<never>][] = Object.entries(observations);
    for (const [kind, probe] of probes) probe.subscribe((record) => this.write(kind, record));
  }

  /** The log in pieces of some thousand lines, since it may be longer than a string can be. */
  pieces(): string[] {
    return [...this.finished, this.open.join('')];
  }

  private write(kind: string, record: unknown): void {
    this.open.push(`{"event":"${kind}","record":${stableJson(record)}}\n`);
    if (this.open.length < 10_000) return;
    this.finished.push(this.open.join(''));
    this.open = [];
  }
}
