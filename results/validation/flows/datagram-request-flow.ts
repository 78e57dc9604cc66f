import { ms } from '../../../sim/time.ts';
import { DatagramPair } from './datagram-pair.ts';
import type { FlowEndName, FlowPlace, MeasuredFlow } from './measured-flow.ts';
import { Receptions } from './receptions.ts';
import { measuredRequests, type RequestSettings } from './request-flow.ts';
import { Sleeper } from './sleeper.ts';

export interface DatagramRequestSettings extends RequestSettings {
  /** From a request to giving its answer up. */
  readonly patienceNs: number;
  /** From there to the next request. */
  readonly pauseAfterLossNs: number;
}

/**
 * meta.flow_kinds, `rr`, and meta.udp_rr_timeout_ms. Lost requests are 350 ms apart in the recording, so that two
 * pauses follow a loss.
 */
export const measuredDatagramRequests: DatagramRequestSettings = {
  ...measuredRequests,
  patienceNs: 250 * ms,
  pauseAfterLossNs: 100 * ms,
};

/**
 * Request and response over UDP: a lost one is given up after a while, and the next is asked. A datagram that comes
 * while the connector does not wait is kept by its socket and taken for the next answer, so that one forged
 * datagram shifts all answers by one.
 */
export class DatagramRequestFlow implements MeasuredFlow {
  readonly needed: readonly FlowEndName[] = ['connector', 'acceptor'];
  readonly received = { connector: new Receptions(), acceptor: new Receptions() };
  private readonly settings: DatagramRequestSettings;
  private readonly sockets: DatagramPair;
  private readonly sleeper: Sleeper;
  private waiting = false;
  /** When the next request was told to leave. */
  private toldNs = 0;
  /** Payloads in the connector's socket. */
  private readonly kept: number[] = [];

  constructor(place: FlowPlace, settings: DatagramRequestSettings) {
    this.settings = settings;
    this.sockets = new DatagramPair(place, (end, bytes) => {
      if (end === 'acceptor') this.answer(bytes);
      else {
        this.kept.push(bytes);
        if (this.waiting) this.read();
      }
    });
    this.sleeper = new Sleeper(place.connector.clock, () => {
      if (this.waiting) this.pause(settings.pauseAfterLossNs);
      else this.ask();
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
    this.ask();
  }

  sendNextAt(timeNs: number): void {
    this.toldNs = timeNs;
    if (!this.waiting) this.sleeper.until(timeNs);
  }

  speak(): void {
    // It speaks all the time.
  }

  private ask(): void {
    this.waiting = true;
    this.sleeper.until(this.nowNs + this.settings.patienceNs);
    this.sockets.send('connector', this.settings.requestBytes);
    if (this.kept.length > 0) this.read();
  }

  private read(): void {
    this.received.connector.add(this.place.connector.world.nowNs, this.kept.shift() ?? 0);
    this.pause(this.settings.pauseNs);
  }

  private answer(requestBytes: number): void {
    this.received.acceptor.add(this.place.acceptor.world.nowNs, requestBytes);
    this.sockets.send('acceptor', this.settings.answerBytes);
  }

  private pause(pauseNs: number): void {
    this.waiting = false;
    const nowNs = this.nowNs;
    this.sleeper.until(this.toldNs > nowNs ? this.toldNs : nowNs + pauseNs);
  }

  private get nowNs(): number {
    return this.place.connector.clock.nowNs;
  }
}
