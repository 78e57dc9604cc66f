import { describe, expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import {
  active,
  booted,
  fromPeer,
  fromVm,
  inwards,
  moveAll,
  outwards,
  settings,
  vm,
} from './hand-made-traffic.fixture.ts';
import { ItemEngine } from './item-engine.ts';
import type { SecurityEngine } from './security-engine.ts';
import { sourceGuard } from './source-guard.ts';

const hour = 3600e9;
const stolen = ipv4(0xc612_0001);

function guard(unbound: 'drop' | 'pass'): SecurityEngine {
  return new ItemEngine(settings, sourceGuard({ leaseNs: hour, unbound }), 1);
}

/** Whether a packet of the VM from its own, or from another's address passes. */
function passes(engine: SecurityEngine, own: boolean, nowNs: number): boolean {
  const packet = fromVm(own ? {} : { source: stolen });
  return engine.inspect(vm, packet, outwards, nowNs).verdict === 'accept';
}

describe('a source guard', () => {
  it('lets a VM send from its own address and from no other, and judges nothing that comes in', () => {
    const engine = booted(guard('drop'));
    expect(passes(engine, true, 1)).toBe(true);
    expect(engine.inspect(vm, fromVm({ source: stolen }), outwards, 2)).toMatchObject({
      verdict: 'drop',
      cause: 'spoofed',
    });
    expect(engine.inspect(vm, fromPeer({ source: stolen }), inwards, 3).verdict).toBe('accept');
  });

  it('without its bindings closes or opens as it is set, until half a lease has passed', () => {
    for (const [unbound, open] of [
      ['drop', false],
      ['pass', true],
    ] as const) {
      const engine = guard(unbound);
      engine.setPolicy(vm, active);
      // The VM moved here at 0.1 h; it asks for its lease again at 0.5 h, at 1 h and so on.
      expect([passes(engine, true, 0.1 * hour), passes(engine, false, 0.1 * hour)]).toEqual([open, open]);
      expect([passes(engine, true, 0.49 * hour), passes(engine, false, 0.49 * hour)]).toEqual([open, open]);
      expect([passes(engine, true, 0.51 * hour), passes(engine, false, 0.51 * hour)]).toEqual([true, false]);
    }
  });

  it('is not bound to an address that is not the VM’s, however long it asks', () => {
    const engine = guard('pass');
    engine.setPolicy(vm, active);
    expect(passes(engine, false, 0.1 * hour)).toBe(true);
    expect(passes(engine, false, 0.9 * hour)).toBe(true);
    expect(engine.peek(vm, 0.9 * hour)).toEqual([]);
  });

  it('goes on as before where its bindings have arrived', () => {
    const destination = guard('drop');
    expect(moveAll(booted(guard('drop')), destination, 0.1 * hour).loaded).toBe(1);
    expect([passes(destination, true, 0.2 * hour), passes(destination, false, 0.2 * hour)]).toEqual([
      true,
      false,
    ]);
  });
});
