import { ms } from '../../../sim/time.ts';
import { DatagramPair } from './datagram-pair.ts';
import type { FlowEndName, FlowPlace, MeasuredFlow } from './measured-flow.ts';
import { measuredRequests, type RequestSettings } from './request-flow.ts';
import { Sleeper } from './sleeper.ts';

export interface DatagramRequestSettings extends RequestSettings {
  /** From a request to giving its answer up; the pause follows either. */
  readonly patienceNs: number;
}

/** meta.flow_kinds, `rr`, and meta.udp_rr_timeout_ms. */
export const measuredDatagramRequests: DatagramRequestSettings = {
  ...measuredRequests,
  patienceNs: 250 * ms,
};

/** Request and response over UDP: a lost one is given up after a while, and the next is asked. */
export class DatagramRequestFlow implements MeasuredFlow {
  readonly needed: readonly FlowEndName[] = ['connector', 'acceptor'];
  readonly #settings: DatagramRequestSettings;
  readonly #sockets: DatagramPair;
  readonly #sleeper: Sleeper;
  #waiting = false;

  constructor(place: FlowPlace, settings: DatagramRequestSettings) {
    this.#settings = settings;
    this.#sockets = new DatagramPair(place, (end) => {
      if (end === 'acceptor') this.#sockets.send('acceptor', settings.answerBytes);
      else if (this.#waiting) this.#pause();
    });
    this.#sleeper = new Sleeper(place.connector.clock, () => {
      if (this.#waiting) this.#pause();
      else this.#ask();
    });
  }

  get place(): FlowPlace {
    return this.#sockets.place;
  }

  get received(): MeasuredFlow['received'] {
    return this.#sockets.received;
  }

  listen(): void {
    this.#sockets.bind('acceptor');
  }

  open(): void {
    this.#sockets.bind('connector');
    this.#ask();
  }

  sendNextAt(timeNs: number): void {
    this.#waiting = false;
    this.#sleeper.until(timeNs);
  }

  speak(): void {
    // It speaks all the time.
  }

  #ask(): void {
    this.#waiting = true;
    this.#sleeper.until(this.#nowNs + this.#settings.patienceNs);
    this.#sockets.send('connector', this.#settings.requestBytes);
  }

  #pause(): void {
    this.#waiting = false;
    this.#sleeper.until(this.#nowNs + this.#settings.pauseNs);
  }

  get #nowNs(): number {
    return this.place.connector.clock.nowNs;
  }
}
