import { z } from 'zod';
import { defaults } from './defaults.ts';
import { delay } from './delay.ts';
import { itemEngineFiles } from './engine-file.ts';
import { address, choice, count, factor, flag, name, quantity, share } from './field.ts';
import { kinds, list, mapping } from './mapping.ts';
import { trackingFile } from './tracking-file.ts';
import { policyFile } from './vm-file.ts';

/** One direction of a wire; both directions of a cable are alike. */
const linkFile = mapping({
  rate: quantity('rate', 'what the link carries').default(defaults.link.rate),
  delay: quantity('time', 'propagation delay').default(defaults.link.delay),
  queue: quantity('size', 'bytes that may wait; what is beyond is dropped').default(defaults.link.queue),
  loss: share('probability that a frame of up to 1500 bytes is lost').default(defaults.link.loss),
  jitter: quantity('time', 'each packet arrives later by a draw, uniform from 0 to this').default(
    defaults.link.jitter,
  ),
  reorders: flag('with `jitter`: packets overtake one another').default(defaults.link.reorders),
  queueing: choice(
    ['drop-tail', 'fair'],
    'who is served next: the oldest packet, or flows in turn (deficit round robin)',
  ).default(defaults.link.queueing),
}).meta({ description: 'the cable to the switch; both directions are alike' });

/** What a machine's frames come back by, where paths are not symmetric. */
const returnLinkFile = z
  .union([choice(['same'], 'both directions are alike'), linkFile])
  .default('same')
  .meta({ description: 'the link by which the machine receives: `same`, or another one' });

const firewallFile = mapping({
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
});

/** A security engine of a host. */
export const engineFile = kinds([firewallFile, ...itemEngineFiles]);

/** Of a cable, which belongs to no VM. */
const middleboxEngineFile = kinds([firewallFile]);

export const hostFile = mapping({
  name: name('name of the host'),
  count: count('how many such hosts; names then hold {i}', 1, 10_000).default(1),
  memory: quantity('size', 'memory for VMs').default(defaults.host.memory),
  cpus: factor('CPUs that filtering, copying, context transfers and guests share', 0.01, 4096).default(
    defaults.host.cpus,
  ),
  control: mapping({
    weight: factor('of the host’s own work against guests, whose weight is 256', 0.001, 1e6).default(
      defaults.host.controlWeight,
    ),
    reserved: factor('CPUs that it gets ahead of guests, as far as it wants them', 0, 4096).default(
      defaults.host.controlReserved,
    ),
    cpus_max: factor('CPUs that it can use at most; `cpus` without it', 0.01, 4096).optional(),
  })
    .prefault({})
    .meta({
      description: 'what filters, copies and moves context: the control domain, or the host’s kernel',
    }),
  copy_cost: quantity('time', 'CPU time per page of 4 KiB that a migration sends or receives').default(
    defaults.host.copyCost,
  ),
  change_tracking: mapping({
    always: flag('every new entry is reported all the time, as to a replica').default(false),
    cost: quantity('time', 'CPU time for each entry that is reported').default(defaults.host.changeCost),
  })
    .prefault({})
    .meta({ description: 'what keeping a copy of the tables elsewhere up to date costs' }),
  packet_queue: count('packets that may wait for a CPU; what is beyond is dropped', 1, 1e9).default(
    defaults.host.packetQueue,
  ),
  link: linkFile.prefault({}),
  return_link: returnLinkFile,
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
  return_link: returnLinkFile,
});

/** An engine in the cable of a machine. */
export const middleboxFile = mapping({
  name: name('name of the middlebox'),
  at: name('the peer or host in whose cable it stands'),
  sees: choice(
    ['both', 'outgoing', 'incoming'],
    'which frames pass it: all, or those that the machine sends or receives',
  ).default('both'),
  engine: middleboxEngineFile
    .prefault({ kind: 'stateful-firewall' })
    .meta({ description: 'the engine; its rules belong to the cable, so that its table is not cut' }),
  policy: policyFile.meta({
    description: 'its rules, in which `int0` is the machine’s side and `ext0` the network’s',
  }),
});

/** Tunnels between hosts and peers. */
export const overlayFile = mapping({
  encapsulation: quantity('size', 'outer headers of each frame, from the outer IP header on').default(
    defaults.overlay.encapsulation,
  ),
  mtu: quantity('size', 'largest IP packet that the links carry, outer headers included').default(
    defaults.overlay.mtu,
  ),
  learn: delay('from a VM’s announcement to the moment at which a recipient has the controller’s update'),
});
