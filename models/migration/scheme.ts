import type { AnnouncementKind } from '../network/frame.ts';
import type { ExistingRule } from '../security/security-engine.ts';
import type { MemoryPlan } from './memory/memory-plan.ts';

/**
 * How one VM is moved, as data: eight plans. A preset is a named record of them; no code asks for a scheme's
 * name. Durations in ns, sizes in bytes, rates in bit/s; `Infinity` stands for "no limit".
 */
export interface Scheme {
  readonly name: string;
  readonly memory: MemoryPlan;
  readonly selection: SelectionPlan;
  readonly context: ContextPlan;
  readonly transport: TransportPlan;
  readonly inFlight: InFlightPlan;
  readonly cutover: CutoverPlan;
  readonly reconcile: ReconcilePlan;
  readonly cleanup: CleanupPlan;
}

/** The plans but for that of memory, which is a choice of its own. */
export type PlanName = Exclude<keyof Scheme, 'name' | 'memory'>;

/** Which items of an engine are the VM's, and what happens to an entry whose other end stays behind. */
export interface SelectionPlan {
  readonly by: 'interface' | 'zone' | 'mark' | 'address';
  /** `copy`: it travels and stays. `move`: it travels and leaves the source at the commit. `delete`: it only leaves. */
  readonly sharedEntry: 'copy' | 'move' | 'delete';
  /** With `address`: how long a list of the VM's addresses may be, and what happens to a VM that has more. */
  readonly addressLimit: {
    readonly addresses: number;
    /** `first`: entries of the addresses beyond it are nobody's. */
    readonly beyond: 'fail' | 'move-nothing' | 'first';
  };
}

/**
 * When a part of the security context travels. The first transfer is a snapshot, each later one the
 * difference to what was sent before. No moment at all: the part never travels.
 */
export type ContextMoment =
  | 'at-reservation'
  | 'each-round'
  | 'stop-phase'
  | 'continuously'
  | 'after-resume'
  /** Items are fetched when the destination meets the first packet that needs them; the packet waits. */
  | 'on-demand';

/** How much of a connection entry arrives: what the ways of reading and writing entries keep. */
export type Fidelity =
  'full' | 'save' | 'savefix' | 'naive' | 'noflags' | 'flags' | 'liberal' | 'natattr' | 'nat' | 'liberalnat';

export interface ContextPlan {
  /** The static part: rules, resolved groups, bindings given by policy. */
  readonly rules: readonly ContextMoment[];
  /** The dynamic part: what traffic made. */
  readonly entries: readonly ContextMoment[];
  readonly fidelity: Fidelity;
  /** Of which engines the dynamic part travels, by name. */
  readonly engines: 'all' | readonly string[];
  /** Engines whose context goes by a plan of its own; the first that names an engine, or its kind, holds. */
  readonly perEngine: readonly EnginePlan[];
  /** The destination lacks an engine of the source, by name and kind: the VM goes without it, or does not go. */
  readonly missingEngine: 'pass' | 'fail';
  /** `remote`: every host finds the dynamic part in a store outside, each packet waiting so long for it. */
  readonly store: 'host' | 'remote';
  readonly lookupNs: number;
  /** What the destination does with the VM's packets until its rules are there. */
  readonly untilInstalled: 'no-engine' | 'drop-all' | 'rules';
  /** A round's difference while the last one is still under way: worked off in order, or left out. */
  readonly whileBusy: 'queue' | 'skip';
  /** With `continuously`: what changed is read once per lag and sent in batches of at most this many entries. */
  readonly batchEntries: number;
  readonly lagNs: number;
  /** With `after-resume`: how long after the resume the transfer starts. */
  readonly afterResumeNs: number;
  /** Whether the destination resumes only when the context is complete, for how long at most, and then. */
  readonly gate: { readonly waits: boolean; readonly timeoutNs: number; readonly then: 'resume' | 'abort' };
  /** A limit on what may travel, and what happens beyond it. */
  readonly cap: {
    readonly bytes: number;
    readonly entries: number;
    readonly beyond: 'fail' | 'move-nothing';
  };
}

/** What {@link ContextPlan} says of all engines, for one engine by name, or all of a kind. */
export interface EnginePlan extends Pick<ContextPlan, 'rules' | 'entries' | 'fidelity' | 'cap'> {
  readonly engine: string;
  /** Whether the gate, where the scheme has one, waits for this engine's context. */
  readonly gated: boolean;
}

/** How context bytes reach the destination. */
export interface TransportPlan {
  /** In the memory stream before or after the pages of a round, or a flow of its own beside it. */
  readonly channel: 'before-pages' | 'after-pages' | 'own-flow';
  /** Weight of an own flow against the memory stream's 1. */
  readonly weight: number;
  readonly bytesPerEntry: number;
  readonly bytesPerRule: number;
  /** CPU time of the source for each entry that a reading looks at, whether it is sent or not: the walk of a table. */
  readonly readNsPerEntry: number;
  /** CPU time, source and destination, per item that is sent; and once per dump or load. */
  readonly exportNsPerEntry: number;
  readonly importNsPerEntry: number;
  readonly exportNsFixed: number;
  readonly importNsFixed: number;
  readonly installNsPerRule: number;
  readonly installNsFixed: number;
  /** CPU time, source and destination, for each mebibyte that is sent, whatever it holds. */
  readonly mebibyteNs: number;
  readonly encryption: EncryptionPlan;
  readonly acknowledgement: AcknowledgementPlan;
}

/**
 * `tls-1.3`: context travels in records (RFC 8446, 5), behind a handshake of one round trip (section 2) that an own
 * flow makes at the reservation. The memory stream, where context goes with it, has been encrypted before.
 */
export interface EncryptionPlan {
  readonly protocol: 'none' | 'tls-1.3';
  /** CPU time, source and destination, for each mebibyte of plaintext, and of each host for a handshake. */
  readonly mebibyteNs: number;
  readonly handshakeNs: number;
}

/**
 * `stream`: what the stream has delivered counts as there. `destination`: the destination answers what it has
 * loaded, and a transfer is over when its last answer has come back.
 */
export interface AcknowledgementPlan {
  readonly by: 'stream' | 'destination';
  /** One answer for so many items, and one for the rest. */
  readonly itemsPerAnswer: number;
  readonly bytes: number;
  /** CPU time of each host for an answer. */
  readonly ns: number;
}

/** What becomes of packets that arrive for the VM at the source while it is paused or gone. */
export interface InFlightPlan {
  /** Whether packets that arrive after the pause still change the source's state. */
  readonly freeze: 'before-chain' | 'after-chain' | 'not-at-all';
  readonly packets: 'drop' | 'hold';
  /** With `hold`: how many bytes at most; what is beyond is dropped. */
  readonly holdBytesMax: number;
  /** Held packets are replayed at the destination before or after its chain. */
  readonly replay: 'before-chain' | 'after-chain';
  /**
   * What comes to the destination before the held packets do: passes them, or is held there, up to the same limit, and
   * follows them.
   */
  readonly order: 'as-they-come' | 'held-first';
}

/** How the network learns where the VM is. */
export interface CutoverPlan {
  /** Announcements by the destination, as offsets after the resume. */
  readonly announceNs: readonly number[];
  readonly announcement: AnnouncementKind;
  /** The source passes packets on to the destination until the learners have learnt. */
  readonly redirect: boolean;
  /** The moved VM resets its sessions, so that peers reconnect. */
  readonly sessionReset: boolean;
  /** Announcements are held until no transfer of context is under way. */
  readonly announceWhen: 'resumed' | 'context-complete';
  /** From when on the destination lets packets of the VM through: the resume, or its first announcement. */
  readonly activateOn: 'resume' | 'announcement';
  /** Connections that the source's engines know go on through them, with so much delay a packet. */
  readonly drain: boolean;
  readonly drainDetourNs: number;
}

/** What the destination does with a loaded entry that meets another one, a newer policy, or a full table. */
export interface ReconcilePlan {
  /** What the destination has already: it stays, gives way, or stays where the batch has nothing in its place. */
  readonly existing: ExistingRule;
  /** Rules older than those that the destination has already are not installed. */
  readonly checkPolicy: boolean;
  /**
   * Entries that were read under older rules than those that the destination has: all are loaded, or only those whose
   * connection the newer rules would let open.
   */
  readonly checkEntries: boolean;
  /** The lifetime left when it was read; the same less the time on the way; or the whole lifetime of its state. */
  readonly timeouts: 'remaining' | 'absolute' | 'restart';
  /** The migration fails (before its commit); the entries that would expire first give way; or the loaded one does. */
  readonly tableFull: 'fail' | 'evict' | 'skip';
}

/** When and how the source forgets the VM's context. */
export interface CleanupPlan {
  readonly when: 'at-pause' | 'at-commit' | 'after-resume' | 'when-drained' | 'never';
  readonly delayNs: number;
  readonly by: 'interface' | 'zone' | 'mark' | 'address';
  /** Whether it reaches entries whose other end stays behind. */
  readonly flushShared: boolean;
}

/** Where a field's value comes from; `own`: a scenario says it. */
export type Provenance = 'published' | 'read in source' | 'assumed' | 'own';
