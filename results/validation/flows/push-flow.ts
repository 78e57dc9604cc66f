import { ms } from '../../../sim/time.ts';
import { DatagramPair } from './datagram-pair.ts';
import { Receptions } from './receptions.ts';
import type { FlowEndName, FlowPlace, MeasuredFlow } from './measured-flow.ts';
import { Sleeper } from './sleeper.ts';

export interface PushSettings {
  readonly datagramBytes: number;
  readonly periodNs: number;
}

/**
 * meta.flow_kinds, `push`, and meta.udp_push_period_ms. A process that sleeps 100 ms and sends does so every
 * 100.25 ms: over the blackouts of 2 s the recorded datagrams come 0.2 to 0.3 ms later with each period.
 */
export const measuredPush: PushSettings = { datagramBytes: 200, periodNs: 100.25 * ms };

/** UDP towards the end that opened the flow by one datagram and never sends again. */
export class PushFlow implements MeasuredFlow {
  readonly needed: readonly FlowEndName[] = ['connector'];
  readonly received = { connector: new Receptions(), acceptor: new Receptions() };
  private readonly settings: PushSettings;
  private readonly sockets: DatagramPair;
  private readonly sleeper: Sleeper;
  private nextNs = 0;

  constructor(place: FlowPlace, settings: PushSettings) {
    this.settings = settings;
    this.sockets = new DatagramPair(place, (end, bytes) => {
      this.received[end].add(place[end].world.nowNs, bytes);
      if (end === 'acceptor') this.sendNextAt(place.acceptor.clock.nowNs);
    });
    this.sleeper = new Sleeper(place.acceptor.clock, () => {
      this.push();
    });
  }

  get place(): FlowPlace {
    return this.sockets.place;
  }

  listen(): void {
    this.sockets.bind('acceptor');
  }

  open(): void {
    this.sockets.bind('connector');
    this.sockets.send('connector', this.settings.datagramBytes);
  }

  sendNextAt(timeNs: number): void {
    this.nextNs = timeNs;
    this.sleeper.until(timeNs);
  }

  speak(): void {
    // It speaks all the time.
  }

  private push(): void {
    this.sendNextAt(this.nextNs + this.settings.periodNs);
    this.sockets.send('acceptor', this.settings.datagramBytes);
  }
}
