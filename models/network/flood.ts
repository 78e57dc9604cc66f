import type { Simulation } from '../../sim/simulation.ts';
import type { Frame, FrameSink } from './frame.ts';

/** Those whom a frame reaches at one time, in the order in which it was sent to them. */
interface Arrival {
  readonly frame: Frame;
  readonly timeNs: number;
  readonly receivers: FrameSink[];
}

/** One frame on its way over many links: those that it leaves at the same time share one event. */
export class Flood {
  readonly frame: Frame;
  private readonly simulation: Simulation;
  private readonly arrivals = new Map<number, Arrival>();
  /** Most links are idle: the frame leaves them all together. */
  private last: Arrival | null = null;

  constructor(simulation: Simulation, frame: Frame) {
    this.simulation = simulation;
    this.frame = frame;
  }

  arriveAt(timeNs: number, receiver: FrameSink): void {
    const arrival = this.last?.timeNs === timeNs ? this.last : this.arrivals.get(timeNs);
    if (arrival === undefined) this.last = this.arrivalAt(timeNs, receiver);
    else {
      arrival.receivers.push(receiver);
      this.last = arrival;
    }
  }

  private arrivalAt(timeNs: number, receiver: FrameSink): Arrival {
    const arrival = { frame: this.frame, timeNs, receivers: [receiver] };
    this.arrivals.set(timeNs, arrival);
    this.simulation.scheduleAt(timeNs, arrive, arrival);
    return arrival;
  }
}

function arrive({ frame, receivers }: Arrival): void {
  for (const receiver of receivers) receiver.send(frame);
}
