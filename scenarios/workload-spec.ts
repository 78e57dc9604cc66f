import type { AttackSettings } from '../models/workload/attack.ts';
import type { QuestionSettings } from '../models/workload/datagram-questions.ts';
import type { Ticks } from '../models/workload/datagram-streams.ts';
import type { DatagramsSettings } from '../models/workload/datagrams.ts';
import type { FileTransferSettings } from '../models/workload/file-transfer.ts';
import type { Interval } from '../models/workload/interval.ts';
import type { ProbingSettings } from '../models/workload/probing.ts';
import type { RecordedFlow } from '../models/workload/recorded-flows.ts';
import type { RequestResponseSettings } from '../models/workload/request-response.ts';
import type { Size } from '../models/workload/size.ts';
import type { TcpSessionsSettings } from '../models/workload/tcp-sessions.ts';

/** What guests and peers do. Closed union by mechanism: a new one is a model, its test and its schema. */
export type WorkloadSpec =
  | RequestResponseSpec
  | AttackSpec
  | ProbeSpec
  | SessionsSpec
  | StreamsSpec
  | QuestionsSpec
  | FileTransferSpec
  | RecordedSpec
  | AloneSpec;

interface Participants {
  readonly vm: string;
  /** A peer, or another VM. */
  readonly peer: string;
}

/** Long-lived TCP connections over which one end asks and the other answers, one request at a time. */
export interface RequestResponseSpec extends Participants, RequestResponseSettings {
  readonly kind: 'request-response';
}

/** Packets that no rule or connection asked for, one of each kind per period. */
export interface AttackSpec extends Participants, AttackSettings {
  readonly kind: 'attack';
}

/** A UDP echo request every period; lost when unanswered at its deadline. */
export interface ProbeSpec extends Participants, ProbingSettings {
  readonly kind: 'probe';
}

/** TCP sessions of requests and answers after an opening. */
export interface SessionsSpec extends Participants, TcpSessionsSettings {
  readonly kind: 'sessions';
  /** Who asks. */
  readonly asks: 'peer' | 'vm';
  readonly opening: readonly { readonly from: 'peer' | 'vm'; readonly size: Size }[];
  readonly requestsMax: number;
  readonly request: Size;
  readonly response: Size;
  readonly pieceBytes: number;
  readonly think: Interval;
  readonly closes: 'peer' | 'vm' | 'nobody';
}

interface DatagramsSpec extends Participants, DatagramsSettings {
  /** The peers from which the initiator sends, in turn; more than one where it changes its path. */
  readonly paths: readonly string[];
}

/** Streams of datagrams. */
export interface StreamsSpec extends DatagramsSpec {
  readonly kind: 'datagram-streams';
  readonly byPeer: Ticks | null;
  readonly byVm: Ticks | null;
}

/** Questions and answers, a datagram each. */
export interface QuestionsSpec extends DatagramsSpec, Omit<QuestionSettings, 'newPort'> {
  readonly kind: 'datagram-questions';
}

/** FTP. */
export interface FileTransferSpec extends Participants, FileTransferSettings {
  readonly kind: 'ftp';
}

/** The flows of a capture. */
export interface RecordedSpec {
  readonly kind: 'recorded';
  readonly name: string;
  readonly vm: string;
  readonly flows: readonly (RecordedFlow & { readonly peer: string })[];
  readonly startNs: number;
  readonly stopNs: number;
}

/** No traffic: what the VM does is in its memory. */
export interface AloneSpec {
  readonly kind: 'alone';
  readonly name: string;
  readonly vm: string;
}
