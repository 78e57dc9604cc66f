import { z } from 'zod';
import { engineDefaults } from '../presets/engine-defaults.ts';
import { address, choice, count, countOrUnlimited, name, quantity } from './field.ts';
import { list, mapping } from './mapping.ts';

type Kind = keyof typeof engineDefaults;

/** What every engine that keeps items under keys has. */
function shared<K extends Kind>(kind: K, means: string) {
  const byDefault = engineDefaults[kind];
  return {
    kind: z.literal(kind).meta({ description: means }),
    name: name('name of the engine in results, the same at source and destination').default(kind),
    version: count('items of another version cannot be loaded', 1, 1_000_000).default(byDefault.version[0]),
    exports: choice(
      ['full', 'partial', 'none'],
      'what its interface gives away of the items: whole, without what only the engine knows, or nothing',
    ).default(byDefault.exports[0]),
    items_max: countOrUnlimited('items above which new ones are refused', 1).default(byDefault.items_max[0]),
    packet_cost: quantity('time', 'CPU time per packet').default(byDefault.packet_cost[0]),
    item_size: quantity('size', 'an item on the wire').default(byDefault.item_size[0]),
    export_cost: quantity('time', 'CPU time of the source for an item').default(byDefault.export_cost[0]),
    import_cost: quantity('time', 'CPU time of the destination for an item').default(
      byDefault.import_cost[0],
    ),
  };
}

const guard = engineDefaults['source-guard'];
const ips = engineDefaults['intrusion-prevention'];
const limiter = engineDefaults['rate-limiter'];
const proxy = engineDefaults['syn-proxy'];
const { ipsec } = engineDefaults;

/** The engines of a host beside the firewall. */
export const itemEngineFiles = [
  mapping({
    ...shared(
      'source-guard',
      'a VM sends only from addresses that are bound to its interface, as learnt from DHCP',
    ),
    lease: quantity('time', 'of an address; renewed after half of it').default(guard.lease[0]),
    unbound: choice(['drop', 'pass'], 'what a VM without any binding may send until then').default(
      guard.unbound[0],
    ),
  }),
  mapping({
    ...shared('nat', 'connections that VMs open to peers leave under an outer address'),
    outer: choice(
      ['host', 'gateway', 'vm'],
      'whose the outer address is: each host has one, a gateway has one for all, or each VM has its own',
    ),
    address: address('the outer address; with `vm` that of the first VM, the others count up'),
  }),
  mapping({
    ...shared('intrusion-prevention', 'flows are put together and inspected; who tries too often is blocked'),
    attempts_max: count('attempts by one other end within the window; then it is blocked', 1).default(
      ips.attempts_max[0],
    ),
    window: quantity('time', 'of the count').default(ips.window[0]),
    block: quantity('time', 'how long').default(ips.block[0]),
    midstream: choice(['drop', 'pass'], 'a connection whose start it has not seen').default(ips.midstream[0]),
    flow_timeout: quantity('time', 'lifetime of a silent flow').default(ips.flow_timeout[0]),
  }),
  mapping({
    ...shared('rate-limiter', 'a token bucket for what comes in'),
    rate: quantity('rate', 'at which buckets fill'),
    burst: quantity('size', 'what a full bucket holds'),
    per: choice(['vm', 'peer'], 'one bucket for a VM, or one for each other end').default(limiter.per[0]),
    fresh: choice(['full', 'empty'], 'a bucket that nothing is known of').default(limiter.fresh[0]),
  }),
  mapping({
    ...shared(
      'syn-proxy',
      'sequence numbers of connections to a VM are off by what a SYN proxy answered with',
    ),
    secret: count('makes the offsets of this host', 0, 2 ** 32 - 1).default(proxy.secret[0]),
    unknown: choice(['pass', 'drop', 'reset'], 'a segment whose offset is lost').default(proxy.unknown[0]),
    offset_timeout: quantity('time', 'lifetime of the offset of a silent connection').default(
      proxy.offset_timeout[0],
    ),
  }),
  mapping({
    ...shared('ipsec', 'ESP between VMs and peers: sequence numbers and replay windows'),
    peers: list(name('a peer')).meta({ description: 'the other ends' }),
    window: count('sequence numbers that are remembered below the highest', 32, 4096).default(
      ipsec.window[0],
    ),
    keys: choice(['negotiated', 'manual'], 'keys are lost with the SA, or are part of the rules').default(
      ipsec.keys[0],
    ),
  }),
] as const;
