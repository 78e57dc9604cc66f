import { microseconds, seconds } from '../../sim/time.ts';
import { assumed, published, readInSource, type Mark } from './mark.ts';

type Marked<T> = readonly [T, Mark];

/** What every engine but the firewall has, as files call it, where a scenario says nothing; base units. */
interface CommonDefaults {
  readonly version: Marked<number>;
  readonly exports: Marked<'full' | 'partial' | 'none'>;
  readonly items_max: Marked<number>;
  readonly packet_cost: Marked<number>;
  readonly item_size: Marked<number>;
  readonly export_cost: Marked<number>;
  readonly import_cost: Marked<number>;
}

const cpu = assumed('CPU as for a connection entry on Linux 6.18.44, measured: results/reference/costs.json');
const lookup = assumed('a hash lookup: Linux, a conntrack lookup more a packet, measured: 100 ns');
const whole = assumed('an engine that can export what it holds');

function common(itemBytes: number, size: Mark): CommonDefaults {
  return {
    version: [1, assumed('the same at both ends')],
    exports: ['full', whole],
    items_max: [Infinity, assumed('no limit')],
    packet_cost: [100, lookup],
    item_size: [itemBytes, size],
    export_cost: [microseconds(1.2), cpu],
    import_cost: [microseconds(1.46), cpu],
  };
}

/** Defaults of the engines beside the firewall, with where each comes from. */
export const engineDefaults = {
  'source-guard': {
    ...common(48, assumed('MAC, address, port and lease with their framing: 30 to 60 bytes')),
    lease: [seconds(86_400), assumed('a day, as many DHCP servers grant')],
    unbound: ['drop', assumed('IP source guard fails closed')],
  },
  nat: {
    ...common(
      220,
      assumed(
        'a connection entry of 188 bytes on the wire, measured on Linux 6.18.44, and its NAT attributes',
      ),
    ),
  },
  'intrusion-prevention': {
    ...common(256, assumed('a flow with two streams; what waits for inspection comes on top')),
    attempts_max: [5, assumed('a common threshold of scan detection')],
    window: [seconds(60), assumed('count and seconds of a threshold are a rule’s own')],
    block: [seconds(600), assumed('a block is a rule’s own')],
    midstream: [
      'drop',
      readInSource('Suricata 7: stream.midstream off; exception policy drop-flow for inline prevention'),
    ],
    flow_timeout: [seconds(300), readInSource('Suricata, flow-timeouts.tcp.established: 300')],
    packet_cost: [microseconds(2), assumed('as much again as a firewall’s whole path')],
  },
  'rate-limiter': {
    ...common(24, assumed('a key, tokens and a time: 16 to 32 bytes')),
    per: ['vm', assumed('one limit for a VM')],
    fresh: ['full', published('RFC 2697, section 3: buckets are initially full')],
  },
  'syn-proxy': {
    ...common(32, assumed('offset, time-stamp offset and the connection’s ends')),
    secret: [1, assumed('of the host; a kernel draws its own')],
    unknown: ['pass', readInSource('Linux, nf_conntrack_seqadj.c: without the extension nothing is shifted')],
    offset_timeout: [seconds(432_000), readInSource('Linux, nf_conntrack_tcp_timeout_established')],
  },
  ipsec: {
    ...common(1024, assumed('keys, lifetimes and selectors of two SAs; the window comes on top')),
    window: [64, published('RFC 4303, section 3.4.3: 64 by default, at least 32')],
    keys: ['negotiated', assumed('by IKE; a host that does not have them cannot take part')],
    packet_cost: [microseconds(2), assumed('a packet of 1,500 bytes with AES-GCM in hardware')],
  },
} as const satisfies Readonly<Record<string, CommonDefaults & Readonly<Record<string, Marked<unknown>>>>>;

/** The mark of an engine's default, null for what has none. */
export function markOfDefault(kind: string, key: string): Mark | null {
  const defaults: Readonly<Record<string, Readonly<Record<string, Marked<unknown>>>>> = engineDefaults;
  return defaults[kind]?.[key]?.[1] ?? null;
}
