import type { Stream as Draws } from '../../sim/random.ts';
import type { DatagramContext, DatagramFlow, DatagramPlay } from './datagram-flow.ts';
import { drawIntervalNs, type Interval } from './interval.ts';
import { drawBytes, type Size } from './size.ts';

/** Datagrams at a pace of their own, whatever comes back. */
export interface Ticks {
  readonly period: Interval;
  readonly size: Size;
}

/** What each end sends; null for nothing. The initiator always sends something. */
export interface StreamSettings {
  readonly byPeer: Ticks | null;
  readonly byVm: Ticks | null;
  readonly stopNs: number;
}

/**
 * Streams both ways over one flow: the initiator sends from the beginning, the other end from the first datagram on
 * that reached it. Each goes by its own clock: a paused guest skips no tick, it is late with all.
 */
export class DatagramStreams implements DatagramPlay {
  private readonly settings: StreamSettings;
  private readonly context: DatagramContext;
  private readonly flow: DatagramFlow;
  private readonly draws: Draws;
  private readonly ticks = { peer: 0, vm: 0 };

  constructor(settings: StreamSettings, context: DatagramContext, flow: DatagramFlow, draws: Draws) {
    this.settings = settings;
    this.context = context;
    this.flow = flow;
    this.draws = draws;
  }

  begin(): void {
    this.tick(this.context.initiator);
  }

  arrived(at: 'peer' | 'vm'): void {
    if (at !== this.context.initiator && this.ticks[at] === 0) this.tick(at);
  }

  /** Sends one datagram and waits for the next. */
  tick(from: 'peer' | 'vm'): void {
    const { simulation, ends } = this.context;
    const ticks = from === 'peer' ? this.settings.byPeer : this.settings.byVm;
    if (ticks === null || simulation.nowNs > this.settings.stopNs) return;
    const number = this.ticks[from]++;
    const index = number * 4 + (from === 'vm' ? 2 : 0);
    this.flow.send(from, drawBytes(ticks.size, this.draws.uniform2(this.flow.flow, index)), number);
    const periodNs = drawIntervalNs(ticks.period, this.draws.uniform2(this.flow.flow, index + 1));
    ends[from].clock.schedule(periodNs, tick, { play: this, from });
  }
}

function tick({ play, from }: { readonly play: DatagramStreams; readonly from: 'peer' | 'vm' }): void {
  play.tick(from);
}
