/** `c` for the client, `s` for the server. */
export type EndName = 'c' | 's';

/** A packet as it left an end; its number and acknowledgement count from the first of their end. */
export type SentPacket = readonly [
  atMs: number,
  end: EndName,
  flags: string,
  number: number,
  payloadBytes: number,
  acknowledgement: number,
  dropped: number,
  /** Of a SYN, in cases that ask for them: kinds of its options, the window's shift beside its kind. */
  options?: string,
];

/** In the time between the two, packets of the named ends are lost, or wait for its end. */
export type PathFault = readonly [ends: string, startMs: number, endMs: number];

/** After so many ms that end does this: connect, send (bytes), shutdown, close, abort, vanish. */
export type Act = readonly [atMs: number, end: EndName, what: string, bytes?: number];

/** What two ends do and what happens to their packets; 0 ms is `leadMs` after they have met, or when they meet. */
export interface EndpointCase {
  readonly name: string;
  readonly rttMs: number;
  /** Of the path, each way; without one it takes no time. */
  readonly rateMbps?: number;
  readonly leadMs: number;
  readonly script: readonly Act[];
  readonly runMs: number;
  /** The server answers each so many bytes by so many; counted anew from 0 ms on. */
  readonly answer: readonly [number, number];
  readonly answerFromZero: readonly [number, number];
  readonly closesAtEof?: string;
  /** Of both ends, and of the client's alone. */
  readonly sysctls?: Readonly<Record<string, number>>;
  readonly clientSysctls?: Readonly<Record<string, number>>;
  readonly options?: boolean;
  readonly keepAlive?: readonly [idleS: number, intervalS: number, probes: number];
  readonly userTimeoutMs?: number;
  readonly cuts?: readonly PathFault[];
  readonly holds?: readonly PathFault[];
  /** Lost packets by their count from 0 ms on. */
  readonly drop?: readonly (readonly [EndName, number])[];
}

/** What a kernel sent in each repetition of a case, without bare acknowledgements. */
export interface RecordedCase {
  readonly spec: EndpointCase;
  readonly runs: readonly SentPacket[][];
  /** What the clock behind the kernel's ticks said at 0 ms of each, where the path has a rate. */
  readonly clocksMs?: readonly number[];
}

/** Of `recorder.py`. */
export interface EndpointRecording {
  readonly kernel: string;
  readonly cases: readonly RecordedCase[];
}
