import { changedPacket, partOf, Protocol, type Packet } from '../../../models/network/packet.ts';
import { linux6, stampedSegmentBytes } from '../../../models/network/tcp-settings.ts';
import type { Passage } from '../../../models/security/nse.ts';
import type { StatefulFirewall } from '../../../models/security/stateful-firewall.ts';
import type { Writable } from '../../../sim/writable.ts';

/** Payload of a frame of 1514 bytes, with the time stamps that every segment of Linux carries. */
export const frameBytes = stampedSegmentBytes(linux6);

/**
 * Puts a packet through a firewall frame by frame, as without segmentation offload. What is left of it goes on in
 * as few pieces as it has gaps.
 */
export function passFrames(
  firewall: StatefulFirewall,
  packet: Packet,
  passage: Passage,
  nowNs: number,
  leave: (packet: Packet) => void,
): void {
  if (packet.protocol !== Protocol.tcp || packet.payloadBytes <= frameBytes) {
    if (firewall.inspect(packet, passage, nowNs).verdict === 'accept') leave(packet);
    return;
  }
  // One record for all frames of the packet: the firewall looks at it and does not keep it.
  const frame: Writable<Packet> = changedPacket(packet, {});
  let start = 0;
  for (let at = 0; at < packet.payloadBytes; at += frameBytes) {
    const end = Math.min(at + frameBytes, packet.payloadBytes);
    frame.sequence = (packet.sequence + at) >>> 0;
    frame.payloadBytes = end - at;
    if (firewall.inspect(frame, passage, nowNs).verdict === 'accept') continue;
    if (at > start) leave(partOf(packet, start, at));
    start = end;
  }
  if (start < packet.payloadBytes) leave(partOf(packet, start, packet.payloadBytes));
}
