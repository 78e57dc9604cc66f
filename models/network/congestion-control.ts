import { Cubic } from './cubic.ts';
import { HyStart, type SlowStartAck, type SlowStartRound } from './hystart.ts';
import { NewReno } from './new-reno.ts';

/** How a sender's congestion window reacts; windows are in segments and may be fractions. */
export interface CongestionControl {
  /** Whether it has learnt nothing that an idle connection would need to keep. */
  readonly plain: boolean;
  /** By how many segments the window grows above the threshold when `acked` segments are acknowledged. */
  increase(acked: number, window: number, nowNs: number, rttMinNs: number): number;
  /** Whether slow start ends before any loss, by how acknowledgements come. */
  endsSlowStart(ack: SlowStartAck): boolean;
  /** The new threshold, at a loss. */
  thresholdAfterLoss(window: number): number;
  /** A timeout: what was learnt about the growth no longer holds. */
  restart(): void;
  /** Sending goes on after an idle time, in which nothing could grow. */
  resume(idleNs: number): void;
}

/** Linux's TCP_INFINITE_SSTHRESH: beyond every window, and a small integer to V8. */
export const infiniteThreshold = 2 ** 31 - 1;

export type CongestionControlKind = 'new-reno' | 'cubic';

export interface CongestionControlSettings {
  readonly congestionControl: CongestionControlKind;
  readonly hyStart: boolean;
  /** The kernel's tick; 0 where time is exact. */
  readonly tickNs: number;
}

/** For a connection in the given round of its slow start. */
function createCongestionControl(
  { congestionControl, hyStart, tickNs }: CongestionControlSettings,
  round: SlowStartRound,
): CongestionControl {
  switch (congestionControl) {
    case 'new-reno':
      return new NewReno();
    case 'cubic':
      return new Cubic(hyStart ? new HyStart(round) : null, tickNs);
  }
}

/** What a sender keeps of its congestion control. */
export interface Controlled {
  readonly settings: CongestionControlSettings;
  /** Null as long as it would know no more than the round of slow start under way, see {@link HyStart}. */
  congestion: CongestionControl | null;
  slowStartEnd: number;
  slowStartNs: number;
}

/** The congestion control of a sender, made when it is first asked for. */
export function controlOf(sender: Controlled): CongestionControl {
  const round = { end: sender.slowStartEnd, startNs: sender.slowStartNs };
  return (sender.congestion ??= createCongestionControl(sender.settings, round));
}
