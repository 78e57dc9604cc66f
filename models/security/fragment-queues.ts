import { formatAddress } from '../network/address.ts';
import { changedPacket, packetBytes, type Packet } from '../network/packet.ts';

/** Fragments of one datagram, in the order of their offsets. */
interface Queue {
  readonly startedNs: number;
  readonly fragments: Packet[];
}

/**
 * Keeps fragments until their datagram is whole: connection tracking judges datagrams. One that overlaps spoils
 * the whole datagram (RFC 5722); one that comes twice does not.
 */
export class FragmentQueues {
  private readonly queues = new Map<string, Queue>();

  /** Datagrams that are still incomplete, stale ones included. */
  get count(): number {
    return this.queues.size;
  }

  /** The whole datagram, once its last fragment is there; null while it is not. `asking` leaves no trace. */
  add(fragment: Packet, nowNs: number, lifetimeNs: number, asking: boolean): Packet | null {
    const key = queueKey(fragment);
    const present = this.queues.get(key);
    const live = present !== undefined && nowNs - present.startedNs < lifetimeNs;
    const known = live ? present.fragments : [];
    const startedNs = live ? present.startedNs : nowNs;
    if (known.some((other) => sameSpan(other, fragment))) return null;
    if (known.some((other) => overlap(other, fragment))) {
      if (!asking) this.queues.delete(key);
      return null;
    }
    const fragments = [...known, fragment].sort((a, b) => a.fragmentOffsetBytes - b.fragmentOffsetBytes);
    const whole = assemble(fragments);
    if (asking) return whole;
    this.queues.delete(key);
    if (whole === null) this.keep(key, { startedNs, fragments });
    return whole;
  }

  private keep(key: string, queue: Queue): void {
    this.queues.set(key, queue);
    if (this.queues.size <= queuesMax) return;
    for (const oldest of this.queues.keys()) {
      this.queues.delete(oldest);
      return;
    }
  }
}

/** The kernel bounds the memory of fragments, 4 MiB; of full-sized ones that is about as many datagrams. */
const queuesMax = 2048;

function queueKey(packet: Packet): string {
  const protocol = packet.source.family === 4 ? packet.protocol : 0;
  const ends = `${formatAddress(packet.source)} ${formatAddress(packet.destination)}`;
  return `${ends} ${protocol} ${packet.fragmentId}`;
}

/** Offset one past the end; the first fragment also carries the transport header. */
function end(fragment: Packet): number {
  if (fragment.fragmentOffsetBytes > 0) return fragment.fragmentOffsetBytes + fragment.payloadBytes;
  return packetBytes(fragment) - (fragment.source.family === 4 ? 20 : 40);
}

function sameSpan(a: Packet, b: Packet): boolean {
  return a.fragmentOffsetBytes === b.fragmentOffsetBytes && end(a) === end(b);
}

function overlap(a: Packet, b: Packet): boolean {
  return a.fragmentOffsetBytes < end(b) && b.fragmentOffsetBytes < end(a);
}

function assemble(fragments: readonly Packet[]): Packet | null {
  let reached = 0;
  let payloadBytes = 0;
  for (const fragment of fragments) {
    if (fragment.fragmentOffsetBytes !== reached) return null;
    reached = end(fragment);
    payloadBytes += fragment.payloadBytes;
  }
  const last = fragments[fragments.length - 1]!;
  if (last.moreFragments) return null;
  return changedPacket(fragments[0]!, { payloadBytes, fragmentOffsetBytes: -1, moreFragments: false });
}
