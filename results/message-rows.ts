import { assert } from '../sim/assert.ts';
import type { MessageDelivered } from '../models/observations.ts';
import { Column } from './column.ts';

export type Direction = 'peer' | 'vm';

/** One delivered message, as a measure reads it. Times in ns. */
export interface MessageRow {
  readonly index: number;
  readonly to: Direction;
  readonly bytes: number;
  readonly offeredNs: number;
  readonly timeNs: number;
}

/**
 * All messages of a run in columns, about 33 bytes each: tens of millions fit. Rows keep the order of delivery;
 * `ofFlow` gives those of one flow and direction, of TCP that is their order of index too.
 */
export class MessageRows {
  private readonly flow = new Column('int32');
  private readonly index = new Column('int32');
  private readonly to = new Column('uint8');
  private readonly bytes = new Column('float64');
  private readonly offeredNs = new Column('float64');
  private readonly timeNs = new Column('float64');
  private rowsByKey: Map<number, number[]> | null = null;

  get length(): number {
    return this.flow.length;
  }

  push(message: MessageDelivered): void {
    assert(message.timeNs >= message.offeredNs, 'a message arrives after it was offered');
    this.rowsByKey = null;
    this.flow.push(message.flow);
    this.index.push(message.index);
    this.to.push(message.to === 'vm' ? 1 : 0);
    this.bytes.push(message.bytes);
    this.offeredNs.push(message.offeredNs);
    this.timeNs.push(message.timeNs);
  }

  /** Messages of a flow in one direction, in the order of delivery. */
  ofFlow(flow: number, to: Direction): MessageRow[] {
    return this.rowsOf(flow, to).map((row) => this.row(row));
  }

  /** Messages of a flow in both directions, in the order of delivery. */
  ofFlowBothWays(flow: number): MessageRow[] {
    const rows = [...this.rowsOf(flow, 'vm'), ...this.rowsOf(flow, 'peer')];
    return rows.sort((a, b) => a - b).map((row) => this.row(row));
  }

  /** From offer to delivery, ns, of every message that was offered within [fromNs, toNs). */
  latenciesNs(fromNs: number, toNs: number): number[] {
    const latencies: number[] = [];
    for (let row = 0; row < this.length; row++) {
      const offeredNs = this.offeredNs.at(row);
      if (offeredNs >= fromNs && offeredNs < toNs) latencies.push(this.timeNs.at(row) - offeredNs);
    }
    return latencies;
  }

  /** Shows every message with its flow, in the order of delivery. */
  visit(see: (flow: number, message: MessageRow) => void): void {
    for (let row = 0; row < this.length; row++) see(this.flow.at(row), this.row(row));
  }

  /** How many messages of a flow were delivered, both ways together. */
  countOfFlow(flow: number): number {
    return this.rowsOf(flow, 'vm').length + this.rowsOf(flow, 'peer').length;
  }

  private rowsOf(flow: number, to: Direction): readonly number[] {
    this.rowsByKey ??= this.group();
    return this.rowsByKey.get(key(flow, to)) ?? [];
  }

  private row(row: number): MessageRow {
    return {
      index: this.index.at(row),
      to: this.to.at(row) === 1 ? 'vm' : 'peer',
      bytes: this.bytes.at(row),
      offeredNs: this.offeredNs.at(row),
      timeNs: this.timeNs.at(row),
    };
  }

  private group(): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    for (let row = 0; row < this.length; row++) {
      const group = this.flow.at(row) * 2 + this.to.at(row);
      const rows = groups.get(group);
      if (rows === undefined) groups.set(group, [row]);
      else rows.push(row);
    }
    return groups;
  }
}

function key(flow: number, to: Direction): number {
  return flow * 2 + (to === 'vm' ? 1 : 0);
}
