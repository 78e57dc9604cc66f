import type { AttackKind, Intent } from '../models/network/packet.ts';
import { packetBytes } from '../models/network/packet.ts';
import type {
  AnnouncementSent,
  ConnectionEnded,
  ConnectionOpened,
  ConnectionStateAtEnd,
  ContextCompared,
  ContextTask,
  Divergence,
  DropCause,
  ExposureChanged,
  LocationLearnt,
  MemoryRound,
  Observations,
  PacketDelivered,
  PacketDropped,
  PhaseReached,
  ProbeEnded,
} from '../models/observations.ts';
import { CpuRows } from './cpu-rows.ts';
import { DropRows } from './drop-rows.ts';
import { FirstPackets } from './first-packets.ts';
import { isEngineVerdict } from './measures/intent-exposure.ts';
import { MessageRows } from './message-rows.ts';
import { PacketExamples } from './packet-examples.ts';
import type { AttackDelivered, DivergenceRow, RunRows } from './run-rows.ts';
import { SeriesRows } from './series-rows.ts';
import type { SeriesCounter } from './series-rows.ts';
import { timelineRowsMax } from './timeline-file.ts';

/** Subscribes to what a run publishes and keeps it as rows; many and small ones in columns, deliveries as counts. */
export class Recorder {
  private readonly connectionsOpened: ConnectionOpened[] = [];
  private readonly connectionsEnded: ConnectionEnded[] = [];
  private readonly connectionStates: ConnectionStateAtEnd[] = [];
  private readonly messages = new MessageRows();
  private readonly drops = new DropRows();
  private readonly deliveredToVm = new Map<Intent, number>();
  private readonly deliveredToPeer = new Map<Intent, number>();
  private readonly divergences: DivergenceRow[] = [];
  private readonly probes: ProbeEnded[] = [];
  private readonly phases: PhaseReached[] = [];
  private readonly memoryRounds: MemoryRound[] = [];
  private readonly contextTasks: ContextTask[] = [];
  private readonly contextCompared: ContextCompared[] = [];
  private readonly exposureChanges: ExposureChanged[] = [];
  private readonly announcements: AnnouncementSent[] = [];
  private readonly locationsLearnt: LocationLearnt[] = [];
  private readonly attacksDelivered: AttackDelivered[] = [];
  private readonly examples = new PacketExamples();
  private readonly firstPackets = new FirstPackets();
  private readonly cpu = new CpuRows();
  private readonly series: SeriesRows;

  constructor(observations: Observations, seriesBinNs: number) {
    this.series = new SeriesRows(seriesBinNs);
    observations.connectionOpened.subscribe((opened) => this.connectionsOpened.push({ ...opened }));
    observations.connectionEnded.subscribe((ended) => this.connectionsEnded.push({ ...ended }));
    observations.connectionState.subscribe((state) => this.connectionStates.push({ ...state }));
    observations.messageDelivered.subscribe((message) => this.messages.push(message));
    observations.packetDropped.subscribe((drop) => this.recordDrop(drop));
    observations.packetDelivered.subscribe((delivery) => this.recordDelivery(delivery));
    observations.divergence.subscribe((divergence) => this.recordDivergence(divergence));
    observations.probeEnded.subscribe((probe) => this.recordProbe(probe));
    observations.migrationPhase.subscribe((phase) => this.recordPhase(phase));
    observations.cpuUsed.subscribe((used) => this.cpu.push(used));
    observations.memoryRound.subscribe((round) => this.memoryRounds.push({ ...round }));
    observations.contextTask.subscribe((task) => this.contextTasks.push({ ...task }));
    observations.contextCompared.subscribe((compared) => this.contextCompared.push({ ...compared }));
    observations.exposureChanged.subscribe((change) => this.exposureChanges.push({ ...change }));
    observations.announcementSent.subscribe((sent) => this.announcements.push({ ...sent }));
    observations.locationLearnt.subscribe((learnt) => this.locationsLearnt.push({ ...learnt }));
  }

  /** The rows of the run, which ended at the given time. */
  rows(endNs: number): RunRows {
    return {
      endNs,
      connectionsOpened: this.connectionsOpened,
      connectionsEnded: this.connectionsEnded,
      connectionStates: this.connectionStates,
      messages: this.messages,
      drops: this.drops,
      deliveredToVm: this.deliveredToVm,
      deliveredToPeer: this.deliveredToPeer,
      divergences: this.divergences,
      probes: this.probes,
      phases: this.phases,
      memoryRounds: this.memoryRounds,
      contextTasks: this.contextTasks,
      contextCompared: this.contextCompared,
      exposureChanges: this.exposureChanges,
      announcements: this.announcements,
      locationsLearnt: this.locationsLearnt,
      attacksDelivered: this.attacksDelivered,
      examples: this.examples.list(),
      firstPackets: this.firstPackets.list(),
      cpu: this.cpu,
      series: this.series,
    };
  }

  private recordPhase(phase: PhaseReached): void {
    this.phases.push({ ...phase });
    if (phase.phase === 'stop') this.examples.pause();
    this.firstPackets.phase(phase);
    this.cpu.phase(phase);
  }

  private recordDrop(drop: PacketDropped): void {
    this.drops.push(drop);
    const { timeNs, place, cause, packet } = drop;
    this.examples.see('dropped', cause, place, timeNs, packet);
    this.series.add(timeNs, dropCounter(cause, packet.intent), 1);
  }

  private recordDelivery(delivery: PacketDelivered): void {
    this.firstPackets.see(delivery, this.connectionsOpened);
    const { intent } = delivery.packet;
    const toVm = delivery.to === 'vm';
    const counts = toVm ? this.deliveredToVm : this.deliveredToPeer;
    counts.set(intent, (counts.get(intent) ?? 0) + 1);
    this.series.addDelivery(delivery.timeNs, toVm, packetBytes(delivery.packet));
    if (toVm && intent !== 'legitimate') this.recordAttack(delivery, intent);
  }

  private recordAttack({ timeNs, place, packet }: PacketDelivered, kind: AttackKind): void {
    this.series.add(timeNs, 'attacks_delivered', 1);
    if (this.attacksDelivered.length < timelineRowsMax)
      this.attacksDelivered.push({ timeNs, kind, flow: packet.flow });
    this.examples.see('attack-delivered', '', place, timeNs, packet);
  }

  private recordDivergence({ timeNs, host, vm, kind, cause, first, packet }: Divergence): void {
    if (first) this.examples.see(kind, cause, host, timeNs, packet);
    const { flow, intent } = packet;
    this.divergences.push({ timeNs, host, vm, kind, cause, first, flow, intent });
  }

  private recordProbe(probe: ProbeEnded): void {
    this.probes.push({ ...probe });
    this.series.add(probe.sentNs, 'probes_sent', 1);
    if (!probe.answered) this.series.add(probe.sentNs, 'probes_lost', 1);
  }
}

function dropCounter(cause: DropCause, intent: Intent): SeriesCounter {
  if (!isEngineVerdict(cause)) return 'dropped_otherwise';
  return intent === 'legitimate' ? 'legitimate_dropped_by_engine' : 'attacks_dropped_by_engine';
}
