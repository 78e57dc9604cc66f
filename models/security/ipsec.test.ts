import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EspEnd } from './esp-end.ts';
import {
  active,
  booted,
  fromPeer,
  fromVm,
  inwards,
  moveAll,
  outwards,
  peer,
  settings,
  vm,
  whole,
} from './hand-made-traffic.fixture.ts';
import { ipsec } from './ipsec.ts';
import { ItemEngine } from './item-engine.ts';
import { afterPacket, type ReplayWindow } from './replay-window.ts';
import type { SecurityEngine } from './security-engine.ts';

function endpoint(keys: 'negotiated' | 'manual' = 'negotiated', partial = false): SecurityEngine {
  const behaviour = ipsec({ peers: [peer], windowPackets: 64, keys });
  return new ItemEngine({ ...settings, exports: partial ? 'partial' : 'full' }, behaviour, 1);
}

function otherEnd(): EspEnd {
  return new EspEnd(() => true, 64);
}

/** The VM sends so many packets; how many the other end takes. */
function sends(engine: SecurityEngine, end: EspEnd, packets: number): number {
  let taken = 0;
  for (let sent = 0; sent < packets; sent++) {
    const { verdict, packet } = engine.inspect(vm, fromVm({}), outwards, 0);
    if (verdict === 'accept' && end.accept(packet) !== null) taken += 1;
  }
  return taken;
}

describe('a replay window', () => {
  it('takes each number once, in any order that the window spans (RFC 4303, 3.4.3)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 100 }), (numbers) => {
        let window: ReplayWindow = { highest: 0, received: 0n };
        const taken = new Set<number>();
        for (const number of numbers) {
          const next = afterPacket(window, number, 64);
          const expected = !taken.has(number) && number > window.highest - 64;
          expect(next !== null).toBe(expected);
          if (next === null) continue;
          taken.add(number);
          window = next;
        }
      }),
    );
  });

  it('does not take what has no number', () => {
    expect(afterPacket({ highest: 0, received: 0n }, 0, 64)).toBeNull();
  });
});

describe('an IPsec endpoint', () => {
  it('numbers what goes out, strips what comes in, and takes neither a replay nor plain packets', () => {
    const engine = booted(endpoint());
    const end = otherEnd();
    expect(sends(engine, end, 3)).toBe(3);
    const carried = end.protect(fromPeer({}));
    expect(engine.inspect(vm, carried, inwards, 0)).toMatchObject({
      verdict: 'accept',
      packet: { espSequence: -1 },
    });
    expect(engine.inspect(vm, carried, inwards, 0)).toMatchObject({ verdict: 'drop', cause: 'replay' });
    expect(engine.inspect(vm, fromPeer({}), inwards, 0)).toMatchObject({ verdict: 'drop', cause: 'rule' });
  });

  it('has nothing to say to others', () => {
    const engine = booted(endpoint());
    const stranger = { ...peer, w3: peer.w3 + 1 };
    const packet = fromVm({ destination: stranger });
    expect(engine.inspect(vm, packet, outwards, 0).packet.espSequence).toBe(-1);
  });

  it('is silent without the keys; with manual ones it repeats numbers until it is beyond those it had sent', () => {
    const end = otherEnd();
    expect(sends(booted(endpoint()), end, 100)).toBe(100);
    const lost = endpoint();
    lost.setPolicy(vm, active);
    expect(sends(lost, end, 10)).toBe(0);
    const manual = endpoint('manual');
    manual.setPolicy(vm, active);
    expect(sends(manual, end, 100)).toBe(0);
    expect(sends(manual, end, 10)).toBe(10);
  });

  it('with the counters of an earlier time loses what was sent since, and takes replays of what came since', () => {
    const source = booted(endpoint());
    const end = otherEnd();
    sends(source, end, 20);
    const stale = endpoint();
    moveAll(source, stale, 0);
    sends(source, end, 7);
    const late = end.protect(fromPeer({}));
    source.inspect(vm, late, inwards, 0);
    expect(sends(stale, end, 10)).toBe(3);
    expect(stale.inspect(vm, late, inwards, 0).verdict).toBe('accept');
  });

  it('goes on with the counters of now, and with part of them takes replays alone', () => {
    for (const [partial, verdict] of [
      [false, 'drop'],
      [true, 'accept'],
    ] as const) {
      const source = booted(endpoint('negotiated', partial));
      const end = otherEnd();
      sends(source, end, 20);
      const replayed = end.protect(fromPeer({}));
      source.inspect(vm, replayed, inwards, 0);
      const destination = endpoint();
      destination.setPolicy(vm, active);
      destination.load(vm, { ...whole, batch: source.snapshot(vm, 'interface', 0) }, 0);
      expect(sends(destination, end, 10)).toBe(10);
      expect(destination.inspect(vm, replayed, inwards, 0).verdict).toBe(verdict);
    }
  });
});
