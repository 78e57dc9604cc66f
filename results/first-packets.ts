import type { ConnectionOpened, PacketDelivered, PhaseReached } from '../models/observations.ts';

/** The first packet that arrived after a VM ran again: at the VM, or from one of its connections at a peer. */
export interface FirstPacket {
  readonly timeNs: number;
  readonly migration: string;
  readonly vm: string;
  readonly to: 'vm' | 'peer';
  readonly flow: number;
}

/** Finds, for each migration, the first packet in each direction after the resume. */
export class FirstPackets {
  private readonly found: FirstPacket[] = [];
  /** The migrations after which the first packet to a VM, and that from it, is still to come, by VM. */
  private readonly awaited = { vm: new Map<string, string>(), peer: new Map<string, string>() };
  private readonly vmOfFlow = new Map<number, string>();
  /** How many of the connections are in `#vmOfFlow`. */
  private known = 0;

  phase({ phase, migration, vm }: PhaseReached): void {
    for (const awaited of [this.awaited.vm, this.awaited.peer]) {
      // A VM that moves on before anything arrived has no first packet of the move before.
      if (phase === 'stop') awaited.delete(vm);
      if (phase === 'activate') awaited.set(vm, migration);
    }
  }

  /** `opened` holds the connections so far. Asked of every packet: between resume and first packet alone it does anything. */
  see({ timeNs, place, to, packet }: PacketDelivered, opened: readonly ConnectionOpened[]): void {
    const awaited = to === 'vm' ? this.awaited.vm : this.awaited.peer;
    if (awaited.size === 0) return;
    const vm = to === 'vm' ? place : this.vm(packet.flow, opened);
    const migration = awaited.get(vm);
    if (migration === undefined) return;
    awaited.delete(vm);
    this.found.push({ timeNs, migration, vm, to, flow: packet.flow });
  }

  /** In the order of time. */
  list(): readonly FirstPacket[] {
    return this.found;
  }

  private vm(flow: number, opened: readonly ConnectionOpened[]): string {
    for (; this.known < opened.length; this.known++) {
      const connection = opened[this.known]!;
      this.vmOfFlow.set(connection.flow, connection.vm);
    }
    return this.vmOfFlow.get(flow) ?? '';
  }
}
