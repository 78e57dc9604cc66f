import { ms } from '../../../sim/time.ts';
import type { FlowEndName, FlowPlace, MeasuredFlow } from './measured-flow.ts';
import { Sleeper } from './sleeper.ts';
import { TcpConnection } from './tcp-connection.ts';

export interface RequestSettings {
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** From the whole answer to the next request. */
  readonly pauseNs: number;
}

/** meta.flow_kinds, `rr`. */
export const measuredRequests: RequestSettings = { requestBytes: 100, answerBytes: 1_000, pauseNs: 50 * ms };

/** Request and response over TCP: the connector asks, waits for the whole answer, pauses, and asks again. */
export class RequestFlow implements MeasuredFlow {
  readonly place: FlowPlace;
  readonly needed: readonly FlowEndName[] = ['connector', 'acceptor'];
  private readonly settings: RequestSettings;
  private readonly connection: TcpConnection;
  private readonly sleeper: Sleeper;
  private awaitedBytes = 0;
  /** When the next request was told to leave. */
  private toldNs = 0;

  constructor(place: FlowPlace, settings: RequestSettings) {
    this.place = place;
    this.settings = settings;
    this.connection = new TcpConnection(place, {
      established: (end) => {
        if (end === 'connector') this.ask();
      },
      delivered: (end, bytes) => {
        if (end === 'acceptor') this.connection.send('acceptor', settings.answerBytes);
        else this.take(bytes);
      },
    });
    this.sleeper = new Sleeper(place.connector.clock, () => {
      this.ask();
    });
  }

  get received(): MeasuredFlow['received'] {
    return this.connection.received;
  }

  listen(): void {
    this.connection.listen();
  }

  open(): void {
    this.connection.open();
  }

  sendNextAt(timeNs: number): void {
    this.toldNs = timeNs;
    this.sleeper.until(timeNs);
  }

  speak(): void {
    // It speaks all the time.
  }

  private ask(): void {
    if (this.awaitedBytes > 0 || this.connection.endpoint('connector') === null) return;
    this.awaitedBytes = this.settings.answerBytes;
    this.connection.send('connector', this.settings.requestBytes);
  }

  private take(bytes: number): void {
    this.awaitedBytes -= bytes;
    if (this.awaitedBytes > 0) return;
    const { nowNs } = this.place.connector.clock;
    this.sleeper.until(this.toldNs > nowNs ? this.toldNs : nowNs + this.settings.pauseNs);
  }
}
