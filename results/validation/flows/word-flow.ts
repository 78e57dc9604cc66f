import type { FlowEndName, FlowPlace, MeasuredFlow } from './measured-flow.ts';
import { TcpConnection } from './tcp-connection.ts';

/** A TCP connection that is silent until it is told to speak: one end says one byte, the other answers one. */
export class WordFlow implements MeasuredFlow {
  readonly place: FlowPlace;
  readonly needed: readonly FlowEndName[] = ['connector', 'acceptor'];
  private readonly first: FlowEndName;
  private readonly connection: TcpConnection;
  private spoken = false;

  constructor(place: FlowPlace, first: FlowEndName) {
    this.place = place;
    this.first = first;
    this.connection = new TcpConnection(place, {
      established: ignore,
      delivered: (end) => {
        if (this.spoken && end !== first) this.connection.send(end, 1);
      },
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

  sendNextAt(): void {
    // It sends once, when it is told to.
  }

  speak(): void {
    this.spoken = true;
    this.connection.send(this.first, 1);
  }
}

function ignore(): void {
  // Nothing is said at first.
}
