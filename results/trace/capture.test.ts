import { spawnSync } from 'node:child_process';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { addressOf, ipv4, parseAddress } from '../../models/network/address.ts';
import { Protocol, TcpFlag, makePacket, packetBytes } from '../../models/network/packet.ts';
import type { Packet } from '../../models/network/packet.ts';
import { readCapture } from '../../scenarios/capture/read-capture.ts';
import { encodePacket } from './encode-packet.ts';
import { writePcap, writePcapng } from './write-capture.ts';
import type { TracedPacket } from './write-capture.ts';

const verify = { checksums: 'verify' } as const;
const port = fc.integer({ min: 0, max: 0xffff });
const word = fc.integer({ min: 0, max: 0xffff_ffff });
const address6 = fc.tuple(word, word, word, word).map(([w0, w1, w2, w3]) => addressOf(6, w0, w1, w2, w3));
const ends = fc.oneof(
  fc.tuple(word, word).map(([a, b]) => ({ source: ipv4(a), destination: ipv4(b) })),
  fc.tuple(address6, address6).map(([source, destination]) => ({ source, destination })),
);
const payloadBytes = fc.oneof(fc.nat(100), fc.nat(60_000));
const stamps = fc.oneof(
  fc.constant({ timestamp: -1, timestampEcho: -1 }),
  fc.record({ timestamp: word, timestampEcho: word }),
);
const tcpFields = fc.record({
  protocol: fc.constant(Protocol.tcp),
  sourcePort: port,
  destinationPort: port,
  tcpFlags: fc.nat(0x3f),
  sequence: word,
  acknowledgement: word,
  window: port,
  windowScale: fc.integer({ min: -1, max: 14 }),
  maximumSegmentBytes: fc.integer({ min: -1, max: 0xffff }),
  sackPermitted: fc.boolean(),
  sackBlocks: fc.option(fc.tuple(word, word).map((pair) => [...pair])),
  payloadBytes,
});
const tcp = fc.tuple(tcpFields, stamps).map(([fields, stamp]) => ({ ...fields, ...stamp }));
const udp = fc.record({
  protocol: fc.constant(Protocol.udp),
  sourcePort: port,
  destinationPort: port,
  payloadBytes,
});
const packet: fc.Arbitrary<Packet> = fc
  .tuple(ends, fc.oneof(tcp, udp))
  .map(([addresses, fields]) => makePacket({ ...addresses, ...fields }));

describe('a capture', () => {
  test.prop([fc.array(fc.tuple(packet, fc.nat(10_000_000_000)), { minLength: 1, maxLength: 20 })], {
    numRuns: 100,
  })('is read as it was written, in both formats', (list) => {
    const traced = list.map(([each, timeNs]) => trace(each, timeNs));
    const times = list.map(([, timeNs]) => timeNs - list[0]![1]);
    for (const bytes of [writePcap(traced), writePcapng(traced)]) {
      const capture = readCapture(bytes, verify)!;
      expect(capture.faults).toEqual({});
      expect(capture.packets.map((each) => each.packet)).toEqual(list.map(([each]) => each));
      expect(capture.packets.map(({ timeNs }) => timeNs)).toEqual(times);
    }
  });

  it('keeps ICMP queries, and errors with what they quote', () => {
    const echo = makePacket({
      ...between,
      protocol: Protocol.icmp,
      icmpType: 8,
      icmpId: 7,
      icmpSequence: 9,
      payloadBytes: 56,
    });
    const query = makePacket({
      ...between,
      protocol: Protocol.udp,
      sourcePort: 4000,
      destinationPort: 53,
      payloadBytes: 30,
    });
    const error = makePacket({
      source: between.destination,
      destination: between.source,
      protocol: Protocol.icmp,
      icmpType: 3,
      icmpCode: 3,
      quoted: query,
      quotedBytes: 28,
    });
    const { packets } = readCapture(writePcap([trace(echo, 0), trace(error, 1)]), verify)!;
    expect(packets.map((each) => each.packet)).toEqual([echo, error]);
  });

  it('keeps fragments and wrong checksums', () => {
    const whole = { ...between, protocol: Protocol.udp, fragmentId: 77 };
    const first = makePacket({
      ...whole,
      sourcePort: 1,
      destinationPort: 2,
      payloadBytes: 1472,
      fragmentOffsetBytes: 0,
      moreFragments: true,
    });
    const last = makePacket({ ...whole, payloadBytes: 100, fragmentOffsetBytes: 1480 });
    const wrong = makePacket({ ...between, tcpFlags: TcpFlag.syn, checksumValid: false });
    const bytes = writePcapng([trace(first, 0), trace(last, 1), trace(wrong, 2)]);
    expect(readCapture(bytes, verify)!.packets.map((each) => each.packet)).toEqual([first, last, wrong]);
    expect(readCapture(bytes, { checksums: 'trust' })!.packets[2]!.packet.checksumValid).toBe(true);
  });

  it('reads Ethernet with VLAN tags, microseconds and the other byte order', () => {
    // One record of 4 + 60 bytes at 1.5 s: big-endian, microseconds, Ethernet, 802.1ad and 802.1Q tags.
    const ip = '45000020000040004011000001020304050607080035003500080000' + '00000000';
    const frame = `ffffffffffff020000000001 88a80064 81000001 0800 ${ip} ${'00'.repeat(10)}`.replaceAll(
      ' ',
      '',
    );
    const length = (frame.length / 2).toString(16).padStart(8, '0');
    const file = `a1b2c3d4 00020004 00000000 00000000 00040000 00000001 00000001 0007a120 ${length} ${length} ${frame}`;
    const capture = readCapture(Buffer.from(file.replaceAll(' ', ''), 'hex'), { checksums: 'trust' })!;
    expect(capture.startNs).toBe(1_500_000_000n);
    // The IP length of 32 leaves 12 for UDP, 4 of them payload; the rest is padding of the frame.
    expect(capture.packets[0]!.packet).toMatchObject({ protocol: 17, sourcePort: 53, payloadBytes: 4 });
  });
});

describe('a broken capture', () => {
  it.each([
    ['45', 'headers-not-captured'],
    ['75000014000000004006000001020304050607080000', 'header-broken'],
    ['42000014000000004006000001020304050607080000', 'header-broken'],
    ['4500ffff00000000400600000102030405060708', 'longer-than-frame'],
    ['4500001400000000400600000102030405060708', 'header-broken'],
    ['6000000000000000' + '00'.repeat(32), 'header-broken'],
  ])('names what is wrong with %s', (hex, cause) => {
    const data = Buffer.from(hex, 'hex');
    const record = Buffer.alloc(16);
    record.writeUInt32LE(data.length, 8);
    record.writeUInt32LE(data.length, 12);
    const bytes = Buffer.concat([Buffer.from(writePcap([])), record, data]);
    expect(readCapture(bytes, verify)!.faults).toEqual({ [cause]: 1 });
  });

  test.prop(
    [
      fc.array(packet, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
      fc.boolean(),
    ],
    {
      numRuns: 1000,
    },
  )('is read as far as it goes, and every record is a packet or a counted fault', (list, cut, damage, ng) => {
    const traced = list.map((each, i) => trace(each, i));
    const whole = ng ? writePcapng(traced) : writePcap(traced);
    const bytes = whole.slice(0, cut % 4 === 0 ? cut % whole.length : whole.length);
    for (const [at, value] of damage) bytes[at % Math.max(bytes.length, 1)] = value;
    const capture = readCapture(bytes, verify);
    if (capture === null) return;
    const faults = Object.values(capture.faults).reduce((sum, count) => sum + count, 0);
    expect(capture.packets.length).toBeLessThanOrEqual(capture.records);
    expect(capture.packets.length + faults).toBeGreaterThanOrEqual(capture.records);
  });

  it('is nothing when it is no capture', () => {
    expect(readCapture(new Uint8Array(0), verify)).toBeNull();
    expect(readCapture(new TextEncoder().encode('{"runs": []}, and some more text'), verify)).toBeNull();
  });
});

const tcpdump = spawnSync('tcpdump', ['--version']);
const unable = tcpdump.status === 0 ? '' : ' (skipped: needs tcpdump)';

describe.skipIf(unable !== '')(`tcpdump${unable}`, () => {
  it('reads both formats, with times to the nanosecond and right checksums', () => {
    const syn = makePacket({
      ...between,
      sourcePort: 40_000,
      destinationPort: 80,
      tcpFlags: TcpFlag.syn,
      sequence: 1000,
      window: 29_200,
      windowScale: 7,
      maximumSegmentBytes: 1460,
      sackPermitted: true,
    });
    const answer = makePacket({
      ...between,
      protocol: Protocol.udp,
      sourcePort: 53,
      destinationPort: 4000,
      payloadBytes: 100,
    });
    const traced = [trace(syn, 1_000_000_001), trace(answer, 2_000_000_002)];
    for (const bytes of [writePcap(traced), writePcapng(traced)]) {
      const shown = spawnSync('tcpdump', ['-r', '-', '--nano', '-tt', '-n', '-v'], {
        input: bytes,
        encoding: 'utf8',
      }).stdout;
      expect(shown).toContain('1.000000001 IP');
      expect(shown).toContain('2.000000002 IP');
      expect(shown).toContain('10.0.1.2.40000 > 10.0.2.2.80: Flags [S], cksum 0x');
      expect(shown).toContain(
        '(correct), seq 1000, win 29200, options [mss 1460,nop,wscale 7,nop,nop,sackOK], length 0',
      );
      expect(shown).not.toContain('incorrect');
      expect(shown).not.toContain('bad cksum');
    }
  });

  it('reads timestamps, which take 12 bytes alone and in a SYN two of these from its permission of SACK', () => {
    const ports = { sourcePort: 40_000, destinationPort: 80 };
    const asked = { windowScale: 7, maximumSegmentBytes: 1460, sackPermitted: true };
    const packets = [
      makePacket({ ...between, ...ports, tcpFlags: TcpFlag.syn, timestamp: 2 ** 31, ...asked }),
      makePacket({
        ...between,
        ...ports,
        tcpFlags: TcpFlag.ack,
        timestamp: 10,
        timestampEcho: 7,
        payloadBytes: 4,
      }),
      makePacket({
        ...between,
        ...ports,
        tcpFlags: TcpFlag.ack,
        timestamp: 11,
        timestampEcho: 7,
        sackBlocks: [1, 5],
      }),
    ];
    const shown = spawnSync('tcpdump', ['-r', '-', '-n', '-v', '-S'], {
      input: writePcapng(packets.map((packet) => trace(packet, 1))),
      encoding: 'utf8',
    }).stdout;
    expect(shown).toContain('options [mss 1460,nop,wscale 7,sackOK,TS val 2147483648 ecr 0], length 0');
    expect(shown).toContain('options [nop,nop,TS val 10 ecr 7], length 4');
    expect(shown).toContain('options [nop,nop,TS val 11 ecr 7,nop,nop,sack 1 {1:5}], length 0');
    expect(shown).not.toContain('incorrect');
    // IPv4 and TCP take 20 bytes each; a SYN's options 20, timestamps 12, one SACK block 12.
    expect(packets.map(packetBytes)).toEqual([60, 56, 64]);
    expect(packets.map((packet) => encodePacket(packet).length)).toEqual([60, 56, 64]);
  });
});

const between = { source: parseAddress('10.0.1.2')!, destination: parseAddress('10.0.2.2')! };

function trace(each: Packet, timeNs: number): TracedPacket {
  return { timeNs: BigInt(timeNs), interface: 'eth0', packet: each, comment: '' };
}
