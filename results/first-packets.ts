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
  readonly #found: FirstPacket[] = [];
  readonly #awaited = new Map<string, { readonly migration: string; readonly vm: string }>();
  readonly #vmOfFlow = new Map<number, string>();
  /** How many of the connections are in `#vmOfFlow`. */
  #known = 0;

  phase({ phase, migration, vm }: PhaseReached): void {
    const keys = (['vm', 'peer'] as const).map((to) => `${to} ${vm}`);
    // A VM that moves on before anything arrived has no first packet of the move before.
    if (phase === 'stop') for (const key of keys) this.#awaited.delete(key);
    if (phase === 'activate') for (const key of keys) this.#awaited.set(key, { migration, vm });
  }

  /** `opened` holds the connections so far. Asked of every packet: between resume and first packet alone it does anything. */
  see({ timeNs, place, to, packet }: PacketDelivered, opened: readonly ConnectionOpened[]): void {
    if (this.#awaited.size === 0) return;
    const vm = to === 'vm' ? place : this.#vm(packet.flow, opened);
    const key = `${to} ${vm}`;
    const awaited = this.#awaited.get(key);
    if (awaited === undefined) return;
    this.#awaited.delete(key);
    this.#found.push({ timeNs, ...awaited, to, flow: packet.flow });
  }

  /** In the order of time. */
  list(): readonly FirstPacket[] {
    return this.#found;
  }

  #vm(flow: number, opened: readonly ConnectionOpened[]): string {
    for (; this.#known < opened.length; this.#known++) {
      const connection = opened[this.#known]!;
      this.#vmOfFlow.set(connection.flow, connection.vm);
    }
    return this.#vmOfFlow.get(flow) ?? '';
  }
}
