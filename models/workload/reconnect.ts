/** What the application at the initiating end does about a broken connection, by its own timers. */
export interface Reconnect {
  /** From a reset, a time-out or a refusal to the next try, on a new port; Infinity for never. */
  readonly afterNs: number;
  /** It gives a connection up on which a message of its own is unanswered for so long; Infinity for never. */
  readonly unansweredNs: number;
}

/** Ports below those of first connections, so that a connection that an end still remembers is not met again. */
export function laterPort(flow: number, attempt: number): number {
  return 10_000 + ((flow * 16 + attempt) % 22_000);
}
