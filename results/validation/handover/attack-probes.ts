import type { Address } from '../../../models/network/address.ts';
import {
  changedPacket,
  makePacket,
  Protocol,
  TcpFlag,
  type AttackKind,
  type Packet,
} from '../../../models/network/packet.ts';
import type { Stream as Draws } from '../../../sim/random.ts';
import { assert } from '../../../sim/assert.ts';

/** One tuple as the client's side sees it. */
export interface VictimTuple {
  readonly clientPort: number;
  readonly vmPort: number;
}

/** What an attacker on the client's segment knows. */
export interface AttackGround {
  readonly client: Address;
  readonly vm: Address;
  /** A host of the client's segment that has no flow. */
  readonly stranger: Address;
  readonly openPort: number;
  /** Tuples of flows by name; `closed` is the connection that ended before the cut. */
  readonly tuples: ReadonlyMap<string, VictimTuple>;
}

/** One packet to be sent, of the probe with that name. */
export interface ProbeShot {
  readonly name: string;
  readonly packet: Packet;
}

/** A probe and how many of its packets are sent in each phase. */
export interface OrderedProbe {
  readonly name: string;
  readonly shots: number;
}

/** Probes of `meta.probe_order` that are known; what each sends is in its `packet`. */
export function isKnownProbe(name: string): boolean {
  return Object.hasOwn(probes, name);
}

/** The flow whose tuple a probe would bear and which is not among these; null where the probe can be sent. */
export function missingVictim(
  name: string,
  { flows }: { readonly flows: readonly { readonly flow: string }[] },
): string | null {
  const victim = victims.get(name) ?? null;
  return victim === null || flows.some(({ flow }) => flow === victim) ? null : victim;
}

/**
 * The packets of one phase in their order: those of several shots that follow each other are interleaved one by
 * one (meta.probe_order_note). `flow` numbers the probe from `firstFlow`, `fragmentId` the phase.
 */
export function probeShots(
  order: readonly OrderedProbe[],
  ground: AttackGround,
  phase: number,
  firstFlow: number,
  draws: Draws,
): ProbeShot[] {
  const shots: ProbeShot[] = [];
  for (let first = 0; first < order.length;) {
    const { shots: rounds } = order[first]!;
    let end = first + 1;
    while (rounds > 1 && end < order.length && order[end]!.shots === rounds) end++;
    for (let round = 0; round < rounds; round++) {
      for (let index = first; index < end; index++) {
        const { name } = order[index]!;
        const draw = (which: number): number =>
          Math.floor(draws.uniform2(phase * 1_000 + index, round * 2 + which) * 2 ** 32);
        const packet = probePacket(name, ground, draw);
        shots.push({ name, packet: changedPacket(packet, { flow: firstFlow + index, fragmentId: phase }) });
      }
    }
    first = end;
  }
  return shots;
}

/** `victim`: name of the tuple that is borne, where one is. */
type Probe = (ground: AttackGround, victim: string) => Partial<Packet>;

const { syn, ack, rst, psh } = TcpFlag;

/** Whose tuple a probe bears; the others bear a stranger's, or that of the connection that ended. */
const victims: ReadonlyMap<string, string> = new Map([
  ['rst-spoofed-in-victim', 'in-rr-victim'],
  ['rst-spoofed-out-victim', 'out-rr-victim'],
  ['data-spoofed-in-idle-victim', 'in-idle-victim'],
  ['udp-spoof-out-flow', 'out-udp-rr'],
]);

/** meta.probe_order; sequence numbers are random. */
const probes: Readonly<Record<string, { readonly intent: AttackKind; readonly packet: Probe }>> = {
  'syn-closed-port': {
    intent: 'syn-closed-port',
    packet: (ground) => stranger(ground, { destinationPort: 22, tcpFlags: syn }),
  },
  'ack-closed-port': {
    intent: 'ack-closed-port',
    packet: (ground) => stranger(ground, { destinationPort: 22, tcpFlags: ack }),
  },
  'ack-open-port-no-flow': {
    intent: 'ack-open-port',
    packet: (ground) =>
      stranger(ground, { destinationPort: ground.openPort, tcpFlags: ack, sourcePort: 40_001 }),
  },
  'data-open-port-no-flow': {
    intent: 'data-open-port',
    packet: (ground) =>
      stranger(ground, {
        ...{ destinationPort: ground.openPort, sourcePort: 40_002 },
        ...{ tcpFlags: ack | psh, payloadBytes: 4 },
      }),
  },
  'synack-unsolicited': {
    intent: 'syn-ack-unsolicited',
    packet: (ground) => stranger(ground, { sourcePort: 80, destinationPort: 40_000, tcpFlags: syn | ack }),
  },
  'rst-no-flow': {
    intent: 'rst-without-flow',
    packet: (ground) =>
      stranger(ground, {
        ...{ destinationPort: ground.openPort, sourcePort: 40_003 },
        ...{ tcpFlags: rst, acknowledgement: 0 },
      }),
  },
  'rst-spoofed-in-victim': {
    intent: 'rst-live-flow',
    packet: (ground, victim) => spoofed(ground, victim, { tcpFlags: rst, acknowledgement: 0 }),
  },
  'rst-spoofed-out-victim': {
    intent: 'rst-live-flow',
    packet: (ground, victim) => spoofed(ground, victim, { tcpFlags: rst, acknowledgement: 0 }),
  },
  'data-spoofed-in-idle-victim': {
    intent: 'data-idle-flow',
    packet: (ground, victim) => spoofed(ground, victim, { tcpFlags: ack | psh, payloadBytes: 4 }),
  },
  'ack-on-closed-flow-tuple': {
    intent: 'closed-flow-tuple',
    packet: (ground, victim) => spoofed(ground, victim, { tcpFlags: ack }),
  },
  'udp-closed-port': {
    intent: 'udp-closed-port',
    packet: (ground) =>
      stranger(ground, { protocol: Protocol.udp, destinationPort: 9_999, payloadBytes: 4, ...noTcp }),
  },
  'udp-spoof-out-flow': {
    intent: 'spoofed-source',
    packet: (ground, victim) =>
      spoofed(ground, victim, { protocol: Protocol.udp, payloadBytes: 4, ...noTcp }),
  },
};

const noTcp = { sequence: 0, acknowledgement: 0, window: 0 };

function probePacket(name: string, ground: AttackGround, draw: (which: number) => number): Packet {
  const probe = probes[name];
  assert(probe !== undefined, 'only known probes are sent');
  return makePacket({
    destination: ground.vm,
    sequence: draw(0),
    acknowledgement: draw(1),
    window: 1_024,
    intent: probe.intent,
    ...probe.packet(ground, victims.get(name) ?? 'closed'),
  });
}

function stranger(ground: AttackGround, fields: Partial<Packet>): Partial<Packet> {
  return { source: ground.stranger, sourcePort: 40_000, ...fields };
}

function spoofed(ground: AttackGround, flow: string, fields: Partial<Packet>): Partial<Packet> {
  const tuple = ground.tuples.get(flow);
  assert(tuple !== undefined, 'a spoofed probe has a victim');
  return { source: ground.client, sourcePort: tuple.clientPort, destinationPort: tuple.vmPort, ...fields };
}
