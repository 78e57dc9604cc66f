import { Protocol, type Packet } from '../network/packet.ts';
import type { Attachment } from './attachment.ts';
import { openUdp, opensQuery, trackOther, trackUdp } from './datagram-tracking.ts';
import { isIcmp } from './icmp-quotation.ts';
import { openTcp, trackTcp, TrackOutcome, type TrackingContext } from './tcp-tracking.ts';

/**
 * Lets the attached entry follow its packet by the rules of its protocol, from the start if the entry is `fresh`.
 * Returns a {@link TrackOutcome}. Source: Linux 6.18, nf_conntrack_core.c, `nf_conntrack_handle_packet`.
 */
export function followPacket(
  attachment: Attachment,
  packet: Packet,
  fresh: boolean,
  context: TrackingContext,
): number {
  const { words, base } = attachment;
  const { protocol } = packet;
  if (protocol === Protocol.tcp) {
    if (fresh && !openTcp(words, base, packet, context.settings)) return TrackOutcome.invalid;
    return trackTcp(words, base, attachment.direction, packet, context);
  }
  if (protocol === Protocol.udp) {
    if (fresh) openUdp(words, base, context);
    trackUdp(words, base, context);
    return TrackOutcome.accept;
  }
  if (fresh && isIcmp(packet) && !opensQuery(protocol, packet.icmpType)) return TrackOutcome.invalid;
  trackOther(words, base, protocol, context);
  return TrackOutcome.accept;
}
