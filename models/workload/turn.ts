import type { Interval } from './interval.ts';
import type { Size } from './size.ts';

/** One message of a conversation. The next turn begins when all of it has arrived. */
export interface Turn {
  readonly speaker: 'peer' | 'vm';
  readonly size: Size;
  /** From the end of the turn before to the first byte, on the clock of who speaks. */
  readonly pause: Pause;
  /** Progress counts in pieces of so many bytes, each a message of its own for the measures; Infinity for one. */
  readonly pieceBytes: number;
  /** Done before the message is written, which waits until `speak` is called; null for nothing. */
  readonly before: Preparation | null;
  /** What the speaker adds to the message later, in order and each no earlier than the one before; each counts by itself. */
  readonly later: readonly LaterWrite[];
}

/** A further write of a message, so long after the connection was asked for, on the clock of who speaks. */
export interface LaterWrite {
  readonly atNs: number;
  readonly bytes: number;
}

/** `none`: at once. `at`: so long after the connection was asked for, and no earlier than the turn before allows. */
export type Pause = Interval | { readonly kind: 'none' } | { readonly kind: 'at'; readonly ns: number };

/** What has to happen before a message; calls `speak` when it has. */
export type Preparation = (conversation: Speakers, speak: () => void) => void;

/** What a preparation may know of the conversation. */
export interface Speakers {
  readonly flow: number;
  /** Bytes that one end has written on this connection so far: where its next message begins. */
  writtenBytes(end: 'peer' | 'vm'): number;
}

/** What is said on one connection: the opening once on each connection, then rounds. */
export interface Script {
  readonly opening: readonly Turn[];
  readonly round: readonly Turn[];
  /** Infinity for as long as the workload lasts. */
  readonly roundsMax: number;
  /** Who closes after the last round; nobody where the connection stays open. */
  readonly closes: 'peer' | 'vm' | 'nobody';
  /** Whether the end that closes still reads (shutdown), or is an application no more (close). */
  readonly closesBy: 'close' | 'shutdown';
  /** No earlier than so long after the connection was asked for; 0 for as soon as all has been said. */
  readonly closesAtNs: number;
  /** How the end that does not close first follows; null where it does when it hears of it. */
  readonly answer: CloseAnswer | null;
  /** Whether the first message of a connection waits for its pause as well. */
  readonly pausesFirst: boolean;
}

/** A connection that is closed by halves. */
export interface CloseAnswer {
  /** The end that closes second: the one that `closes` does not name. */
  readonly from: 'peer' | 'vm';
  /** The first end closes when so many turns have arrived; those after them are said when this end has heard of that. */
  readonly afterTurns: number;
  /** This end closes no earlier than so long after the connection was asked for, and when all has been said. */
  readonly atNs: number;
}

/** A message of a constant or drawn size, without ceremony. */
export function turn(speaker: 'peer' | 'vm', size: Size, pause: Pause): Turn {
  return { speaker, size, pause, pieceBytes: Infinity, before: null, later: [] };
}

/** The turn at a position of the conversation, null after the last: those of the opening first, then round by round. */
export function turnAt({ opening, round, roundsMax }: Script, position: number): Turn | null {
  if (position < opening.length) return opening[position]!;
  const index = position - opening.length;
  if (round.length === 0 || index >= round.length * roundsMax) return null;
  return round[index % round.length]!;
}

export function beginsRound({ opening, round }: Script, position: number): boolean {
  return position >= opening.length && (position - opening.length) % round.length === 0;
}

/** Under which index a turn draws: counts rounds in the lower 32 bits, so that the first turn of round r has the index r. */
export function drawIndex({ opening, round }: Script, position: number): number {
  if (position < opening.length) return 2 ** 40 + position;
  const index = position - opening.length;
  return Math.floor(index / round.length) + (index % round.length) * 2 ** 32;
}
