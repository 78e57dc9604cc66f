import { NfProto, StateBit, StatusBit } from '../../models/security/rule-field.ts';
import type { ValueType } from '../../models/security/rule-field.ts';

type Symbols = Readonly<Record<string, number>>;

/** IANA protocol numbers by the names that nft prints and those that people write (/etc/protocols). */
const protocols: Symbols = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  egp: 8,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
};

/** Services that rule sets name (IANA Service Name and Transport Protocol Port Number Registry). */
const services: Symbols = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  'netbios-ns': 137,
  'netbios-dgm': 138,
  'netbios-ssn': 139,
  imap2: 143,
  imap: 143,
  snmp: 161,
  'snmp-trap': 162,
  snmptrap: 162,
  bgp: 179,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  submissions: 465,
  isakmp: 500,
  syslog: 514,
  submission: 587,
  'dhcpv6-client': 546,
  'dhcpv6-server': 547,
  ldaps: 636,
  domains: 853,
  'domain-s': 853,
  rsync: 873,
  imaps: 993,
  pop3s: 995,
  openvpn: 1194,
  'ms-sql-s': 1433,
  nfs: 2049,
  'iscsi-target': 3260,
  mysql: 3306,
  'ms-wbt-server': 3389,
  'ipsec-nat-t': 4500,
  sip: 5060,
  'sip-tls': 5061,
  mdns: 5353,
  postgresql: 5432,
  x11: 6000,
  redis: 6379,
  'http-alt': 8080,
};

const icmpTypes: Symbols = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
};

const icmpCodes: Symbols = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};

const icmpv6Types: Symbols = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
};

const icmpv6Codes: Symbols = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
};

const tcpFlags: Symbols = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 };

/** Codes of `reject with icmpx` (enum nft_reject_inet_code). */
export const icmpxCodes: Symbols = {
  'no-route': 0,
  'port-unreachable': 1,
  'host-unreachable': 2,
  'admin-prohibited': 3,
};

/** Names of values by type, as `nft describe` lists them (nft 1.0.6). */
export const symbols: Readonly<Partial<Record<ValueType, Symbols>>> = {
  inet_proto: protocols,
  inet_service: services,
  nf_proto: NfProto,
  // Kept as the family that the type stands for: a packet here is either.
  ether_type: { ip: NfProto.ipv4, ip6: NfProto.ipv6 },
  ct_state: StateBit,
  ct_status: StatusBit,
  ct_dir: { original: 0, reply: 1 },
  tcp_flag: tcpFlags,
  icmp_type: icmpTypes,
  icmp_code: icmpCodes,
  icmpv6_type: icmpv6Types,
  icmpv6_code: icmpv6Codes,
};

/** The number that a name stands for. */
export function symbolValue(type: ValueType, name: string): number | undefined {
  const table = symbols[type];
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The first name of a number, as nft prints it; undefined when it has none. */
export function symbolName(type: ValueType, value: number): string | undefined {
  // nft prints ports as numbers unless it is asked for names.
  if (type === 'inet_service') return undefined;
  return Object.entries(symbols[type] ?? {}).find(([, number]) => number === value)?.[0];
}

/** Largest number that a value of the type can hold. */
export function valueMax(type: ValueType): number {
  if (type === 'inet_service' || type === 'ct_zone' || type === 'length') return 0xffff;
  return byteTypes.has(type) ? 0xff : 0xffff_ffff;
}

const byteTypes: ReadonlySet<ValueType> = new Set([
  'inet_proto',
  'nf_proto',
  'ether_type',
  'tcp_flag',
  'icmp_type',
  'icmp_code',
  'icmpv6_type',
  'icmpv6_code',
  'ct_dir',
]);
