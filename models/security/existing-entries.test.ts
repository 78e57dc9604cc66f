import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { TcpFlag } from '../network/packet.ts';
import { FirewallEngine } from './firewall-engine.ts';
import { booted, fromPeer, inwards, settings, vm, whole } from './hand-made-traffic.fixture.ts';
import { ItemEngine } from './item-engine.ts';
import { rateLimiter } from './rate-limiter.ts';
import { makeRuleset } from './ruleset.ts';
import type { ExistingRule, SecurityEngine } from './security-engine.ts';
import { linuxDefaults } from './tracking-settings.ts';

const costs = { packetNs: 1, ruleNs: 1, newEntryNs: 1 };

/** A firewall that admits all, with the connections of these clients, each opened at the time. */
function firewall(table: 'shared' | 'per-vm', clients: readonly number[], nowNs: number): SecurityEngine {
  const engine = new FirewallEngine({ name: 'f', table, tracking: linuxDefaults, ...costs }, 1);
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' } as const;
  const chains = [{ name: 'forward', base, rules: [] }];
  const ruleset = { name: 't', family: 'ip', chains, sets: [], maps: [], counters: [], helpers: [] } as const;
  engine.setPolicy(vm, { kind: 'rules', ruleset: makeRuleset([ruleset]), version: 0 });
  for (const client of clients) {
    const syn = fromPeer({ source: ipv4(client), tcpFlags: TcpFlag.syn });
    engine.inspect(vm, syn, inwards, nowNs);
  }
  return engine;
}

/** A limiter with a bucket for each sender. */
function limiter(senders: readonly number[], nowNs: number): SecurityEngine {
  const limits = { rateBps: 8000, burstBytes: 10_000, per: 'peer', fresh: 'full' } as const;
  const engine = booted(new ItemEngine(settings, rateLimiter(limits, false), 1));
  for (const sender of senders) engine.inspect(vm, fromPeer({ source: ipv4(sender) }), inwards, nowNs);
  return engine;
}

describe.each([
  ['per-vm', (ends: readonly number[], nowNs: number) => firewall('per-vm', ends, nowNs)],
  ['shared', (ends: readonly number[], nowNs: number) => firewall('shared', ends, nowNs)],
  ['limiter', limiter],
])('a snapshot that meets what came before it: %s', (_, engine) => {
  // The source knows 1 and 2; the destination has met 2 and, since, 3.
  function arrived(existing: ExistingRule): { held: number; loaded: number; existing: number } {
    const [source, destination] = [engine([1, 2], 10), engine([2, 3], 20)];
    const batch = source.snapshot(vm, 'interface', 30);
    const { loaded, existing: kept } = destination.load(vm, { ...whole, batch, existing }, 40);
    return { held: destination.peek(vm, 50).length, loaded, existing: kept };
  }

  it('leaves all of it with keep, none of it with replace, and with merge what it has nothing for', () => {
    expect(arrived('keep')).toEqual({ held: 3, loaded: 1, existing: 1 });
    expect(arrived('replace')).toEqual({ held: 2, loaded: 2, existing: 0 });
    expect(arrived('merge')).toEqual({ held: 3, loaded: 2, existing: 0 });
  });

  it('is followed by a difference whose removals count under merge, too', () => {
    const source = engine([1, 2], 10);
    const destination = engine([3], 20);
    destination.load(vm, { ...whole, batch: source.snapshot(vm, 'interface', 30), existing: 'merge' }, 40);
    source.forget(vm, 'interface', 'own', 50);
    const batch = source.changesSince(vm, 'interface', 30, 60);
    destination.load(vm, { ...whole, batch, existing: 'merge' }, 70);
    expect(destination.peek(vm, 80)).toHaveLength(1);
  });

  it('is followed by a difference though reading has ended before, by the next snapshot', () => {
    const source = engine([1, 2], 10);
    source.snapshot(vm, 'interface', 20);
    source.endReading(vm);
    source.snapshot(vm, 'interface', 30);
    source.forget(vm, 'interface', 'own', 50);
    const { complete, removed } = source.changesSince(vm, 'interface', 30, 60);
    expect({ complete, removed: removed.length }).toEqual({ complete: false, removed: 2 });
  });
});

describe('a table of the VM’s own', () => {
  it('remembers no removals once reading has ended: the next difference is all there is', () => {
    const source = firewall('per-vm', [1, 2], 10);
    source.snapshot(vm, 'interface', 20);
    source.endReading(vm);
    source.forget(vm, 'interface', 'own', 30);
    expect(source.changesSince(vm, 'interface', 20, 40)).toMatchObject({ complete: true, removed: [] });
  });

  it('remembers them for another VM’s reader where the table is shared', () => {
    const source = firewall('shared', [1, 2], 10);
    source.snapshot(vm, 'interface', 20);
    source.endReading(vm);
    source.forget(vm, 'interface', 'own', 30);
    expect(source.changesSince(vm, 'interface', 20, 40).removed).toHaveLength(2);
  });
});
