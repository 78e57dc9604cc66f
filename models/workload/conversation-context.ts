import type { Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Observations } from '../observations.ts';
import type { Conversation } from './conversation.ts';
import type { FlowEnds } from './flow-ends.ts';
import type { Reconnect } from './reconnect.ts';

/** What the conversations of a workload have in common, and whom they tell how they end. */
export interface ConversationContext extends ConversationSetting, ConversationListener {}

/** What the conversations of a workload have in common. */
export interface ConversationSetting {
  readonly name: string;
  readonly ends: FlowEnds;
  /** Who opens the connections. */
  readonly initiator: 'peer' | 'vm';
  readonly port: number;
  readonly reconnect: Reconnect;
  /** No round begins after this. */
  readonly stopNs: number;
  readonly simulation: Simulation;
  readonly observations: Observations;
  /** Pauses and sizes are drawn by (flow, turn), so that two schemes see the same ones. */
  readonly pauses: Draws;
  readonly sizes: Draws;
}

/** Told of a conversation's end. */
export interface ConversationListener {
  /** The last round is over. */
  said(conversation: Conversation): void;
  /** Both ends have closed after the last round. */
  over(conversation: Conversation): void;
  /** The connection broke before that, and is not opened again. */
  broke(conversation: Conversation): void;
}
