import { Probe } from '../sim/probe.ts';
import type { Frame } from './network/frame.ts';
import type { Packet } from './network/packet.ts';

/**
 * What a run lets others see. Models publish and never read back; measures are made of these records alone.
 * Times are simulated ns; `flow` numbers a connection or attack and is the same under every scheme.
 */
export class Observations {
  readonly connectionOpened = new Probe<ConnectionOpened>();
  readonly connectionEnded = new Probe<ConnectionEnded>();
  readonly messageDelivered = new Probe<MessageDelivered>();
  readonly connectionState = new Probe<ConnectionStateAtEnd>();
  readonly packetDropped = new Probe<PacketDropped>();
  readonly packetDelivered = new Probe<PacketDelivered>();
  readonly divergence = new Probe<Divergence>();
  readonly probeEnded = new Probe<ProbeEnded>();
  readonly migrationPhase = new Probe<PhaseReached>();
  readonly memoryRound = new Probe<MemoryRound>();
  readonly vcpuThrottled = new Probe<VcpuThrottled>();
  readonly contextTask = new Probe<ContextTask>();
  readonly contextCompared = new Probe<ContextCompared>();
  readonly cpuUsed = new Probe<CpuUsed>();
  readonly exposureChanged = new Probe<ExposureChanged>();
  readonly announcementSent = new Probe<AnnouncementSent>();
  readonly announced = new Probe<Announced>();
  readonly locationLearnt = new Probe<LocationLearnt>();
}

export type DropCause =
  | 'rule'
  | 'invalid'
  | 'no-entry'
  | 'table-full'
  /** Source guard: the sender has no right to the source address. */
  | 'spoofed'
  /** Intrusion prevention: a block, or a segment that does not fit the stream. */
  | 'intrusion'
  /** Rate limiter: no tokens. */
  | 'rate'
  /** IPsec: a sequence number that was seen, is too old, or is missing. */
  | 'replay'
  /** The VM may not send or receive yet: the network has not been told where it is. */
  | 'not-activated'
  | 'paused'
  | 'gone'
  | 'queue'
  | 'loss'
  | 'duplicate'
  | 'unroutable';

/** What a host's CPUs work for. */
export const cpuTasks = ['filtering', 'copying', 'context', 'compression', 'guests'] as const;
export type CpuTask = (typeof cpuTasks)[number];

/** CPU time that a host spent on one task between two times; spread evenly between them, as far as is known. */
export interface CpuUsed {
  readonly host: string;
  readonly task: CpuTask;
  readonly fromNs: number;
  readonly toNs: number;
  readonly cpuNs: number;
}

export interface ConnectionOpened {
  readonly timeNs: number;
  readonly flow: number;
  /** A flow of datagrams counts as a connection, as it does for connection tracking. */
  readonly protocol: 'tcp' | 'udp';
  readonly workload: string;
  readonly vm: string;
  readonly peer: string;
  readonly initiator: 'peer' | 'vm';
}

export interface ConnectionEnded {
  readonly timeNs: number;
  readonly flow: number;
  /** `given-up`: by its application, which had waited too long for an answer. */
  readonly how: 'closed' | 'reset' | 'timed-out' | 'given-up' | 'reconnected';
  /** The end that saw it. */
  readonly end: 'peer' | 'vm';
}

/** An application message, whole at its receiver: over TCP a request, an answer or a piece of one, or a datagram. */
export interface MessageDelivered {
  readonly flow: number;
  /** Counts the messages of the flow in one direction, from 0; datagrams that were lost leave their numbers out. */
  readonly index: number;
  readonly to: 'peer' | 'vm';
  readonly bytes: number;
  readonly offeredNs: number;
  readonly timeNs: number;
}

/** Asked of each connection when the run ends, without touching any state. */
export interface ConnectionStateAtEnd {
  readonly flow: number;
  /** A message is under way since then, or -1. */
  readonly owedSinceNs: number;
  readonly lastSentNs: number;
  /** Whether the next packet of each end would get through the engines. */
  readonly peerWouldPass: boolean;
  readonly vmWouldPass: boolean;
  readonly ends: 'both-open' | 'half-open' | 'closed';
}

export interface PacketDropped {
  readonly timeNs: number;
  /** The link, switch, host or engine where it happened. */
  readonly place: string;
  readonly cause: DropCause;
  readonly packet: Packet;
}

/** A packet reached a guest ('vm') or a peer. */
export interface PacketDelivered {
  readonly timeNs: number;
  readonly place: string;
  readonly to: 'peer' | 'vm';
  readonly packet: Packet;
}

/** An engine and the never-moved reference disagree about a packet. */
export interface Divergence {
  readonly timeNs: number;
  readonly host: string;
  readonly vm: string;
  readonly kind: 'wrongly-accepted' | 'wrongly-dropped';
  readonly cause:
    | 'stale-entry'
    | 'missing-entry'
    | 'loose-pick-up'
    | 'window'
    /** One of the two had no room for the connection's entry. */
    | 'table-full'
    | 'open-chain'
    | 'closed-chain'
    | 'rules'
    /** The host has no such engine, or it has not seen the connection from its start. */
    | 'not-inspected'
    /** Source guard: a binding is missing, or one that is over still holds. */
    | 'missing-binding'
    /** NAT: the connection has no mapping any more, or leaves under another address. */
    | 'missing-mapping'
    | 'translation'
    /** Intrusion prevention: a count began anew, or a flow's state is missing. */
    | 'count-lost'
    /** Rate limiter: a bucket began anew. */
    | 'fresh-bucket'
    /** SYN proxy: the offset of a connection is missing. */
    | 'missing-offset'
    /** IPsec: sequence number or replay window are of another time. */
    | 'stale-counter';
  /** False when a divergence of the same tuple came before. */
  readonly first: boolean;
  readonly packet: Packet;
}

export interface ProbeEnded {
  readonly workload: string;
  readonly index: number;
  readonly sentNs: number;
  readonly answered: boolean;
}

export interface PhaseReached {
  readonly timeNs: number;
  readonly migration: string;
  readonly vm: string;
  readonly phase:
    | 'request'
    | 'reserve'
    | 'round'
    | 'stop'
    /** Memory and device state that the guest needs to resume are loaded at the destination. */
    | 'memory-complete'
    | 'context-complete'
    | 'commit'
    | 'activate'
    /** The source has given the VM's memory back: with post-copy, after the last page. */
    | 'source-freed'
    | 'learnt'
    | 'cleaned-up'
    | 'failed'
    /** The VM has died, with the host where it was or with pages that it needed. */
    | 'lost';
  /** Why, with `failed`; otherwise empty. */
  readonly reason: string;
}

export interface MemoryRound {
  readonly migration: string;
  /** From 1; the last one is sent while the guest is paused. */
  readonly round: number;
  readonly stopped: boolean;
  readonly startNs: number;
  readonly endNs: number;
  readonly pages: number;
  readonly bytes: number;
}

/** From now on a migration keeps its guest's vCPUs asleep for this share of the time, in %. */
export interface VcpuThrottled {
  readonly timeNs: number;
  readonly migration: string;
  readonly percent: number;
}

/** One export, transfer and import of context. */
export interface ContextTask {
  readonly migration: string;
  readonly engine: string;
  readonly part: 'rules' | 'entries';
  readonly moment: string;
  /** The memory round it belongs to, 0 before the first. */
  readonly round: number;
  readonly startNs: number;
  /** When it was read at the source and began to travel, and when its last byte had arrived. */
  readonly exportedNs: number;
  readonly arrivedNs: number;
  readonly endNs: number;
  readonly items: number;
  readonly removals: number;
  readonly bytes: number;
  readonly refused: number;
}

/** Items of one engine at the freeze against those at the destination when the guest resumes. */
export interface ContextCompared {
  readonly migration: string;
  readonly engine: string;
  readonly itemsAtFreeze: number;
  readonly missing: number;
  readonly downgraded: number;
  readonly stale: number;
  readonly resurrected: number;
  readonly leftBehind: number;
  readonly resumedNs: number;
  readonly flows: LostFlows;
}

/** Connections that lived at the freeze and are served by items of each kind of loss; each connection once a kind. */
export interface LostFlows {
  readonly missing: readonly number[];
  readonly downgraded: readonly number[];
  readonly stale: readonly number[];
  readonly resurrected: readonly number[];
  readonly leftBehind: readonly number[];
}

/** From now on a probe of this kind would, or would no longer, wrongly reach the VM. */
export interface ExposureChanged {
  readonly timeNs: number;
  readonly vm: string;
  readonly kind: string;
  readonly exposed: boolean;
}

/** A destination told the network that the VM is there now. */
export interface AnnouncementSent {
  readonly timeNs: number;
  readonly migration: string;
  readonly vm: string;
  readonly host: string;
}

/** The frame in which a host announced a VM at its interface there; in an overlay network there is none. */
export interface Announced {
  readonly timeNs: number;
  readonly vm: string;
  readonly host: string;
  readonly frame: Frame;
}

/** A switch or a host's bridge sends the VM's frames another way from now on, or some way for the first time. */
export interface LocationLearnt {
  readonly timeNs: number;
  /** The learner. */
  readonly place: string;
  readonly vm: string;
}
