import { expect, test } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { ipv4 } from '../../models/network/address.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../../models/network/packet.ts';
import { LinkedEnds } from '../../models/workload/linked-ends.fixture.ts';
import { RecordedFlows, type RecordedFlow } from '../../models/workload/recorded-flows.ts';
import type { CapturedPacket } from '../capture/capture.ts';
import { busiestAddress, capturedFlows } from './captured-flows.ts';

const vm = ipv4(2);

/** What a tap at the VM sees: its own packets as they leave, the others 10 ms after they left. */
function captured(world: LinkedEnds): CapturedPacket[] {
  return world.packets
    .map(({ timeNs, packet }) => ({ timeNs: packet.source.w3 === 2 ? timeNs : timeNs + 10 * ms, packet }))
    .sort((a, b) => a.timeNs - b.timeNs)
    .map(({ timeNs, packet }, index) => ({ timeNs, packet, record: index + 1, interface: '' }));
}

function played(flows: readonly RecordedFlow[], loses: LinkedEnds['loses'] = () => false): CapturedPacket[] {
  const world = new LinkedEnds();
  world.loses = loses;
  const workload = new RecordedFlows({
    ...{ name: 't', ...world.parts, firstFlow: 0, startNs: 0 },
    flows: flows.map((flow) => ({ flow, ends: world.ends })),
  });
  workload.start();
  world.simulation.run(200 * s);
  return captured(world);
}

const web: RecordedFlow = {
  ...{
    protocol: 'tcp',
    initiator: 'peer',
    port: 80,
    atNs: 0,
    closes: 'vm',
    closesAtNs: 6000 * ms,
    otherClosesAtNs: 0,
  },
  messages: [
    { speaker: 'peer', atNs: 100 * ms, bytes: 300 },
    { speaker: 'vm', atNs: 400 * ms, bytes: 500_000 },
    { speaker: 'peer', atNs: 3000 * ms, bytes: 200 },
    { speaker: 'peer', atNs: 4000 * ms, bytes: 100 },
  ],
};
const mail: RecordedFlow = {
  ...{
    protocol: 'tcp',
    initiator: 'vm',
    port: 25,
    atNs: 500 * ms,
    closes: 'vm',
    closesAtNs: 0,
    otherClosesAtNs: 0,
  },
  messages: [{ speaker: 'peer', atNs: 50 * ms, bytes: 80 }],
};
const names: RecordedFlow = {
  ...{
    protocol: 'udp',
    initiator: 'vm',
    port: 53,
    atNs: 700 * ms,
    closes: 'nobody',
    closesAtNs: 0,
    otherClosesAtNs: 0,
  },
  messages: [
    { speaker: 'vm', atNs: 0, bytes: 40 },
    { speaker: 'peer', atNs: 50 * ms, bytes: 120 },
  ],
};

test('flows of a capture keep who opened, who said how much and when, and who closed', () => {
  const { flows, leftOut } = capturedFlows(played([web, mail, names]), vm);
  expect(leftOut.size).toBe(0);
  // The tap sees the SYN of the peer 10 ms after it left, so that times at the peer seem unchanged and the VM's 10 ms earlier.
  expect(
    flows.map(({ protocol, initiator, port, closes, closesAtNs }) => [
      ...[protocol, initiator, port, closes, closesAtNs / ms],
    ]),
  ).toEqual([
    ['tcp', 'peer', 80, 'vm', 5990],
    // Its handshake takes 20 ms; at 50 ms the peer speaks, which the VM hears 10 ms later and then closes.
    ['tcp', 'vm', 25, 'vm', 60],
    ['udp', 'vm', 53, 'nobody', 0],
  ]);
  expect(flows[0]!.messages).toEqual([
    { speaker: 'peer', atNs: 100 * ms, bytes: 300 },
    { speaker: 'vm', atNs: 390 * ms, bytes: 500_000 },
    { speaker: 'peer', atNs: 3000 * ms, bytes: 200 },
    { speaker: 'peer', atNs: 4000 * ms, bytes: 100 },
  ]);
  expect(flows.map(({ atNs }) => atNs / ms)).toEqual([0, 490, 690]);
  expect(flows[2]!.messages.map(({ speaker, atNs, bytes }) => [speaker, atNs / ms, bytes])).toEqual([
    ['vm', 0, 40],
    ['peer', 60, 120],
  ]);
});

/** A client that sends a list, closes its half, and gets it back sorted. */
const sorting: RecordedFlow = {
  ...{ protocol: 'tcp', initiator: 'peer', port: 9000, atNs: 0 },
  ...{ closes: 'peer', closesAtNs: 600 * ms, otherClosesAtNs: 3000 * ms },
  messages: [
    { speaker: 'peer', atNs: 100 * ms, bytes: 120_000 },
    { speaker: 'vm', atNs: 1000 * ms, bytes: 40_000 },
    { speaker: 'vm', atNs: 2000 * ms, bytes: 80_000 },
  ],
};

test('a connection that is closed by halves keeps when each half was closed, and what was said between', () => {
  const { flows } = capturedFlows(played([sorting]), vm);
  // The tap sees what the peer sends 10 ms late, as its SYN; what the VM sends is 10 ms earlier beside it.
  expect(flows).toMatchObject([
    {
      ...{ closes: 'peer', closesAtNs: 600 * ms, otherClosesAtNs: 2990 * ms },
      messages: [
        { speaker: 'peer', atNs: 100 * ms, bytes: 120_000 },
        { speaker: 'vm', atNs: 990 * ms, bytes: 40_000 },
        { speaker: 'vm', atNs: 1990 * ms, bytes: 80_000 },
      ],
    },
  ]);
});

test('half a connection is closed when what was said before has arrived, and the other end answers that', () => {
  // The last of the list is lost for 2 s: its FIN comes after it, and the answers after the FIN.
  const capture = played(
    [sorting],
    (packet, nowNs) => packet.payloadBytes > 0 && packet.source.w3 === 1 && nowNs < 2500 * ms,
  );
  const finNs = capture.find(({ packet }) => (packet.tcpFlags & TcpFlag.fin) !== 0)!.timeNs;
  const answerNs = capture.find(({ packet }) => packet.payloadBytes > 0 && packet.source.w3 === 2)!.timeNs;
  expect(finNs).toBeGreaterThan(2500 * ms);
  expect(answerNs).toBeGreaterThanOrEqual(finNs);
});

test('the FIN of the other end keeps its time, however soon it follows', () => {
  const { flows } = capturedFlows(played([web]), vm);
  // The peer hears of it 10 ms later and closes at once; its FIN is here after another 10 ms.
  expect(flows[0]).toMatchObject({ closesAtNs: 5990 * ms, otherClosesAtNs: 6010 * ms });
});

test('writes of one end stay apart as far as they were pushed apart, and those of one write are one message', () => {
  const paced: RecordedFlow = {
    ...web,
    messages: [
      { speaker: 'peer', atNs: 100 * ms, bytes: 300 },
      // 25 pictures a second, then more than the first windows carry.
      ...[1, 2, 3, 4].map((nth) => ({ speaker: 'vm' as const, atNs: nth * 40 * ms + 200 * ms, bytes: 5000 })),
      { speaker: 'vm', atNs: 1000 * ms, bytes: 400_000 },
    ],
  };
  const { flows } = capturedFlows(played([paced]), vm);
  expect(flows[0]!.messages.map(({ atNs, bytes }) => [atNs / ms, bytes])).toEqual([
    [100, 300],
    ...[230, 270, 310, 350].map((atMs) => [atMs, 5000]),
    [990, 400_000],
  ]);
});

test('bytes that were sent again count once', () => {
  let lost = 0;
  const capture = played([web], (packet) => packet.payloadBytes > 0 && packet.source.w3 === 2 && lost++ < 3);
  const { flows } = capturedFlows(capture, vm);
  const bytes = flows[0]!.messages
    .filter(({ speaker }) => speaker === 'vm')
    .reduce((sum, one) => sum + one.bytes, 0);
  expect(bytes).toBe(500_000);
});

test('a SYN on the ports of a connection that ended begins another', () => {
  const packet = (timeNs: number, fields: Partial<Packet>): CapturedPacket => ({
    ...{ timeNs, record: 1, interface: '' },
    packet: makePacket({
      ...{ source: ipv4(1), destination: vm, protocol: Protocol.tcp, sourcePort: 4000, destinationPort: 80 },
      ...fields,
    }),
  });
  const { flows, leftOut } = capturedFlows(
    [
      packet(0, { tcpFlags: TcpFlag.syn, sequence: 7 }),
      packet(1, { tcpFlags: TcpFlag.ack, sequence: 8, payloadBytes: 10 }),
      packet(2, { tcpFlags: TcpFlag.fin | TcpFlag.ack, sequence: 18 }),
      packet(3, { tcpFlags: TcpFlag.ack, sequence: 19 }),
      packet(4, { tcpFlags: TcpFlag.syn, sequence: 100 }),
      packet(5, { tcpFlags: TcpFlag.ack, sequence: 101, payloadBytes: 20 }),
      packet(6, { protocol: Protocol.icmp }),
      packet(7, { destination: ipv4(9) }),
    ],
    vm,
  );
  expect(flows.map(({ messages, closes }) => [messages.map(({ bytes }) => bytes), closes])).toEqual([
    [[10], 'peer'],
    [[20], 'nobody'],
  ]);
  expect([...leftOut]).toEqual([
    ['neither TCP nor UDP', 1],
    ['of other machines', 1],
  ]);
});

test('without a SYN, the end with the higher port is taken for the one that opened', () => {
  const midstream = makePacket({
    ...{ source: vm, destination: ipv4(1), sourcePort: 443, destinationPort: 50_000 },
    ...{ protocol: Protocol.tcp, tcpFlags: TcpFlag.ack, sequence: 5, payloadBytes: 100 },
  });
  const { flows } = capturedFlows([{ timeNs: 0, record: 1, interface: '', packet: midstream }], vm);
  expect(flows[0]).toMatchObject({ initiator: 'peer', port: 443, messages: [{ speaker: 'vm', bytes: 100 }] });
});

test('the machine with the most flows is taken for the VM', () => {
  const from = (source: number, destination: number): CapturedPacket => ({
    ...{ timeNs: 0, record: 1, interface: '' },
    packet: makePacket({
      source: ipv4(source),
      destination: ipv4(destination),
      protocol: Protocol.udp,
      destinationPort: 53,
    }),
  });
  expect(busiestAddress([from(1, 2), from(3, 2), from(1, 2)])).toEqual(ipv4(2));
  expect(busiestAddress([])).toBeNull();
});
