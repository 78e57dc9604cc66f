import { formatAddress } from '../network/address.ts';
import { packetBytes, type Packet } from '../network/packet.ts';
import { isInward, vmEnds } from './engine-chain.ts';
import { pass, type ItemBehaviour } from './item-engine.ts';
import type { Passage } from './nse.ts';

export interface RateLimiterSettings {
  readonly rateBps: number;
  /** What a full bucket holds. */
  readonly burstBytes: number;
  /** A bucket for all of the VM's packets, or one for each other end. */
  readonly per: 'vm' | 'peer';
  /** How much a bucket holds that nothing is known of. */
  readonly fresh: 'full' | 'empty';
}

/** What the bucket held after the last packet, and when that was. */
type Bucket = { readonly tokens: number; readonly atNs: number };

/**
 * A token bucket for what comes in: a packet takes its bytes out of the bucket, which fills at the rate, and is
 * dropped when there are too few (RFC 2697, 3, one rate). A bucket that a move has lost begins anew, which gives
 * a burst away, or holds back what is due. An engine that is only `told` of packets that another one let pass takes
 * what there is for those that it would not have let through, so that both come into step again.
 */
export function rateLimiter(settings: RateLimiterSettings, told: boolean): ItemBehaviour<Bucket> {
  const keyOf = (packet: Packet, passage: Passage): string =>
    settings.per === 'vm' ? '' : formatAddress(vmEnds(packet, passage).remote);
  return {
    kind: 'rate-limiter',
    losses: { accepted: 'fresh-bucket', dropped: 'fresh-bucket' },
    decide(table, vm, packet, passage, nowNs) {
      if (!isInward(passage)) return pass(packet, 'untracked');
      const key = keyOf(packet, passage);
      const bucket = table.find(vm.name, key, nowNs)?.fields ?? null;
      const state = bucket === null ? 'new' : 'established';
      const held = bucket?.tokens ?? (settings.fresh === 'full' ? settings.burstBytes : 0);
      const gained = ((nowNs - (bucket?.atNs ?? nowNs)) * settings.rateBps) / 8e9;
      const tokens = Math.min(settings.burstBytes, held + gained) - packetBytes(packet);
      if (tokens >= 0) {
        return {
          ...pass(packet, state),
          changes: [{ key, fields: { tokens, atNs: nowNs }, lifetimeNs: Infinity }],
        };
      }
      // A bucket that begins empty has to begin, or it would never fill.
      const left = { tokens: told ? 0 : held, atNs: nowNs };
      const begins = bucket === null || told ? [{ key, fields: left, lifetimeNs: Infinity }] : [];
      return { ...pass(packet, state), drop: 'rate', changes: begins };
    },
    initial: () => [],
    keysFor: (packet, passage) => (isInward(passage) ? [keyOf(packet, passage)] : []),
    scope: (key) => key,
    partial: () => null,
    grade: () => 1,
    extraBytes: () => 0,
    secondName: () => null,
  };
}
