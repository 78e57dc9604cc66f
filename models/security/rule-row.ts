import { packetBytes, type Packet } from '../network/packet.ts';
import { NfProto, Slot, StateBit, slotCount } from './rule-field.ts';
import type { RuleContext, TrackedState } from './rule-context.ts';

/**
 * A packet and its circumstances as rules compare them: one unsigned 32-bit number per {@link Slot}, then one
 * per masked slot.
 */
export type Row = Uint32Array;

/**
 * Turns contexts into rows. Names become numbers at their first sight, so that comparing two names is
 * comparing two numbers; `field & mask` gets a slot of its own, so that every comparison asks whether one
 * slot lies in one interval.
 */
export class RowFiller {
  private slots: Row = new Uint32Array(slotCount);
  private readonly masked: { readonly slot: number; readonly mask: number }[] = [];
  private readonly numbers = new Map<string, number>([['', 0]]);
  private readonly names: string[] = [''];
  /** Groups of slots that some rule looks at: only those are filled. */
  private readonly uses = { addresses: false, headers: false, circumstances: false, length: false };
  private inInterface = '';
  private outInterface = '';

  /** The row as last filled. A masked slot that is asked for makes a new one: compile first, fill later. */
  get row(): Row {
    return this.slots;
  }

  /** The slot to compare: `slot` itself, or the one that holds `row[slot] & mask`. */
  slotFor(slot: number, mask: number | null): number {
    this.use(slot);
    if (mask === null) return slot;
    const known = this.masked.findIndex((entry) => entry.slot === slot && entry.mask === mask);
    if (known >= 0) return slotCount + known;
    this.masked.push({ slot, mask });
    this.slots = new Uint32Array(slotCount + this.masked.length);
    this.inInterface = '';
    this.outInterface = '';
    return slotCount + this.masked.length - 1;
  }

  /** Notes that a rule looks at a slot. */
  use(slot: number): void {
    const uses = this.uses;
    if (slot >= Slot.source && slot < Slot.sourcePort) uses.addresses = true;
    else if (slot >= Slot.tcpFlags && slot <= Slot.icmpCode) uses.headers = true;
    else if (slot === Slot.length) uses.length = true;
    else if (slot >= Slot.inInterface && slot !== Slot.connectionState) uses.circumstances = true;
  }

  /** Changes one slot and those that are masked from it. */
  set(slot: number, value: number): void {
    this.slots[slot] = value;
    this.fillMasked();
  }

  /** The number that stands for a name. */
  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const number = this.names.length;
    this.numbers.set(name, number);
    this.names.push(name);
    return number;
  }

  nameOf(number: number): string {
    return this.names[number]!;
  }

  fill(context: RuleContext): void {
    const row = this.slots;
    const { packet } = context;
    row[Slot.nfproto] = packet.source.family === 4 ? NfProto.ipv4 : NfProto.ipv6;
    row[Slot.protocol] = packet.protocol;
    row[Slot.sourcePort] = packet.sourcePort;
    row[Slot.destinationPort] = packet.destinationPort;
    row[Slot.connectionState] = stateBit(context.connectionState);
    if (this.uses.addresses) this.fillAddresses(packet);
    if (this.uses.headers) this.fillHeaders(packet);
    if (this.uses.circumstances) this.fillCircumstances(context);
    if (this.uses.length) row[Slot.length] = packetBytes(packet);
    if (this.masked.length > 0) this.fillMasked();
  }

  private fillMasked(): void {
    const row = this.slots;
    for (let i = 0; i < this.masked.length; i++) {
      const { slot, mask } = this.masked[i]!;
      row[slotCount + i] = row[slot]! & mask;
    }
  }

  private fillAddresses({ source, destination }: Packet): void {
    const row = this.slots;
    row[Slot.source] = source.w0;
    row[Slot.source + 1] = source.w1;
    row[Slot.source + 2] = source.w2;
    row[Slot.source + 3] = source.w3;
    row[Slot.destination] = destination.w0;
    row[Slot.destination + 1] = destination.w1;
    row[Slot.destination + 2] = destination.w2;
    row[Slot.destination + 3] = destination.w3;
  }

  private fillHeaders({ tcpFlags, icmpType, icmpCode }: Packet): void {
    const row = this.slots;
    row[Slot.tcpFlags] = tcpFlags;
    row[Slot.icmpType] = icmpType;
    row[Slot.icmpCode] = icmpCode;
  }

  private fillCircumstances(context: RuleContext): void {
    const row = this.slots;
    if (context.inInterface !== this.inInterface) {
      this.inInterface = context.inInterface;
      row[Slot.inInterface] = this.numberOf(context.inInterface);
    }
    if (context.outInterface !== this.outInterface) {
      this.outInterface = context.outInterface;
      row[Slot.outInterface] = this.numberOf(context.outInterface);
    }
    row[Slot.connectionStatus] = context.connectionStatus;
    row[Slot.connectionMark] = context.connectionMark;
    row[Slot.mark] = context.mark;
    row[Slot.zone] = context.zone;
    row[Slot.direction] = context.direction === 'original' ? 0 : 1;
    row[Slot.helper] = context.helper === '' ? 0 : this.numberOf(context.helper);
  }
}

/** StateBit by name; a switch, since it is asked of every packet. */
function stateBit(state: TrackedState): number {
  switch (state) {
    case 'established':
      return StateBit.established;
    case 'new':
      return StateBit.new;
    case 'related':
      return StateBit.related;
    case 'invalid':
      return StateBit.invalid;
    case 'untracked':
      return StateBit.untracked;
  }
}
