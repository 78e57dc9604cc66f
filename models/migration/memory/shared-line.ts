import { assert } from '../../../sim/assert.ts';
import { noEvent } from '../../../sim/event-queue.ts';
import { Signal } from '../../../sim/signal.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import { s } from '../../../sim/time.ts';
import type { Stream } from '../../network/stream.ts';

/** A line whose streams get equal shares while they send: where nothing but migrations runs. */
export class SharedLine {
  private readonly simulation: Simulation;
  private readonly rateBps: number;
  private readonly delayNs: number;
  private readonly sending: Transfer[] = [];
  private advancedNs = 0;
  private event = noEvent;

  constructor(simulation: Simulation, line: { readonly rateBps: number; readonly delayNs: number }) {
    assert(line.rateBps > 0, 'a line has a rate');
    this.simulation = simulation;
    this.rateBps = line.rateBps;
    this.delayNs = line.delayNs;
  }

  /** A stream over this line; its caps are not looked at. */
  stream(): Stream {
    return {
      send: (bytes) => {
        const transfer = { bits: bytes * 8, arrived: new Signal<void>() };
        this.advance();
        this.sending.push(transfer);
        this.scheduleNext();
        return transfer.arrived;
      },
    };
  }

  private advance(): void {
    const { nowNs } = this.simulation;
    const bits = ((nowNs - this.advancedNs) * this.rateBps) / s / Math.max(1, this.sending.length);
    for (const transfer of this.sending) transfer.bits -= bits;
    this.advancedNs = nowNs;
  }

  private scheduleNext(): void {
    this.simulation.cancel(this.event);
    if (this.sending.length === 0) return;
    let least = Infinity;
    for (const { bits } of this.sending) least = Math.min(least, bits);
    const delayNs = Math.ceil((Math.max(0, least) * this.sending.length * s) / this.rateBps);
    this.event = this.simulation.schedule(delayNs, endOf, this);
  }

  /** Called when the next transfer has left the line. */
  leave(): void {
    this.advance();
    for (let i = this.sending.length - 1; i >= 0; i--) {
      const transfer = this.sending[i]!;
      // A remainder below what the line moves in a nanosecond has left.
      if (transfer.bits * s > this.rateBps) continue;
      this.sending.splice(i, 1);
      this.simulation.schedule(this.delayNs, arrive, transfer);
    }
    this.scheduleNext();
  }
}

interface Transfer {
  bits: number;
  readonly arrived: Signal<void>;
}

function endOf(line: SharedLine): void {
  line.leave();
}

function arrive({ arrived }: Transfer): void {
  arrived.fire();
}
