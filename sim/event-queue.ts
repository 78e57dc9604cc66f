import { assert } from './assert.ts';

/**
 * Names one scheduled event, and no other one ever: it is stale once that event has run or was cancelled.
 * It packs the place of the event and how often that place was used before.
 */
export type EventHandle = number;

/** A handle that is never pending. */
export const noEvent: EventHandle = 0;

/** What an event does: called once, with the argument that was scheduled with it. */
export type EventCall = (argument: unknown) => void;

/**
 * Runs events in the total order of time, then of scheduling.
 *
 * The idea is a dial with a hand for each digit. Written in base 512, the time of an event differs from the base,
 * a time that none precedes, in some highest digit; the event waits in the slot of that digit, in the order of
 * scheduling. When the base comes to a slot, its events go into the sorted list of those that are due, if they
 * are few, and else are dealt out to the slots of lower digits. So no event moves more often than a time has
 * digits, however the times are distributed; most move twice; and events of equal time are never compared.
 *
 * Sources: hierarchical timing wheels (Varghese and Lauck, SOSP 1987, scheme 7), with the slots of the radix heap
 * (Ahuja, Mehlhorn, Orlin, Tarjan, JACM 37(2), 1990) and the sorted bottom of the ladder queue (Tang, Goh, Thng,
 * ACM TOMACS 15(3), 2005).
 *
 * An event is a node: an index into the arrays below. Slots and the due list are doubly linked rings of nodes,
 * whose heads are the first nodes, so that an event leaves its ring without knowing which one it is. The arrays
 * are apart, since links are followed more often than times are read, and times more often than events run.
 */
export class EventQueue {
  /** The time of the event that runs or ran last. */
  nowNs = 0;
  eventsRun = 0;
  private untilNs = 0;

  private nodesEnd = firstNode;
  /** The nodes that are free, linked by `next`. */
  private firstFree = none;
  private next = new Int32Array(2 * firstNode);
  private previous = new Int32Array(2 * firstNode);
  private timesNs = new Float64Array(2 * firstNode);
  /** How many events have used the node, the present one included, counted from `usesMin`. */
  private uses = new Int32Array(2 * firstNode);
  /** Two for each node: what it calls, and the argument. */
  private readonly tasks: unknown[] = [];

  /** A bit for each slot, which is clear only if the slot is empty; and for each level, one for each word of these. */
  private readonly slotBits = new Int32Array((levels * slotsPerLevel) / 32);
  private readonly wordBits = new Int32Array(levels);

  private baseHigh = 0;
  private baseLow = 0;
  /** Events before this time are in the due list. */
  private dueEndNs = 0;

  constructor() {
    for (let head = 0; head <= due; head++) this.empty(head);
  }

  /** How many events there is room for before it grows. */
  get capacity(): number {
    return this.next.length - firstNode;
  }

  /** Schedules `call(argument)` for `timeNs`. */
  push(timeNs: number, call: EventCall, argument: unknown): EventHandle {
    this.assertTime(timeNs);
    let node = this.firstFree;
    if (node === none) node = this.newNode();
    else this.firstFree = this.next[node]!;
    this.tasks[2 * node] = call;
    this.tasks[2 * node + 1] = argument;
    this.place(node, timeNs);
    return this.uses[node]! * nodesMax + node;
  }

  isPending(handle: EventHandle): boolean {
    return this.find(handle) !== none;
  }

  timeOf(handle: EventHandle): number {
    const node = this.find(handle);
    assert(node !== none, 'only a pending event has a time');
    return this.timesNs[node]!;
  }

  cancel(handle: EventHandle): boolean {
    const node = this.find(handle);
    if (node === none) return false;
    this.unlink(node);
    this.release(node);
    return true;
  }

  /** As if cancelled and scheduled again, but the handle stays good; false if it is stale. */
  move(handle: EventHandle, timeNs: number): boolean {
    this.assertTime(timeNs);
    const node = this.find(handle);
    if (node === none) return false;
    this.unlink(node);
    this.place(node, timeNs);
    return true;
  }

  /** Runs the events that are not later than `untilNs`, unless one of them stops the run; `check` after each. */
  run(untilNs: number, check: (() => void) | null): void {
    this.untilNs = untilNs;
    for (;;) {
      if (this.next[due] === due && !this.refill()) break;
      const node = this.next[due]!;
      const timeNs = this.timesNs[node]!;
      if (timeNs > this.untilNs) break;
      const call = this.tasks[2 * node] as EventCall;
      const argument = this.tasks[2 * node + 1];
      this.unlink(node);
      this.release(node);
      this.nowNs = timeNs;
      this.eventsRun++;
      call(argument);
      if (check !== null) check();
    }
    if (untilNs !== Infinity && this.untilNs !== stopped) this.nowNs = untilNs;
  }

  /** Lets the run end with the present event. */
  stop(): void {
    this.untilNs = stopped;
  }

  private place(node: number, timeNs: number): void {
    this.timesNs[node] = timeNs;
    if (timeNs < this.dueEndNs) {
      if (this.insertDue(node)) return;
      this.dealDue();
    }
    this.append(node);
  }

  /** Puts the event into the slot of the highest digit in which its time differs from the base. */
  private append(node: number): void {
    const timeNs = this.timesNs[node]!;
    let part = (timeNs / highNs) | 0;
    let differing = part ^ this.baseHigh;
    let level = 3;
    if (differing === 0) {
      part = (timeNs | 0) & lowMask;
      differing = part ^ this.baseLow;
      level = 0;
    }
    if (differing >= slotsPerTwoLevels) {
      part >>= 2 * digitBits;
      level += 2;
    } else if (differing >= slotsPerLevel) {
      part >>= digitBits;
      level++;
    }
    const digit = part & digitMask;
    const slot = (level << digitBits) + digit;
    this.slotBits[slot >> 5]! |= 1 << slot; // JavaScript shifts by the last five bits
    this.wordBits[level]! |= 1 << (digit >> 5);
    this.linkBefore(slot, node);
  }

  /** Sorts the event into the due list from its end; false if its place is too far from there to look for it. */
  private insertDue(node: number): boolean {
    const timeNs = this.timesNs[node]!;
    let before = this.previous[due]!;
    for (let steps = 0; before !== due && this.timesNs[before]! > timeNs; steps++) {
      if (steps === stepsMax) return false;
      before = this.previous[before]!;
    }
    this.linkBefore(this.next[before]!, node);
    return true;
  }

  /** Returns the due events to slots: they are spread over a time that is too long for one list. */
  private dealDue(): void {
    this.dueEndNs = this.baseHigh * highNs + this.baseLow;
    let node = this.next[due]!;
    this.empty(due);
    while (node !== due) {
      const next = this.next[node]!;
      this.append(node);
      node = next;
    }
  }

  /** Fills the due list from the next slot that has events; false if no slot begins early enough. */
  private refill(): boolean {
    for (let level = 0; level < levels;) {
      const bits = this.wordBits[level]!;
      if (bits === 0) {
        level++;
        continue;
      }
      const word = (level << (digitBits - 5)) + lowestBit(bits);
      const slotBits = this.slotBits[word]!;
      if (slotBits === 0) {
        this.wordBits[level] = bits & (bits - 1);
        continue;
      }
      const slot = (word << 5) + lowestBit(slotBits);
      // The base must not go to a slot whose events were all cancelled: nothing says that the clock will, too.
      const occupied = this.next[slot] !== slot;
      if (occupied && !this.advance(level, slot & digitMask)) return false;
      this.slotBits[word] = slotBits & (slotBits - 1);
      if (occupied) {
        if (this.drain(slot, level)) return true;
        level = 0;
      }
    }
    return false;
  }

  private advance(level: number, digit: number): boolean {
    let high = this.baseHigh;
    let low = 0;
    if (level < 3) {
      low = withDigit(this.baseLow, level, digit);
    } else {
      high = withDigit(high, level - 3, digit);
    }
    if (high * highNs + low > this.untilNs) return false;
    this.baseHigh = high;
    this.baseLow = low;
    return true;
  }

  private drain(slot: number, level: number): boolean {
    const next = this.next;
    const first = next[slot]!;
    let node = next[first]!;
    for (let count = 1; node !== slot && count < fewMax; count++) node = next[node]!;
    const few = node === slot || level === 0;
    const baseNs = this.baseHigh * highNs + this.baseLow;
    this.dueEndNs = few ? baseNs + widthsNs[level]! : baseNs;
    this.empty(slot);
    for (node = first; node !== slot;) {
      const following = next[node]!;
      if (few) this.insertDue(node);
      else this.append(node);
      node = following;
    }
    return few;
  }

  private assertTime(timeNs: number): void {
    assert(
      timeNs >= this.nowNs && timeNs < timesEndNs && Math.floor(timeNs) === timeNs,
      'an event is for a whole nanosecond that has not passed',
    );
  }

  private find(handle: EventHandle): number {
    const node = handle & (nodesMax - 1);
    if (node < firstNode || node >= this.nodesEnd) return none;
    return this.uses[node] === ((handle / nodesMax) | 0) ? node : none;
  }

  private linkBefore(after: number, node: number): void {
    const before = this.previous[after]!;
    this.next[node] = after;
    this.previous[node] = before;
    this.next[before] = node;
    this.previous[after] = node;
  }

  private unlink(node: number): void {
    const after = this.next[node]!;
    const before = this.previous[node]!;
    this.next[before] = after;
    this.previous[after] = before;
  }

  private empty(head: number): void {
    this.next[head] = head;
    this.previous[head] = head;
  }

  private release(node: number): void {
    this.tasks[2 * node + 1] = undefined;
    const uses = this.uses[node]! + 1;
    this.uses[node] = uses;
    // A node that has been used too often is never used again: its handles would not be new.
    if (uses === usesMax) return;
    this.next[node] = this.firstFree;
    this.firstFree = node;
  }

  private newNode(): number {
    const node = this.nodesEnd++;
    if (node === this.next.length) this.grow();
    this.uses[node] = usesMin;
    while (this.tasks.length < 2 * node + 2) this.tasks.push(undefined);
    return node;
  }

  private grow(): void {
    assert(this.nodesEnd < nodesMax, 'too many events are pending');
    const room = 2 * this.next.length;
    this.next = widened(this.next, new Int32Array(room));
    this.previous = widened(this.previous, new Int32Array(room));
    this.timesNs = widened(this.timesNs, new Float64Array(room));
    this.uses = widened(this.uses, new Int32Array(room));
  }
}

const digitBits = 9;
const slotsPerLevel = 2 ** digitBits;
const digitMask = slotsPerLevel - 1;
const lowBits = 3 * digitBits;
const lowMask = 2 ** lowBits - 1;
const highNs = 2 ** lowBits;
const slotsPerTwoLevels = 2 ** (2 * digitBits);
const levels = 6;
const widthsNs = Float64Array.from({ length: levels }, (_, level) => slotsPerLevel ** level);
/** Up to so many events of a slot are sorted at once; and so far is the place of a new one looked for. */
const fewMax = 16;
const stepsMax = 32;

const due = levels * slotsPerLevel;
const firstNode = due + 1;
/** A handle is `uses · nodesMax + node`, less than 2^53. */
const nodesMax = 2 ** 24;
const usesMax = 2 ** 29;
/** No handle fits 32 bits, or fields that keep them would change their kind, and code its assumptions, in the midst of a run. */
const usesMin = 2 ** 31 / nodesMax;
const none = -1;
const timesEndNs = 2 ** 53;
/** An end that every event is later than. */
const stopped = -1;

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** The number with the given digit, and zeros in the lower ones. */
function withDigit(number: number, place: number, digit: number): number {
  const shift = place * digitBits;
  return (number & ~((2 << (shift + digitBits - 1)) - 1)) | (digit << shift);
}

function widened<T extends Int32Array | Float64Array>(old: T, wide: T): T {
  wide.set(old);
  return wide;
}
