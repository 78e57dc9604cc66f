import { describe, expect, it } from 'vitest';
import { Chance } from '../../../sim/random.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { ms, seconds } from '../../../sim/time.ts';
import { FixedRateStream } from './fixed-rate-stream.ts';
import { fixedSocket, SocketBuffer } from './socket-buffer.ts';

const draws = new Chance(1, 1).stream('guest', 'migration');

describe('a socket buffer', () => {
  it('takes bytes before they have arrived, as many as it holds', () => {
    const simulation = new Simulation({ scenario: 'socket', seed: 1, repetition: 1, replayCommand: 'none' });
    // 8 Mbit/s: a kilobyte a millisecond.
    const stream = new FixedRateStream(simulation, { rateBps: 8e6, delayNs: 0 });
    const socket = new SocketBuffer(simulation, stream, fixedSocket(90_000), draws);
    const times: number[] = [];
    simulation.spawn(
      (function* () {
        yield* socket.write(90_000);
        times.push(simulation.nowNs / ms);
        yield* socket.write(30_000);
        times.push(simulation.nowNs / ms);
        yield* socket.drain();
        times.push(simulation.nowNs / ms);
      })(),
    );
    simulation.run(seconds(1));
    // The second write waits until a third is free, 30 ms; chunks of 16 KiB make that 32.8. All arrives at 120 ms.
    expect(times[0]).toBe(0);
    expect(times[1]).toBeGreaterThanOrEqual(30);
    expect(times[1]).toBeLessThanOrEqual(33);
    expect(times[2]).toBe(120);
  });

  it('idles once in so many bytes on average where its sender does', () => {
    const simulation = new Simulation({ scenario: 'socket', seed: 1, repetition: 1, replayCommand: 'none' });
    const stream = new FixedRateStream(simulation, { rateBps: 8e6, delayNs: 0 });
    const stalling = { ...fixedSocket(64_000), stallEveryBytes: 200_000, stallNs: 20 * ms };
    const socket = new SocketBuffer(simulation, stream, stalling, draws);
    socket.stalls = true;
    let endMs = 0;
    simulation.spawn(
      (function* () {
        yield* socket.write(20_000_000);
        yield* socket.drain();
        endMs = simulation.nowNs / ms;
      })(),
    );
    simulation.run(seconds(60));
    // 20 s at a kilobyte a millisecond, and 20 ms for every 200 kB (and the rest of a chunk): 100 times, give or take.
    expect(endMs).toBeGreaterThan(20_000 + 0.8 * 2000);
    expect(endMs).toBeLessThan(20_000 + 1.05 * 2000);
  });

  it('sends one chunk after the other, however long they are under way, and holds them until they are acknowledged', () => {
    const endMs = (bufferBytes: number): number => {
      const simulation = new Simulation({
        scenario: 'socket',
        seed: 1,
        repetition: 1,
        replayCommand: 'none',
      });
      const stream = new FixedRateStream(simulation, { rateBps: 8e6, delayNs: 100 * ms });
      const socket = new SocketBuffer(simulation, stream, fixedSocket(bufferBytes), draws);
      let ended = 0;
      simulation.spawn(
        (function* () {
          yield* socket.write(1_000_000);
          yield* socket.drain();
          ended = simulation.nowNs / ms;
        })(),
      );
      simulation.run(seconds(20));
      return ended;
    };
    // A kilobyte a millisecond, and the way.
    expect(endMs(1_000_000)).toBe(1100);
    // Two thirds of 90 kB to all of them in each round trip of 200 ms, the last ones without the way back.
    expect(endMs(90_000)).toBeGreaterThan((1_000_000 / 90_000) * 200 - 100);
    expect(endMs(90_000)).toBeLessThan((1_000_000 / 60_000) * 200 + 200);
  });

  it('says when what has been written so far has arrived', () => {
    const simulation = new Simulation({ scenario: 'socket', seed: 1, repetition: 1, replayCommand: 'none' });
    const stream = new FixedRateStream(simulation, { rateBps: 8e6, delayNs: 0 });
    const socket = new SocketBuffer(simulation, stream, fixedSocket(1_000_000), draws);
    let arrivedMs = 0;
    simulation.spawn(
      (function* () {
        yield* socket.write(16_384);
        socket.mark().listen(() => (arrivedMs = simulation.nowNs / ms));
        yield* socket.write(500_000);
      })(),
    );
    simulation.run(seconds(2));
    expect(arrivedMs).toBeCloseTo(16.384, 3);
  });
});
