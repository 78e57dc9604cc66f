import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { compareContext } from './context-comparison.ts';
import {
  active,
  booted,
  fromPeer,
  inwards,
  moveAll,
  settings,
  vm,
  whole,
} from './hand-made-traffic.fixture.ts';
import { ItemEngine, type ItemEngineSettings } from './item-engine.ts';
import { rateLimiter } from './rate-limiter.ts';
import type { SecurityEngine } from './security-engine.ts';
import { synProxy } from './syn-proxy.ts';

/** Buckets for each other end: an engine with as many items as there are senders. */
function engine(changed: Partial<ItemEngineSettings> = {}): SecurityEngine {
  const limits = { rateBps: 8000, burstBytes: 10_000, per: 'peer', fresh: 'full' } as const;
  return booted(new ItemEngine({ ...settings, ...changed }, rateLimiter(limits, false), 1));
}

function hear(from: number, where: SecurityEngine, nowNs: number): string {
  return where.inspect(vm, fromPeer({ source: ipv4(from) }), inwards, nowNs).cause ?? 'accept';
}

function keys(where: SecurityEngine, nowNs: number): string[] {
  return where.peek(vm, nowNs).map(({ identity }) => identity);
}

describe('an engine of items under keys', () => {
  it('reads what changed after an earlier reading and what was removed, so that a copy follows the original', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (events) => {
        const [source, copy] = [engine(), engine()];
        let readNs = 0;
        copy.load(vm, { ...whole, batch: source.snapshot(vm, 'interface', 0) }, 0);
        events.forEach(([from, reads], index) => {
          const nowNs = index + 1;
          if (from === 5) source.forget(vm, 'interface', 'own', nowNs);
          else hear(from, source, nowNs);
          if (!reads) return;
          copy.load(vm, { ...whole, batch: source.changesSince(vm, 'interface', readNs, nowNs) }, nowNs);
          readNs = nowNs;
          const difference = compareContext(source.peek(vm, nowNs), copy.peek(vm, nowNs), 0);
          expect(Object.values(difference).flat()).toEqual([]);
        });
      }),
    );
  });

  it('gives a difference that holds only what changed', () => {
    const source = engine();
    hear(1, source, 1);
    hear(2, source, 2);
    source.snapshot(vm, 'interface', 3);
    hear(2, source, 4);
    const { complete, entries } = source.changesSince(vm, 'interface', 3, 5);
    expect([complete, entries.map(({ identity }) => identity)]).toEqual([false, ['0.0.0.2']]);
  });

  it('says what a move has cost: missing, stale and resurrected items', () => {
    const source = engine();
    const destination = engine();
    for (const from of [1, 2, 3]) hear(from, source, 1);
    moveAll(source, destination, 2);
    hear(1, source, 3);
    source.forget(vm, 'interface', 'shared', 4);
    const difference = compareContext(source.peek(vm, 5), destination.peek(vm, 5), 0);
    expect(difference.stale.map(({ identity }) => identity)).toEqual(['0.0.0.1']);
    expect([difference.missing, difference.resurrected]).toEqual([[], []]);
    source.forget(vm, 'interface', 'own', 6);
    expect(compareContext(source.peek(vm, 7), destination.peek(vm, 7), 0).resurrected).toHaveLength(3);
    expect(compareContext(destination.peek(vm, 7), source.peek(vm, 7), 0).missing).toHaveLength(3);
  });

  it('takes nothing of another version, and gives nothing away if it cannot', () => {
    const source = engine();
    hear(1, source, 1);
    const newer = engine({ version: 2 });
    expect(moveAll(source, newer, 2)).toEqual({ loaded: 0, existing: 0, refused: 1, full: 0 });
    const mute = engine({ exports: 'none' });
    hear(1, mute, 1);
    expect(mute.snapshot(vm, 'interface', 2).entries).toEqual([]);
    expect(mute.peek(vm, 2)).toHaveLength(1);
  });

  it('refuses what finds no room, or lets the item go that would be over first', () => {
    const small = engine({ itemsMax: 2 });
    for (const from of [1, 2]) expect(hear(from, small, 1)).toBe('accept');
    expect(hear(3, small, 1)).toBe('table-full');
    const source = engine();
    for (const from of [1, 2, 3]) hear(from, source, 1);
    const batch = source.snapshot(vm, 'interface', 2);
    expect(engine({ itemsMax: 2 }).load(vm, { ...whole, batch }, 2)).toMatchObject({
      loaded: 2,
      full: 1,
      refused: 1,
    });
    const evicting = engine({ itemsMax: 2 });
    expect(evicting.load(vm, { ...whole, batch, evict: true }, 2).loaded).toBe(3);
    expect(keys(evicting, 2)).toHaveLength(2);
  });

  it('keeps what is there or replaces it, and gives lifetimes as the plan says', () => {
    const proxy = (): SecurityEngine =>
      booted(new ItemEngine(settings, synProxy({ secret: 1, unknown: 'pass', lifetimeNs: 1000 }), 1));
    const source = proxy();
    source.inspect(vm, fromPeer({ tcpFlags: 2 }), inwards, 0);
    const batch = source.snapshot(vm, 'interface', 100);
    const left = (timeouts: 'remaining' | 'absolute' | 'restart'): number => {
      const destination = proxy();
      destination.load(vm, { ...whole, batch, timeouts }, 300);
      return destination.peek(vm, 300)[0]!.timeoutNs;
    };
    // 1000 ns at 0; read with 900 left; 200 ns on the way.
    expect([left('remaining'), left('absolute'), left('restart')]).toEqual([900, 700, 1000]);
    expect(source.load(vm, { ...whole, batch, existing: 'keep' }, 300)).toMatchObject({
      existing: 1,
      loaded: 0,
    });
  });

  it('is asked without a trace, and does nothing for a VM that it does not see', () => {
    const asked = engine();
    asked.ask(vm, fromPeer({}), inwards, 1);
    expect(asked.peek(vm, 1)).toEqual([]);
    asked.setPolicy(vm, { kind: 'no-engine' });
    hear(1, asked, 2);
    expect(asked.peek(vm, 2)).toEqual([]);
    asked.setPolicy(vm, { kind: 'drop-all' });
    expect(hear(1, asked, 3)).toBe('rule');
    asked.setPolicy(vm, active);
    expect(hear(1, asked, 4)).toBe('accept');
  });
});
