import { describe, expect, it } from 'vitest';
import { s } from '../../sim/time.ts';
import { ipv4 } from '../network/address.ts';
import { makePacket, Protocol, TcpFlag } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { compareContext } from './context-comparison.ts';
import type { ConnectionSnapshot } from './connection-snapshot.ts';
import type { LoadMode } from './security-engine.ts';
import { linuxDefaults } from './tracking-settings.ts';

/** A tracker that has seen `count` handshakes at time 0. */
function trackerWith(count: number): ConnectionTracker {
  const tracker = new ConnectionTracker(linuxDefaults);
  const ends = { source: ipv4(1), destination: ipv4(2), protocol: Protocol.tcp, destinationPort: 80 };
  const back = { source: ipv4(2), destination: ipv4(1), protocol: Protocol.tcp, sourcePort: 80 };
  const options = { window: 1000, windowScale: 7 };
  const { syn, ack } = TcpFlag;
  for (let port = 1; port <= count; port++) {
    const packets = [
      makePacket({ ...ends, ...options, sourcePort: port, tcpFlags: syn }),
      makePacket({ ...back, ...options, destinationPort: port, tcpFlags: syn | ack, acknowledgement: 1 }),
      makePacket({ ...ends, sourcePort: port, tcpFlags: ack, sequence: 1, acknowledgement: 1, window: 10 }),
    ];
    for (const packet of packets) {
      tracker.track(packet, 0, 0, false);
      tracker.confirm();
    }
  }
  return tracker;
}

/** The entries after a load in this mode into an empty tracker, `elapsedNs` later. */
function moved(
  entries: readonly ConnectionSnapshot[],
  mode: LoadMode,
  elapsedNs: number,
): ConnectionSnapshot[] {
  const destination = new ConnectionTracker(linuxDefaults);
  destination.entries.load(entries, mode, elapsedNs);
  return destination.entries.dump({ kind: 'all' }, elapsedNs);
}

const nothing = { missing: 0, downgraded: 0, stale: 0, resurrected: 0 };

/** How many items of each kind of loss. */
function compareCounts(...moves: Parameters<typeof compareContext>): typeof nothing {
  const { missing, downgraded, stale, resurrected } = compareContext(...moves);
  return {
    missing: missing.length,
    downgraded: downgraded.length,
    stale: stale.length,
    resurrected: resurrected.length,
  };
}

describe('a comparison of context', () => {
  const frozen = trackerWith(3).entries.dump({ kind: 'all' }, 0);

  it('finds no difference after a copy of everything', () => {
    expect(compareCounts(frozen, moved(frozen, 'full', 0), 0)).toEqual(nothing);
  });

  it('counts what did not arrive', () => {
    expect(compareCounts(frozen, moved(frozen.slice(1), 'full', 0), 0)).toEqual({ ...nothing, missing: 1 });
  });

  it('counts entries whose windows or strictness a way of copying loses', () => {
    for (const mode of ['naive', 'flags', 'liberal', 'save'] as const) {
      expect(compareCounts(frozen, moved(frozen, mode, 0), 0)).toEqual({ ...nothing, downgraded: 3 });
    }
  });

  it('counts a lifetime that is more than a second off', () => {
    // Copied at 0 with the whole lifetime left, but looked at as if 2 s had passed since the freeze.
    expect(compareCounts(frozen, moved(frozen, 'full', 0), 2 * s)).toEqual({ ...nothing, stale: 3 });
  });

  it('counts what is at the destination and was gone from the source', () => {
    expect(compareCounts(frozen.slice(2), frozen, 0)).toEqual({ ...nothing, resurrected: 2 });
  });

  it('does not miss entries that expired on the way', () => {
    // An established entry lives five days.
    expect(compareCounts(frozen, [], 432_001 * s)).toEqual(nothing);
  });
});
