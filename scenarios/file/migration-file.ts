import { awaitedPhases } from '../../models/migration/phase-signals.ts';
import { defaults } from './defaults.ts';
import { delayOr } from './delay.ts';
import { choice, count, name, quantity, quantityOr } from './field.ts';
import { mapping } from './mapping.ts';
import { policyOrNone } from './vm-file.ts';
import { z } from 'zod';

export const afterPhase = mapping({
  migration: name('a migration of the list'),
  phase: choice(
    awaitedPhases,
    'the phase of it that starts this: the first of its attempts to get there; `failed`: the last one has failed',
  ),
  delay: quantity('time', 'time from that phase on').default(0),
});

/** What a scheduler does about a migration that failed, for whatever reason, while the VM runs on at the source. */
const retryFile = mapping({
  attempts: count('how often it is tried in all; each try is a migration of its own in the results', 1, 100),
  pause: quantity('time', 'from a failure to the next try; `give_up` counts anew').default(
    defaults.migration.retryPause,
  ),
});

export const migrationFile = mapping({
  name: name('name of the migration; without it the VM’s, numbered from the second on').optional(),
  count: count('how many such migrations; {i} counts', 1, 100_000).default(1),
  vm: name('the VM that moves'),
  source: name('from where; without it from where the list has left the VM').optional(),
  destination: name('to which host'),
  scheme: name('how: a scheme of this file, or a preset (nseh list schemes)').default(
    defaults.migration.scheme,
  ),
  at: quantity('time', 'when it is requested; 10 s where neither `at` nor `after` is written').optional(),
  after: afterPhase.optional().meta({ description: 'starts when another migration reaches a phase' }),
  give_up: quantityOr(
    'time',
    'never',
    'it is given up when it has not committed this long after its request',
  ).default(defaults.migration.giveUp),
  retry: retryFile
    .default({ attempts: 1, pause: defaults.migration.retryPause })
    .meta({ description: 'whether a migration that failed is tried again; by default it is not' }),
});

/** A new policy for a VM; each host gets it after its own delay. */
export const policyUpdateFile = mapping({
  vm: name('whose policy changes'),
  at: quantity('time', 'when the controller sends it'),
  policy: policyOrNone,
  delay: delayOr('never', 'how long after that a host has it; drawn for each host and update').default(
    defaults.controller.delay,
  ),
  delays: z
    .record(z.string(), delayOr('never', 'how long after that this host has it'))
    .default({})
    .meta({ description: 'hosts whose delay is another one, by name' }),
});
