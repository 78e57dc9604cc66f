import type { Intent } from '../models/network/packet.ts';
import type {
  ConnectionEnded,
  ConnectionOpened,
  ConnectionStateAtEnd,
  ContextCompared,
  ContextTask,
  Divergence,
  ExposureChanged,
  MemoryRound,
  PhaseReached,
  ProbeEnded,
} from '../models/observations.ts';
import type { CpuRows } from './cpu-rows.ts';
import type { DropRows } from './drop-rows.ts';
import type { MessageRows } from './message-rows.ts';
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
  readonly cpu: CpuRows;
  readonly series: SeriesRows;
}

/** A divergence without its packet, of which only the flow and the intent are kept. */
export type DivergenceRow = Omit<Divergence, 'packet'> & { readonly flow: number; readonly intent: Intent };
