import { z } from 'zod';
import { defaults } from './defaults.ts';
import { itemEngineFiles } from './engine-file.ts';
import { address, choice, count, factor, name, quantity, share } from './field.ts';
import { kinds, list, mapping } from './mapping.ts';
import { trackingFile } from './tracking-file.ts';

/** One direction of a wire; both directions of a cable are alike. */
export const linkFile = mapping({
  rate: quantity('rate', 'what the link carries').default(defaults.link.rate),
  delay: quantity('time', 'propagation delay').default(defaults.link.delay),
  queue: quantity('size', 'bytes that may wait; what is beyond is dropped').default(defaults.link.queue),
  loss: share('probability that a frame of up to 1500 bytes is lost').default(defaults.link.loss),
}).meta({ description: 'the cable to the switch; both directions are alike' });

/** A security engine of a host. */
export const engineFile = kinds([
  mapping({
    kind: z.literal('stateful-firewall').meta({ description: 'ordered rules with connection tracking' }),
    name: name('name of the engine in results').default(defaults.firewall.name),
    table: choice(
      ['per-vm', 'per-zone', 'marked', 'shared'],
      'how entries of different VMs are told apart: a table or zone per VM, marks in one table, not at all',
    ).default(defaults.firewall.table),
    tracking: trackingFile
      .prefault({})
      .meta({ description: 'connection tracking, settings as Linux has them' }),
    packet_cost: quantity('time', 'CPU time per packet').default(defaults.firewall.packetCost),
    rule_cost: quantity('time', 'CPU time per rule evaluated').default(defaults.firewall.ruleCost),
    new_entry_cost: quantity('time', 'CPU time per new entry').default(defaults.firewall.newEntryCost),
  }),
  ...itemEngineFiles,
]);

export const hostFile = mapping({
  name: name('name of the host'),
  count: count('how many such hosts; names then hold {i}', 1, 10_000).default(1),
  memory: quantity('size', 'memory for VMs').default(defaults.host.memory),
  cpus: count('CPUs that filtering, copying and context transfers share', 1, 4096).default(
    defaults.host.cpus,
  ),
  link: linkFile.prefault({}),
  migration_link: z
    .union([choice(['shared'], 'migrations use the link of the VMs'), linkFile])
    .default('shared')
    .meta({ description: 'the link that migrations use: `shared`, or a link of its own' }),
  nse: list(engineFile)
    .prefault([{ kind: 'stateful-firewall' }])
    .meta({ description: 'security engines, in the order in which packets meet them on the way in' }),
  cost_scale: factor('multiplies every CPU cost: older hardware is slower', 0, 1000).default(
    defaults.host.costScale,
  ),
});

export const peerFile = mapping({
  name: name('name of the peer, a machine outside that never moves'),
  count: count('how many such peers; names then hold {i}, addresses count up', 1, 10_000).default(1),
  address: address('address of the peer'),
  link: linkFile.prefault({}),
});
