/** What a value is; the names are nft's, as in `set s { type ipv4_addr; }`. */
export type ValueType =
  | 'ipv4_addr'
  | 'ipv6_addr'
  | 'inet_proto'
  | 'inet_service'
  | 'ifname'
  | 'iface_index'
  | 'mark'
  | 'ct_state'
  | 'ct_status'
  | 'ct_dir'
  | 'ct_zone'
  | 'ct_helper'
  | 'nf_proto'
  | 'ether_type'
  | 'tcp_flag'
  | 'icmp_type'
  | 'icmp_code'
  | 'icmpv6_type'
  | 'icmpv6_code'
  | 'length';

/**
 * Where a field's value stands in the row that a packet is turned into before rules look at it: one unsigned
 * 32-bit number per slot. An address takes four slots, most significant word first; IPv4 lies in the last.
 */
export const Slot = {
  nfproto: 0,
  protocol: 1,
  source: 2,
  destination: 6,
  sourcePort: 10,
  destinationPort: 11,
  tcpFlags: 12,
  icmpType: 13,
  icmpCode: 14,
  inInterface: 15,
  outInterface: 16,
  connectionState: 17,
  connectionStatus: 18,
  connectionMark: 19,
  mark: 20,
  zone: 21,
  direction: 22,
  length: 23,
  helper: 24,
} as const;

export const slotCount = 25;

/** NFPROTO_IPV4 and NFPROTO_IPV6 (include/uapi/linux/netfilter.h). */
export const NfProto = { ipv4: 2, ipv6: 10 } as const;

/** Bits of `ct state` (NF_CT_STATE_BIT in nf_conntrack_common.h). */
export const StateBit = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;

/** Bits of `ct status` (enum ip_conntrack_status). */
export const StatusBit = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
} as const;

export interface FieldMeaning {
  readonly type: ValueType;
  readonly slot: number;
  /** The field exists in this family only; null for both. */
  readonly nfproto: number | null;
  /** The field exists in this transport protocol only; null for any. */
  readonly protocol: number | null;
}

/**
 * Every field that rules can look at. nft adds what a field depends on by itself (`tcp dport 80` also asks
 * for protocol 6, measured with `nft --debug=netlink`); nfproto and protocol state that.
 */
export const fields = {
  'meta iifname': any('ifname', Slot.inInterface),
  'meta oifname': any('ifname', Slot.outInterface),
  'meta iif': any('iface_index', Slot.inInterface),
  'meta oif': any('iface_index', Slot.outInterface),
  'meta l4proto': any('inet_proto', Slot.protocol),
  'meta nfproto': any('nf_proto', Slot.nfproto),
  'meta protocol': any('ether_type', Slot.nfproto),
  'meta mark': any('mark', Slot.mark),
  'meta length': any('length', Slot.length),
  'ip saddr': ip4('ipv4_addr', Slot.source),
  'ip daddr': ip4('ipv4_addr', Slot.destination),
  'ip protocol': ip4('inet_proto', Slot.protocol),
  'ip length': ip4('length', Slot.length),
  'ip6 saddr': ip6('ipv6_addr', Slot.source),
  'ip6 daddr': ip6('ipv6_addr', Slot.destination),
  'ip6 nexthdr': ip6('inet_proto', Slot.protocol),
  'tcp sport': transport('inet_service', Slot.sourcePort, 6),
  'tcp dport': transport('inet_service', Slot.destinationPort, 6),
  'tcp flags': transport('tcp_flag', Slot.tcpFlags, 6),
  'udp sport': transport('inet_service', Slot.sourcePort, 17),
  'udp dport': transport('inet_service', Slot.destinationPort, 17),
  'sctp sport': transport('inet_service', Slot.sourcePort, 132),
  'sctp dport': transport('inet_service', Slot.destinationPort, 132),
  'dccp sport': transport('inet_service', Slot.sourcePort, 33),
  'dccp dport': transport('inet_service', Slot.destinationPort, 33),
  'udplite sport': transport('inet_service', Slot.sourcePort, 136),
  'udplite dport': transport('inet_service', Slot.destinationPort, 136),
  'th sport': any('inet_service', Slot.sourcePort),
  'th dport': any('inet_service', Slot.destinationPort),
  'icmp type': icmp('icmp_type', Slot.icmpType, 4),
  'icmp code': icmp('icmp_code', Slot.icmpCode, 4),
  'icmpv6 type': icmp('icmpv6_type', Slot.icmpType, 6),
  'icmpv6 code': icmp('icmpv6_code', Slot.icmpCode, 6),
  'ct state': any('ct_state', Slot.connectionState),
  'ct status': any('ct_status', Slot.connectionStatus),
  'ct mark': any('mark', Slot.connectionMark),
  'ct zone': any('ct_zone', Slot.zone),
  'ct direction': any('ct_dir', Slot.direction),
  'ct helper': any('ct_helper', Slot.helper),
} satisfies Record<string, FieldMeaning>;

export type Field = keyof typeof fields;

/** Whether `text` names a field that rules can look at. */
export function isField(text: string): text is Field {
  return Object.hasOwn(fields, text);
}

function any(type: ValueType, slot: number): FieldMeaning {
  return { type, slot, nfproto: null, protocol: null };
}

function ip4(type: ValueType, slot: number): FieldMeaning {
  return { type, slot, nfproto: NfProto.ipv4, protocol: null };
}

function ip6(type: ValueType, slot: number): FieldMeaning {
  return { type, slot, nfproto: NfProto.ipv6, protocol: null };
}

function transport(type: ValueType, slot: number, protocol: number): FieldMeaning {
  return { type, slot, nfproto: null, protocol };
}

function icmp(type: ValueType, slot: number, family: 4 | 6): FieldMeaning {
  return family === 4
    ? { type, slot, nfproto: NfProto.ipv4, protocol: 1 }
    : { type, slot, nfproto: NfProto.ipv6, protocol: 58 };
}
