import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../sim/assert.ts';
import { makePacket } from '../network/packet.ts';
import { Observations } from '../observations.ts';
import { TrafficLedger } from './traffic-ledger.ts';

const data = makePacket({ payloadBytes: 100 });
const empty = makePacket({});

describe('the traffic ledger', () => {
  it('balances a packet that was sent, crossed a link and was delivered', () => {
    const ledger = new TrafficLedger(new Observations());
    ledger.sent(data);
    ledger.entered(data);
    ledger.check();
    ledger.left(data);
    ledger.delivered(data);
    ledger.check();
    expect(ledger.packetsSent).toBe(1);
  });

  it('balances a large packet of which a link delivers one part and drops the other', () => {
    const ledger = new TrafficLedger(new Observations());
    ledger.sent(data);
    ledger.entered(data);
    const head = makePacket({ payloadBytes: 60 });
    const tail = makePacket({ payloadBytes: 40 });
    ledger.left(tail);
    ledger.dropped(tail, 'queue', 'a/up', 0);
    ledger.check();
    ledger.left(head);
    ledger.delivered(head);
    ledger.check();
  });

  it('notices a packet that vanishes, with payload or without', () => {
    for (const packet of [data, empty]) {
      const ledger = new TrafficLedger(new Observations());
      ledger.sent(packet);
      expect(() => ledger.check()).toThrow(AssertionError);
    }
  });

  it('notices a packet that arrives twice', () => {
    const ledger = new TrafficLedger(new Observations());
    ledger.sent(empty);
    ledger.delivered(empty);
    ledger.delivered(empty);
    expect(() => ledger.check()).toThrow(AssertionError);
  });

  it('counts the copies that a switch floods', () => {
    const ledger = new TrafficLedger(new Observations());
    ledger.sent(empty);
    ledger.entered(empty);
    ledger.copied(empty, 2);
    for (let copy = 0; copy < 3; copy++) ledger.left(empty);
    ledger.delivered(empty);
    ledger.filtered(empty);
    ledger.filtered(empty);
    ledger.check();
  });

  it('publishes the cause and the place of a drop', () => {
    const observations = new Observations();
    const drops: string[] = [];
    observations.packetDropped.subscribe(({ timeNs, cause, place }) =>
      drops.push(`${timeNs} ${cause} ${place}`),
    );
    const ledger = new TrafficLedger(observations);
    ledger.dropped(data, 'paused', 'a/web', 7);
    expect(drops).toEqual(['7 paused a/web']);
  });
});
