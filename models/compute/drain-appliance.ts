import type { Packet } from '../network/packet.ts';
import { inOrder } from '../security/engine-chain.ts';
import type { Passage } from '../security/nse.ts';
import type { EngineKind, SecurityEngine, Subject } from '../security/security-engine.ts';

/**
 * The engines that a VM has left, kept as an appliance for the connections that they know (after US patent
 * 10,146,594): those go on through them, with a detour, until they end; new ones meet the engines where the VM is.
 */
export class DrainAppliance {
  readonly engines: readonly SecurityEngine[];
  /** There and back, for each packet. */
  readonly detourNs: number;

  constructor(engines: readonly SecurityEngine[], detourNs: number) {
    this.engines = engines;
    this.detourNs = detourNs;
  }

  /** Whether the packet belongs to a connection that the appliance has seen. */
  knows(vm: Subject, packet: Packet, passage: Passage, nowNs: number): boolean {
    let current = packet;
    for (const engine of inOrder(this.engines, passage)) {
      const { connectionState, packet: next } = engine.ask(vm, current, passage, nowNs);
      const known = connectionState === 'established' || connectionState === 'related';
      if (known && keepsConnections[engine.traits.kind]) return true;
      current = next;
    }
    return false;
  }

  /** Whether no connection is left. */
  isDrained(vm: Subject, nowNs: number): boolean {
    return this.engines.every(
      (engine) => !keepsConnections[engine.traits.kind] || engine.peek(vm, nowNs).length === 0,
    );
  }
}

/** Whose items are connections, and not what all connections of a VM or a peer share. */
const keepsConnections: Readonly<Record<EngineKind, boolean>> = {
  'stateful-firewall': true,
  nat: true,
  'intrusion-prevention': true,
  'syn-proxy': true,
  'source-guard': false,
  'rate-limiter': false,
  ipsec: false,
  custom: true,
};
