import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { makePacket, Protocol, TcpFlag } from '../network/packet.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { Field } from './entry-layout.ts';
import { linuxDefaults, tickOf } from './tracking-settings.ts';

const flags = [
  TcpFlag.syn,
  TcpFlag.syn | TcpFlag.ack,
  TcpFlag.ack,
  TcpFlag.fin | TcpFlag.ack,
  TcpFlag.rst,
] as const;

const step = fc.record({
  port: fc.nat(5),
  reply: fc.boolean(),
  udp: fc.boolean(),
  flags: fc.constantFrom(...flags),
  pauseNs: fc.constantFrom(0, 1e6, 1e9, 9e9, 31e9, 130e9),
});

// A lookup that is spared because nothing can have expired must not come past anything that has.
it('knows of no entry that expires before the tick it takes for the earliest, whatever renews or shortens lifetimes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const tracker = new ConnectionTracker(linuxDefaults);
      const table = tracker.table(4);
      let nowNs = 0;
      for (const { port, reply, udp, flags: tcpFlags, pauseNs } of steps) {
        nowNs += pauseNs;
        const ends = [
          { address: ipv4(0x0a000001), port: 1000 + port },
          { address: ipv4(0x0a000002), port: 80 },
        ] as const;
        const [from, to] = reply ? [ends[1], ends[0]] : ends;
        const packet = makePacket({
          source: from.address,
          destination: to.address,
          sourcePort: from.port,
          destinationPort: to.port,
          protocol: udp ? Protocol.udp : Protocol.tcp,
          tcpFlags: udp ? 0 : tcpFlags,
          sequence: 100,
          acknowledgement: 101,
          window: 1000,
        });
        tracker.track(packet, 0, nowNs, false);
        tracker.confirm();
        const now = tickOf(nowNs);
        let left = Infinity;
        for (let row = 0; row < table.rowsUsed; row++)
          if (table.occupied(row))
            left = Math.min(left, table.wordsOf(row)[table.baseOf(row) + Field.timeout]! - now);
        if (left <= 0) expect(table.mayHoldExpired(now)).toBe(true);
        for (const laterTicks of [1, 1000, 10_000, 100_000])
          if (left <= laterTicks) expect(table.mayHoldExpired(now + laterTicks)).toBe(true);
      }
    }),
    { numRuns: 1500 },
  );
});
