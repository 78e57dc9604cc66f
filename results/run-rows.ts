import type { AttackKind, Intent } from '../models/network/packet.ts';
import type {
  AnnouncementSent,
  ConnectionEnded,
  ConnectionOpened,
  ConnectionStateAtEnd,
  ContextCompared,
  ContextTask,
  Divergence,
  ExposureChanged,
  LocationLearnt,
  MemoryRound,
  PhaseReached,
  ProbeEnded,
} from '../models/observations.ts';
import type { CpuRows } from './cpu-rows.ts';
import type { DropRows } from './drop-rows.ts';
import type { FirstPacket } from './first-packets.ts';
import type { MessageRows } from './message-rows.ts';
import type { PacketExample } from './packet-examples.ts';
import type { SeriesRows } from './series-rows.ts';

/** Everything that one run let others see, as typed rows. Measures read these and nothing else. */
export interface RunRows {
  /** When the run ended, simulated ns. */
  readonly endNs: number;
  readonly connectionsOpened: readonly ConnectionOpened[];
  readonly connectionsEnded: readonly ConnectionEnded[];
  readonly connectionStates: readonly ConnectionStateAtEnd[];
  readonly messages: MessageRows;
  readonly drops: DropRows;
  /** Packets that reached a guest and packets that reached a peer, by intent. */
  readonly deliveredToVm: ReadonlyMap<Intent, number>;
  readonly deliveredToPeer: ReadonlyMap<Intent, number>;
  readonly divergences: readonly DivergenceRow[];
  readonly probes: readonly ProbeEnded[];
  readonly phases: readonly PhaseReached[];
  readonly memoryRounds: readonly MemoryRound[];
  readonly contextTasks: readonly ContextTask[];
  readonly contextCompared: readonly ContextCompared[];
  readonly exposureChanges: readonly ExposureChanged[];
  readonly announcements: readonly AnnouncementSent[];
  readonly locationsLearnt: readonly LocationLearnt[];
  /** The first ones, as many as a timeline shows. */
  readonly attacksDelivered: readonly AttackDelivered[];
  /** For each kind of event a packet that shows it. */
  readonly examples: readonly PacketExample[];
  /** Of each migration, the first packet in each direction after the resume. */
  readonly firstPackets: readonly FirstPacket[];
  readonly cpu: CpuRows;
  readonly series: SeriesRows;
}

/** A run beside the paired one without migration. */
export interface PairedRows {
  readonly run: RunRows;
  readonly control: RunRows;
}

/** An attack's packet that reached a guest; time in ns. */
export interface AttackDelivered {
  readonly timeNs: number;
  readonly kind: AttackKind;
  readonly flow: number;
}

/** A divergence without its packet, of which only the flow and the intent are kept. */
export type DivergenceRow = Omit<Divergence, 'packet'> & { readonly flow: number; readonly intent: Intent };
