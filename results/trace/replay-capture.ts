import type { ReplayedPacket } from '../replay.ts';
import { writePcapng } from './write-capture.ts';

/** The packets of a replay as a pcapng file, each with its verdict as a comment; `startNs` since 1970. */
export function replayCapture(packets: readonly ReplayedPacket[], startNs: bigint): Uint8Array {
  return writePcapng(
    packets.map((each) => ({
      timeNs: startNs + BigInt(each.timeNs),
      interface: each.passage.inInterface,
      packet: each.packet,
      comment: replayComment(each),
    })),
  );
}

/** `verdict=DROP cause=rule conntrack=NEW rules=3`. */
export function replayComment({
  verdict,
  cause,
  connectionState,
  tcpState,
  rulesEvaluated,
}: ReplayedPacket): string {
  const parts = [`verdict=${verdict.toUpperCase()}`];
  if (cause !== null) parts.push(`cause=${cause}`);
  if (connectionState !== null) parts.push(`conntrack=${connectionState.toUpperCase()}`);
  if (tcpState !== null) parts.push(`state=${tcpState}`);
  parts.push(`rules=${rulesEvaluated}`);
  return parts.join(' ');
}
