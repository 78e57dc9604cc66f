import { ms } from '../../../sim/time.ts';
import type { FlowEndName, FlowPlace, MeasuredFlow } from './measured-flow.ts';
import { Sleeper } from './sleeper.ts';
import { TcpConnection } from './tcp-connection.ts';

export interface BlockSettings {
  readonly source: FlowEndName;
  readonly blockBytes: number;
  readonly periodNs: number;
  /** So much may wait for its acknowledgement; the writer of more is blocked, and what is left of its block missed. */
  readonly bufferBytes: number;
}

/** 32 KiB every 32 ms (meta.bulk_rate). The send buffer holds one burst (results/reference/tcp-blackout.json.gz). */
export const measuredBlocks = { blockBytes: 32_768, periodNs: 32 * ms, bufferBytes: 32_768 } as const;

/** A bulk transfer: one end writes a block every period, skipping those it is too late for; the other reads. */
export class BlockFlow implements MeasuredFlow {
  readonly place: FlowPlace;
  readonly needed: readonly FlowEndName[];
  private readonly settings: BlockSettings;
  private readonly connection: TcpConnection;
  private readonly sleeper: Sleeper;
  private nextNs = 0;

  constructor(place: FlowPlace, settings: BlockSettings) {
    this.place = place;
    this.settings = settings;
    this.needed = [settings.source === 'connector' ? 'acceptor' : 'connector'];
    this.connection = new TcpConnection(place, {
      established: (end) => {
        if (end === settings.source) this.sendNextAt(place[end].clock.nowNs);
      },
      delivered: ignore,
    });
    this.sleeper = new Sleeper(place[settings.source].clock, () => {
      this.write();
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
    this.nextNs = timeNs;
    this.sleeper.until(timeNs);
  }

  speak(): void {
    // It speaks all the time.
  }

  private write(): void {
    const { source, blockBytes, periodNs, bufferBytes } = this.settings;
    const endpoint = this.connection.endpoint(source);
    if (endpoint === null) return;
    const roomBytes = bufferBytes - endpoint.owedBytes;
    if (roomBytes > 0) endpoint.send(Math.min(blockBytes, roomBytes));
    const lateNs = this.place[source].clock.nowNs - this.nextNs;
    this.sendNextAt(this.nextNs + (Math.floor(lateNs / periodNs) + 1) * periodNs);
  }
}

function ignore(): void {
  // The reader does nothing with what it reads.
}
