import type { MemoryRegion } from '../../models/compute/memory-access.ts';
import type { Rebind } from '../../models/workload/datagrams.ts';
import type { Interval } from '../../models/workload/interval.ts';
import type { Size } from '../../models/workload/size.ts';
import type { Mark } from './mark.ts';

type End = 'peer' | 'vm';

/** A line that is said once on each connection, before the requests. */
export interface OpeningLine {
  readonly from: End;
  readonly size: Size;
}

/** What the keys of a workload of TCP sessions are where a file leaves them out, in base units. */
export interface SessionsValues {
  readonly initiator: End;
  readonly asks: End;
  readonly port: number;
  readonly users: number;
  readonly arrivals: Interval | 'closed';
  readonly requests: number;
  readonly request: Size;
  readonly response: Size;
  readonly piece: number;
  readonly think: Interval;
  readonly rest: Interval;
  readonly opening: readonly OpeningLine[];
  readonly closes: End | 'nobody';
}

/** What one end sends by itself. */
export interface TickValues {
  readonly every: Interval | 'never';
  readonly size: Size;
}

/** The same for streams of datagrams. */
export interface StreamsValues {
  readonly initiator: End;
  readonly port: number;
  readonly flows: number;
  readonly by_peer: TickValues;
  readonly by_vm: TickValues;
  readonly rebind: Rebind;
}

/** The same for questions and answers in datagrams. */
export interface QuestionsValues {
  readonly initiator: End;
  readonly port: number;
  readonly flows: number;
  readonly question: Size;
  readonly answer: Size;
  readonly think: Interval;
  readonly timeout: number;
  readonly tries: number;
  readonly rebind: Rebind;
}

/** The same for FTP. */
export interface FtpValues {
  readonly initiator: End;
  readonly port: number;
  readonly users: number;
  readonly mode: 'passive' | 'active';
  readonly direction: 'download' | 'upload';
  readonly file: Size;
  readonly think: Interval;
  readonly files: number;
  readonly data_port: number;
  readonly data_ports: number;
}

/** How a guest writes its memory under a workload, beside what its kernel writes, and where that is from. */
export interface WorkloadMemory {
  /** Of the region that takes what the kernel leaves; null where the kernel writes alone. */
  readonly growth: Pick<Extract<MemoryRegion, { kind: 'growth' }>, 'pagesInOneSecond' | 'exponent'> | null;
  readonly mark: Mark;
}

/** A workload with a name: values for each key of its mechanism, and the origin of each. */
export interface WorkloadPreset<Name extends string, Values> {
  readonly name: Name;
  readonly summary: string;
  readonly values: Values;
  readonly marks: { readonly [Key in keyof Values]: Mark };
  /** Null where nothing is known of the memory under this workload: the guest's kernel alone writes. */
  readonly memory: WorkloadMemory | null;
}
