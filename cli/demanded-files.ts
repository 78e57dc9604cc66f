import type { Observations } from '../models/observations.ts';
import { EventLog } from '../results/event-log.ts';
import type { FileContent } from '../results/run-directory.ts';
import type { RunResult } from '../results/run-result.ts';
import { chromeTrace } from '../results/trace/chrome-trace.ts';
import { CounterSamples } from '../results/trace/counter-samples.ts';
import { RunCaptures, captureName } from '../results/trace/run-captures.ts';
import type { Instruments } from '../scenarios/instruments.ts';
import type { RunOptions } from './run-options.ts';

type Demand = Pick<RunOptions, 'events' | 'trace' | 'pcap'>;

/** Names of the files that these options ask for. */
export function demandedNames({ events, trace, pcap }: Demand): string[] {
  return [
    ...(events === true ? ['events.ndjson'] : []),
    ...(trace === true ? ['trace.json'] : []),
    ...pcap.map(captureName),
  ];
}

/** What is gathered while one scheme runs, for the files that were asked for. */
export class DemandedFiles {
  private readonly demand: Demand;
  private readonly samples = new CounterSamples();
  private readonly captures: RunCaptures;
  private log: EventLog | null = null;

  constructor(demand: Demand) {
    this.demand = demand;
    this.captures = new RunCaptures(demand.pcap);
  }

  /** Packets that the captures left out. */
  get packetsLeftOut(): number {
    return this.captures.leftOut;
  }

  listen(observations: Observations): void {
    if (this.demand.events === true) this.log = new EventLog(observations);
  }

  get instruments(): Instruments {
    const { trace, pcap } = this.demand;
    return {
      taps: pcap.length > 0 ? this.captures.taps : null,
      sampler: trace === true ? (built) => this.samples.sampler(built) : null,
    };
  }

  files(run: RunResult): Map<string, FileContent> {
    const files = new Map<string, FileContent>(this.captures.files());
    if (this.log !== null) files.set('events.ndjson', this.log.pieces());
    if (this.demand.trace === true) files.set('trace.json', chromeTrace(run, this.samples.samples));
    return files;
  }
}
