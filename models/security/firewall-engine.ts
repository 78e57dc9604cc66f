import { assert } from '../../sim/assert.ts';
import type { Packet } from '../network/packet.ts';
import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { connectionScope, isConnection, scopesOf, type ContextItem } from './context-item.ts';
import { compiledRules } from './compiled-rules.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { inLoadOrder } from './dump-order.ts';
import { withLifetimes } from './entry-lifetime.ts';
import { vmEnds } from './engine-chain.ts';
import { rowWords } from './entry-layout.ts';
import type { EntrySelection } from './entry-selection.ts';
import { loadEvicting } from './load-evicting.ts';
import type { Judgement, Passage } from './nse.ts';
import { OpeningCheck } from './opening-check.ts';
import type { RuleTable, RuleWatcher } from './rule-table.ts';
import { makeRuleset, type Ruleset } from './ruleset.ts';
import type {
  ContextBatch,
  EngineTraits,
  EntryScope,
  LoadRequest,
  LoadResult,
  Policy,
  SecurityEngine,
  SelectionKey,
  Subject,
} from './security-engine.ts';
import { withEndsOf } from './shared-entry.ts';
import { StatefulFirewall, type TablePlace } from './stateful-firewall.ts';
import { LoadError } from './tracked-entries.ts';
import type { TrackingSettings } from './tracking-settings.ts';

/** A host's stateful firewall: how its tables are cut, and what its work costs in CPU time. */
export interface FirewallEngineSettings {
  readonly name: string;
  /** One table for each VM, or one for all, in which zones or marks tell the VMs apart or nothing does. */
  readonly table: 'per-vm' | 'per-zone' | 'marked' | 'shared';
  readonly tracking: TrackingSettings;
  /** CPU time per packet: base, plus per rule evaluated, plus per new entry. */
  readonly packetNs: number;
  readonly ruleNs: number;
  readonly newEntryNs: number;
}

/** The firewall behind one VM's interface, and the rules in force there. */
interface Seat {
  /** Number of the VM. */
  readonly number: number;
  readonly firewall: StatefulFirewall;
  policy: Policy;
  /** Called once, before anything but a packet that passes changes what is here; null where nobody follows. */
  parting: (() => void) | null;
  /** Whether a packet is being judged. */
  judging: boolean;
}

/** Rules and connection tracking for all VMs of a host. */
export class FirewallEngine implements SecurityEngine {
  readonly name: string;
  readonly traits = firewallTraits;
  private readonly settings: FirewallEngineSettings;
  private readonly costScale: number;
  private readonly sharedTracker: ConnectionTracker | null;
  /** By the number of the VM. */
  private readonly seats = new Map<number, Seat>();
  /** Where was looked last: packets come in bursts, and behind many an engine there is one VM. */
  private lastSeat: Seat | null = null;
  private lastInspectionNs = 0;
  private changeNs = 0;
  /** Made when entries are held against rules first. */
  private openingCheck: OpeningCheck | null = null;

  constructor(settings: FirewallEngineSettings, costScale: number) {
    this.name = settings.name;
    this.settings = settings;
    this.costScale = costScale;
    this.sharedTracker = settings.table === 'per-vm' ? null : new ConnectionTracker(settings.tracking);
  }

  get inspectionNs(): number {
    return this.lastInspectionNs;
  }

  begin(): void {
    // Nothing is known of a VM before its first packet.
  }

  get entriesHeld(): number {
    if (this.sharedTracker !== null) return this.sharedTracker.count;
    let held = 0;
    for (const { firewall } of this.seats.values()) held += firewall.tracker.count;
    return held;
  }

  inspect(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement {
    const seat = this.seat(vm);
    const judgement =
      seat.parting === null
        ? seat.firewall.inspect(packet, passage, nowNs)
        : inspectFollowed(seat, packet, passage, nowNs);
    const { packetNs, ruleNs, newEntryNs } = this.settings;
    const workNs =
      packetNs +
      judgement.rulesEvaluated * ruleNs +
      (judgement.entryCreated ? newEntryNs + this.changeNs : 0);
    this.lastInspectionNs = Math.ceil(workNs * this.costScale);
    return judgement;
  }

  /** From now on each new entry is told to whoever replicates the table, which takes so much CPU time. */
  reportChanges(changeNs: number): void {
    this.changeNs = changeNs;
  }

  ask(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.seat(vm).firewall.ask(packet, passage, nowNs);
  }

  policy(vm: Subject): Policy {
    return this.seat(vm).policy;
  }

  setPolicy(vm: Subject, policy: Policy): void {
    const seat = this.seat(vm);
    part(seat);
    seat.policy = policy;
    seat.firewall.setRules(this.tableOf(policy));
  }

  staticItems(vm: Subject): number {
    const policy = this.policy(vm);
    return policy.kind === 'rules' ? policy.ruleset.rulesCount : 0;
  }

  peek(vm: Subject, nowNs: number): readonly ConnectionSnapshot[] {
    return this.entries(vm).changedSince(-1, this.selection(vm, 'interface'), nowNs);
  }

  held(vm: Subject, nowNs: number): number {
    return this.entries(vm).count(this.selection(vm, 'interface'), nowNs);
  }

  itemsFor(vm: Subject, packet: Packet, passage: Passage, nowNs: number): readonly ConnectionSnapshot[] {
    const wanted = connectionScope(packet.protocol, vmEnds(packet, passage));
    return this.peek(vm, nowNs).filter((entry) => scopesOf(entry).includes(wanted));
  }

  snapshot(vm: Subject, key: SelectionKey, nowNs: number): ContextBatch {
    const entries = this.entries(vm);
    entries.rememberRemovals(nowNs);
    return { complete: true, entries: entries.dump(this.selection(vm, key), nowNs), removed: [] };
  }

  changesSince(vm: Subject, key: SelectionKey, sinceNs: number, nowNs: number): ContextBatch {
    const selection = this.selection(vm, key);
    const removals = this.entries(vm).removedSince(sinceNs, selection);
    if (removals === null) return this.snapshot(vm, key, nowNs);
    const changed = this.entries(vm).changedSince(sinceNs, selection, nowNs);
    return { complete: false, entries: changed, removed: removals.map((removal) => removal.entry) };
  }

  /** What was removed from a shared table may still be asked for by who reads another VM's entries. */
  endReading(vm: Subject): void {
    if (this.sharedTracker === null) this.entries(vm).forgetRemovals();
  }

  load(vm: Subject, request: LoadRequest, nowNs: number): LoadResult {
    const { batch, mode, existing, key, timeouts, evict } = request;
    part(this.seat(vm));
    const entries = this.entries(vm);
    const arriving =
      existing === 'keep' ? connectionsOf(batch.entries) : this.giveWay(vm, request, key, nowNs);
    const lifetimes = this.settings.tracking.timeouts;
    const admitted = request.mustOpen ? this.admitted(vm, arriving) : arriving;
    const alive = withLifetimes(admitted, timeouts, lifetimes, nowNs);
    const listed = inLoadOrder(alive, mode);
    const errors = evict ? loadEvicting(entries, listed, mode, nowNs) : entries.load(listed, mode, nowNs);
    const count = (wanted: number): number => errors.filter((error) => error === wanted).length;
    const loaded = count(LoadError.none);
    const present = count(LoadError.exists);
    const full = count(LoadError.noMemory) + count(LoadError.noSpace);
    const unwanted = arriving.length - admitted.length;
    return { loaded, existing: present, refused: errors.length - loaded - present + unwanted, full };
  }

  /** Those whose connection the rules of the VM would let open. */
  private admitted(vm: Subject, arriving: readonly ConnectionSnapshot[]): readonly ConnectionSnapshot[] {
    this.openingCheck ??= new OpeningCheck(this.name, this.settings.tracking);
    const check = this.openingCheck;
    const { rules } = this.seat(vm).firewall;
    return arriving.filter((entry) => check.admits(entry, rules, vm));
  }

  forget(vm: Subject, key: SelectionKey, scope: EntryScope, nowNs: number): number {
    const entries = this.entries(vm);
    const selection = this.selection(vm, key);
    if (scope === 'all') return entries.delete(selection, nowNs);
    return entries.deleteByEnds(selection, { own: vm.number, other: scope === 'shared' }, nowNs);
  }

  /** Calls back with each rule that a packet of the VM is held against from now on; null ends it. */
  watchRules(vm: Subject, watcher: RuleWatcher | null): void {
    const { rules } = this.seat(vm).firewall;
    if (rules !== null) rules.watcher = watcher;
  }

  /** Whether a table of a VM's own takes so many connections in, however their hashes fall. */
  surelyHolds(count: number): boolean {
    const { entriesMax, buckets } = this.settings.tracking;
    return this.followable && (entriesMax === 0 || count <= entriesMax) && count < buckets;
  }

  /** Whether each VM has a table here that no other VM's packets touch: then its context can be followed. */
  get followable(): boolean {
    return this.sharedTracker === null;
  }

  /** Calls `parting` once, before anything but a packet that passes changes the VM's context here. */
  follow(vm: Subject, parting: () => void): void {
    assert(this.followable, 'a table of several VMs is not followed');
    const seat = this.seat(vm);
    seat.parting = parting;
    seat.firewall.tracker.metEntry = metEntry;
    seat.firewall.tracker.collector.beforeLoss = () => part(seat);
  }

  /** Ends the following, if there is one. */
  partFrom(vm: Subject): void {
    part(this.seat(vm));
  }

  /** Takes the VM's entries over from another engine: as they were there before the packet that is being judged. */
  takeOver(vm: Subject, from: FirewallEngine): void {
    const { tracker } = this.seat(vm).firewall;
    assert(this.followable && tracker.count === 0, 'a context is taken over into an empty table');
    const { firewall, judging } = from.seat(vm);
    tracker.copyFrom(firewall.tracker, judging);
  }

  /**
   * Makes room for a batch: deletes what stands in its place, and unless both are to be merged what a complete one
   * does not have, if that belongs to no other VM of this host too. Returns the batch, each entry with the ends of the one that it replaces.
   */
  private giveWay(
    vm: Subject,
    { batch, existing }: LoadRequest,
    key: SelectionKey,
    nowNs: number,
  ): readonly ConnectionSnapshot[] {
    const entries = this.entries(vm);
    const arriving = connectionsOf(batch.entries);
    if (batch.complete && existing === 'replace')
      entries.deleteByEnds(this.selection(vm, key), { own: vm.number, other: false }, nowNs);
    if (this.seat(vm).firewall.tracker.count === 0) return arriving;
    for (const entry of connectionsOf(batch.removed)) entries.deleteEntry(entry, nowNs);
    return arriving.map((entry) => {
      const interfaces = entries.takeEntry(entry, nowNs);
      return interfaces === null ? entry : withEndsOf(entry, interfaces);
    });
  }

  private seat(vm: Subject): Seat {
    if (this.lastSeat?.number === vm.number) return this.lastSeat;
    this.lastSeat = this.seats.get(vm.number) ?? this.newSeat(vm);
    return this.lastSeat;
  }

  private newSeat(vm: Subject): Seat {
    const tracker = this.sharedTracker ?? new ConnectionTracker(this.settings.tracking);
    const seat: Seat = {
      number: vm.number,
      firewall: new StatefulFirewall(this.name, tracker, this.place(vm)),
      policy: { kind: 'drop-all' },
      parting: null,
      judging: false,
    };
    seat.firewall.setRules(this.tableOf(seat.policy));
    this.seats.set(vm.number, seat);
    return seat;
  }

  private place(vm: Subject): TablePlace {
    const { table } = this.settings;
    return {
      zone: table === 'per-zone' ? vm.number : 0,
      mark: table === 'marked' ? markOf(vm) : 0,
      interface: vm.number,
    };
  }

  private entries(vm: Subject): ConnectionTracker['entries'] {
    return this.seat(vm).firewall.tracker.entries;
  }

  /** A table of the VM's own holds nothing else; in a shared one the key decides what is the VM's. */
  private selection(vm: Subject, key: SelectionKey): EntrySelection {
    if (this.settings.table === 'per-vm') return { kind: 'all' };
    switch (key) {
      case 'interface':
        return { kind: 'interface', interface: vm.number };
      case 'zone':
        return { kind: 'zone', zone: this.place(vm).zone };
      case 'mark':
        return { kind: 'mark', mask: markOf(vm), value: markOf(vm) };
      case 'address':
        return { kind: 'addresses', addresses: vm.addresses };
    }
  }

  private tableOf(policy: Policy): RuleTable | null {
    if (policy.kind === 'no-engine') return null;
    return compiledRules(policy.kind === 'drop-all' ? dropAll : policy.ruleset);
  }
}

function inspectFollowed(seat: Seat, packet: Packet, passage: Passage, nowNs: number): Judgement {
  seat.judging = true;
  // A packet that is not tracked meets no entry, and so has none that could be put back.
  seat.firewall.tracker.attachment.met = false;
  const judgement = seat.firewall.inspect(packet, passage, nowNs);
  if (judgement.verdict !== 'accept') part(seat);
  seat.judging = false;
  return judgement;
}

function part(seat: Seat): void {
  const { parting, firewall } = seat;
  if (parting === null) return;
  seat.parting = null;
  firewall.tracker.collector.beforeLoss = null;
  parting();
  firewall.tracker.metEntry = null;
}

/** The entry as the packet met it that is being judged: one for all that are followed, since one packet is judged at a time. */
const metEntry = new Int32Array(rowWords(6));

const firewallTraits: EngineTraits = {
  kind: 'stateful-firewall',
  version: 1,
  exports: 'full',
  itemCosts: null,
  losses: null,
};

function connectionsOf(items: readonly ContextItem[]): ConnectionSnapshot[] {
  const connections = items.filter(isConnection);
  assert(connections.length === items.length, 'connection tracking takes connection entries');
  return connections;
}

const dropAll: Ruleset = makeRuleset([
  {
    family: 'inet',
    name: 'closed',
    chains: [
      {
        name: 'forward',
        base: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
        rules: [],
      },
    ],
    sets: [],
    maps: [],
    counters: [],
    helpers: [],
  },
]);

/** One bit for each VM, as long as there are bits. */
function markOf(vm: Subject): number {
  assert(vm.number >= 1 && vm.number <= 32, 'a mark has a bit for each of 32 VMs');
  return (1 << (vm.number - 1)) >>> 0;
}
