import { z } from 'zod';
import { choice, factor, name, quantity, quantityOr, share } from './field.ts';
import { kinds, mapping } from './mapping.ts';
import { afterPhase } from './migration-file.ts';

const shared = {
  host: name('the host where it happens'),
  at: quantity('time', 'when it begins').optional(),
  after: afterPhase.optional().meta({ description: 'begins when a migration reaches a phase' }),
  for: quantityOr('time', 'ever', 'how long it lasts').default(Infinity),
};

const cable = choice(['vms', 'migrations'], 'the cable of its VMs, or the one that migrations use');

/** What goes wrong. */
export const faultFile = kinds([
  mapping({
    kind: z.literal('link-cut').meta({ description: 'a cable of the host carries nothing' }),
    ...shared,
    link: cable.default('migrations'),
  }),
  mapping({
    kind: z.literal('link-loss').meta({ description: 'a cable of the host loses frames' }),
    ...shared,
    link: cable.default('vms'),
    loss: share('probability that a frame of up to 1500 bytes is lost', 0, 0.999),
  }),
  mapping({
    kind: z.literal('host-crash').meta({
      description: 'the host dies: VMs on it end, its cables carry nothing, and a migration loses that side',
    }),
    ...shared,
  }),
  mapping({
    kind: z.literal('daemon-crash').meta({
      description: 'the process that migrates VMs dies; VMs and engines go on, and no VM is taken in',
    }),
    ...shared,
  }),
  mapping({ kind: z.literal('refusal').meta({ description: 'the host takes no VM in' }), ...shared }),
  mapping({
    kind: z.literal('slowness').meta({ description: 'context work takes longer' }),
    ...shared,
    factor: factor('so many times as long', 1, 1_000_000),
  }),
]);
