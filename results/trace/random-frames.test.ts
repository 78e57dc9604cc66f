import { describe, expect, it } from 'vitest';
import { ipv4, parseAddress } from '../../models/network/address.ts';
import { makePacket, Protocol, TcpFlag } from '../../models/network/packet.ts';
import { ConnectionTracker } from '../../models/security/connection-tracker.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import { sharedPlace, StatefulFirewall } from '../../models/security/stateful-firewall.ts';
import { linuxDefaults } from '../../models/security/tracking-settings.ts';
import { Chance } from '../../sim/random.ts';
import { goldenRuleset } from '../validation/golden-ruleset.ts';
import { decodeFrame, LinkType } from '../../scenarios/capture/decode-frame.ts';
import { encodePacket } from './encode-packet.ts';

const client = ipv4(0x0a000102);
const server = ipv4(0x0a000202);
const v6 = { source: parseAddress('fd00:1::2')!, destination: parseAddress('fd00:2::2')! };
const options = { windowScale: 7, maximumSegmentBytes: 1460, sackPermitted: true };
const frames = [
  makePacket({ source: client, destination: server, tcpFlags: TcpFlag.syn, payloadBytes: 20, ...options }),
  makePacket({ source: client, destination: server, protocol: Protocol.udp, payloadBytes: 40 }),
  makePacket({ ...v6, protocol: Protocol.udp, payloadBytes: 40 }),
  makePacket({ ...v6, tcpFlags: TcpFlag.ack, sackBlocks: [1, 2, 3, 4] }),
  makePacket({
    source: server,
    destination: client,
    protocol: Protocol.icmp,
    icmpType: 3,
    icmpCode: 1,
    quotedBytes: 28,
    quoted: makePacket({ source: client, destination: server }),
  }),
].map(encodePacket);

/** Random bytes, or a frame with some bytes changed and maybe cut short. */
function randomFrame(whole: (high: number) => number): Uint8Array {
  if (whole(3) === 0) {
    const noise = Uint8Array.from({ length: whole(120) }, () => whole(255));
    noise[0] = [0x45, 0x60, 0x46, 0x4f][whole(3)]!;
    return noise;
  }
  const frame = frames[whole(frames.length - 1)]!.slice();
  for (let changes = whole(6); changes > 0; changes--) frame[whole(frame.length - 1)] = whole(255);
  return whole(4) === 0 ? frame.slice(0, whole(frame.length)) : frame;
}

function translatingFirewall(): StatefulFirewall {
  const tracker = new ConnectionTracker({ ...linuxDefaults, entriesMax: 2000, buckets: 512 });
  const firewall = new StatefulFirewall('fw', tracker, sharedPlace);
  const rules = goldenRuleset(
    {
      policy: 'accept',
      forward: [{ match: { ct_state: ['invalid'] }, verdict: 'drop' }],
      raw: [{ match: { iif: 'c' }, zone: 1, zone_dir: 'original' }],
      pre: [{ match: { proto: 'udp' }, action: 'dnat', to: '10.0.2.3' }],
      post: [{ match: { proto: 'tcp' }, action: 'snat', to: '10.0.2.50-10.0.2.53', ports: [5000, 5100] }],
      ftp: true,
    },
    4,
  );
  firewall.setRules(new RuleTable(rules));
  return firewall;
}

describe('random frames', () => {
  it('are each counted under a fault of the frame, or a verdict with its cause', () => {
    const stream = new Chance(1, 0).stream('frames', 'bytes');
    let drawn = 0;
    const whole = (high: number): number => Math.floor(stream.uniform(drawn++) * (high + 1));
    const firewall = translatingFirewall();
    const counts = new Map<string, number>();
    const total = 100_000;
    let contradictions = 0;
    for (let i = 0; i < total; i++) {
      const frame = randomFrame(whole);
      const frameBytes = frame.byteLength + whole(3) - 1;
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      const checksums = whole(1) === 0 ? ('verify' as const) : ('trust' as const);
      const read = decodeFrame(view, frameBytes, LinkType.raw, { checksums });
      const judged =
        typeof read === 'string'
          ? null
          : firewall.inspect(read, { inInterface: 'c0', outInterface: 's0' }, i * 1e6);
      if (judged !== null && (judged.verdict === 'drop') !== (judged.cause !== null)) contradictions++;
      const kind =
        typeof read === 'string' ? `fault ${read}` : `${judged?.verdict ?? ''} ${judged?.cause ?? ''}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    expect(contradictions).toBe(0);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(total);
    for (const kind of ['fault header-broken', 'fault longer-than-frame', 'drop invalid', 'accept ', 'hold '])
      expect(counts.get(kind)).toBeGreaterThan(100);
  });
});
