import { otherEnd } from '../../models/workload/flow-ends.ts';
import { formatAddress, sameAddress, type Address } from '../../models/network/address.ts';
import { Protocol, TcpFlag, timestampBytes, type Packet } from '../../models/network/packet.ts';
import type { RecordedFlow, RecordedMessage } from '../../models/workload/recorded-flows.ts';
import { ms } from '../../sim/time.ts';
import type { CapturedPacket } from '../capture/capture.ts';

/** A flow of a capture, and the address at its other end. */
export interface CapturedFlow extends RecordedFlow {
  readonly remote: Address;
}

/** The flows of one machine, and what of the capture is not in them. */
export interface CapturedFlows {
  readonly flows: readonly CapturedFlow[];
  /** Packets by why they belong to no flow. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/**
 * The TCP and UDP flows between a machine and others, each with who opened it, who said how much, and when, and who
 * closed it when, each half by itself. Bytes of TCP count when they are seen first, and those of one write as one message. A SYN on the ports of an earlier connection begins a new one; where the capture
 * has no SYN, the end with the higher port is taken for the one that opened.
 */
export function capturedFlows(packets: readonly CapturedPacket[], machine: Address): CapturedFlows {
  const flows: FlowBuilder[] = [];
  const open = new Map<string, FlowBuilder>();
  const leftOut = new Map<string, number>();
  for (const { packet, timeNs } of packets) {
    const reason = whyNot(packet, machine);
    if (reason !== null) {
      leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
      continue;
    }
    const fromVm = sameAddress(packet.source, machine);
    const remote = fromVm ? packet.destination : packet.source;
    const ports = fromVm
      ? [packet.sourcePort, packet.destinationPort]
      : [packet.destinationPort, packet.sourcePort];
    const key = `${packet.protocol} ${formatAddress(remote)} ${ports.join(' ')}`;
    let flow = open.get(key);
    if (flow === undefined || flow.isFollowedBy(packet)) {
      flow = new FlowBuilder(packet, fromVm, timeNs);
      open.set(key, flow);
      flows.push(flow);
    }
    flow.add(packet, fromVm ? 'vm' : 'peer', timeNs);
  }
  const startNs = flows[0]?.startNs ?? 0;
  return { flows: flows.map((flow) => flow.build(startNs)), leftOut };
}

/** The address that takes part in the most flows, the first of them; null in a capture without flows. */
export function busiestAddress(packets: readonly CapturedPacket[]): Address | null {
  const peers = new Map<string, { readonly address: Address; readonly flows: Set<string> }>();
  for (const { packet } of packets) {
    if (packet.protocol !== Protocol.tcp && packet.protocol !== Protocol.udp) continue;
    const ends = [
      { address: packet.source, port: packet.sourcePort },
      { address: packet.destination, port: packet.destinationPort },
    ];
    const flow = ends.map(({ address, port }) => `${formatAddress(address)} ${port}`).sort();
    for (const { address } of ends) {
      const name = formatAddress(address);
      const entry = peers.get(name) ?? { address, flows: new Set<string>() };
      peers.set(name, entry);
      entry.flows.add(`${packet.protocol} ${flow.join(' ')}`);
    }
  }
  const [first, ...others] = peers.values();
  if (first === undefined) return null;
  return others.reduce((best, entry) => (entry.flows.size > best.flows.size ? entry : best), first).address;
}

function whyNot(packet: Packet, machine: Address): string | null {
  if (packet.protocol !== Protocol.tcp && packet.protocol !== Protocol.udp) return 'neither TCP nor UDP';
  if (packet.fragmentOffsetBytes > 0) return 'later fragment';
  const source = sameAddress(packet.source, machine);
  const destination = sameAddress(packet.destination, machine);
  if (source && destination) return 'from the machine to itself';
  return source || destination ? null : 'of other machines';
}

/** What one end writes within this counts as written at once: a choice. */
const sameWriteNs = 10 * ms;

/** The largest IP packet of an Ethernet frame (RFC 894). */
const ethernetBytes = 1500;

/** Gathers one flow. */
class FlowBuilder {
  readonly startNs: number;
  private readonly remote: Address;
  private readonly protocol: 'tcp' | 'udp';
  private readonly initiator: 'peer' | 'vm';
  private readonly port: number;
  private readonly messages: RecordedMessage[] = [];
  /** The sequence number after the last byte seen of each end; null before its first. */
  private readonly next: Record<'peer' | 'vm', number | null> = { peer: null, vm: null };
  /** The largest segment that either end has said it takes (RFC 9293, 3.7.1); what Ethernet carries where the capture has no SYN. */
  private segmentBytesMax: number;
  /** Whether the write of the last message goes on, see {@link endsWrite}. */
  private writes = false;
  private closes: 'peer' | 'vm' | 'nobody' = 'nobody';
  private closesNs = 0;
  /** When the other end closed; -1 before. */
  private otherClosesNs = -1;

  constructor(first: Packet, fromVm: boolean, startNs: number) {
    this.startNs = startNs;
    this.remote = fromVm ? first.destination : first.source;
    this.segmentBytesMax = ethernetBytes - (first.source.family === 4 ? 40 : 60);
    this.protocol = first.protocol === Protocol.tcp ? 'tcp' : 'udp';
    const opens =
      this.protocol === 'udp' || isFirstSyn(first) || (!isSynAck(first) && !looksLikeAnswer(first));
    this.initiator = opens === fromVm ? 'vm' : 'peer';
    this.port = opens ? first.destinationPort : first.sourcePort;
  }

  /** Whether the packet begins another connection on the same ports. */
  isFollowedBy(packet: Packet): boolean {
    return isFirstSyn(packet) && (this.closes !== 'nobody' || this.messages.length > 0);
  }

  add(packet: Packet, speaker: 'peer' | 'vm', timeNs: number): void {
    if (this.protocol === 'udp') {
      this.say(speaker, timeNs, Math.max(1, packet.payloadBytes), false);
      return;
    }
    if (packet.maximumSegmentBytes >= 0)
      this.segmentBytesMax = Math.min(this.segmentBytesMax, packet.maximumSegmentBytes);
    if (packet.payloadBytes > 0) this.hear(packet, speaker, timeNs);
    if ((packet.tcpFlags & (TcpFlag.fin | TcpFlag.rst)) === 0) return;
    if (this.closes === 'nobody') {
      this.closes = speaker;
      this.closesNs = timeNs;
    } else if (speaker !== this.closes && this.otherClosesNs < 0) this.otherClosesNs = timeNs;
  }

  build(captureNs: number): CapturedFlow {
    const { remote, protocol, initiator, port, messages, closes, startNs } = this;
    const lastNs = (end: 'peer' | 'vm'): number =>
      messages.findLast(({ speaker }) => speaker === end)?.atNs ?? 0;
    const atNs = Math.max(0, startNs - captureNs);
    const flow = { remote, protocol, initiator, port, messages, closes, atNs };
    if (closes === 'nobody') return { ...flow, closesAtNs: 0, otherClosesAtNs: 0 };
    // Where packets were captured in another order, an end seems to speak after it has closed.
    const closesAtNs = Math.max(lastNs(closes), this.closesNs - startNs);
    const lastOfOtherNs = lastNs(otherEnd(closes));
    const otherNs = this.otherClosesNs < 0 ? lastOfOtherNs : this.otherClosesNs - startNs;
    return { ...flow, closesAtNs, otherClosesAtNs: otherNs > closesAtNs ? otherNs : 0 };
  }

  /** Counts the bytes that were not seen before; those that the capture missed count with the ones after them. */
  private hear(packet: Packet, speaker: 'peer' | 'vm', timeNs: number): void {
    const { sequence, payloadBytes } = packet;
    const end = (sequence + payloadBytes) >>> 0;
    const bytes = (end - (this.next[speaker] ?? sequence)) | 0;
    if (bytes <= 0) return;
    this.next[speaker] = end;
    this.say(speaker, timeNs, bytes, true);
    this.writes = !this.endsWrite(packet);
  }

  /**
   * Whether a write ends with the segment, as far as it says: it asks to be pushed (RFC 9293, 3.9.1.2) and is not filled to the last byte. Linux asks
   * that of all that it hands down as several segments, since 5.5 (net/ipv4/tcp_output.c, __tcp_transmit_skb), wherever a window ends.
   */
  private endsWrite({ tcpFlags, payloadBytes, timestamp }: Packet): boolean {
    const fullBytes = this.segmentBytesMax - (timestamp >= 0 ? timestampBytes : 0);
    return (tcpFlags & TcpFlag.psh) !== 0 && payloadBytes % fullBytes !== 0;
  }

  private say(speaker: 'peer' | 'vm', timeNs: number, bytes: number, joins: boolean): void {
    const last = this.messages.at(-1);
    const follows = this.writes || timeNs - this.startNs - (last?.atNs ?? 0) <= sameWriteNs;
    if (joins && follows && last?.speaker === speaker)
      this.messages[this.messages.length - 1] = { ...last, bytes: last.bytes + bytes };
    else this.messages.push({ speaker, atNs: Math.max(0, timeNs - this.startNs), bytes });
  }
}

function isFirstSyn({ protocol, tcpFlags }: Packet): boolean {
  return protocol === Protocol.tcp && (tcpFlags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
}

function isSynAck({ tcpFlags }: Packet): boolean {
  const both = TcpFlag.syn | TcpFlag.ack;
  return (tcpFlags & both) === both;
}

function looksLikeAnswer({ sourcePort, destinationPort }: Packet): boolean {
  return sourcePort < destinationPort;
}
