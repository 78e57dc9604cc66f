import { milliseconds, seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { SessionsValues, WorkloadPreset } from '../workload-preset.ts';
import { oltpMemory } from './working-sets.ts';

/** A database behind an application: a pool of connections that live as long as the run. */
export const oltp: WorkloadPreset<'oltp', SessionsValues> = {
  name: 'oltp',
  summary: 'short transactions over long-lived connections to a database; OSDB-OLTP’s memory',
  values: {
    initiator: 'peer',
    asks: 'peer',
    port: 5432,
    users: 16,
    arrivals: 'closed',
    requests: Infinity,
    request: { kind: 'constant', bytes: 200 },
    response: { kind: 'exponential', meanBytes: 1000 },
    piece: Infinity,
    think: { kind: 'exponential', meanNs: milliseconds(50) },
    rest: { kind: 'constant', ns: seconds(0) },
    opening: [
      { from: 'peer', size: { kind: 'constant', bytes: 80 } },
      { from: 'vm', size: { kind: 'constant', bytes: 24 } },
      { from: 'peer', size: { kind: 'constant', bytes: 55 } },
      { from: 'vm', size: { kind: 'constant', bytes: 400 } },
    ],
    closes: 'nobody',
  },
  marks: {
    initiator: assumed('applications open connections to their database'),
    asks: assumed('the application queries'),
    port: published('PostgreSQL documentation: default port'),
    users: assumed('a small pool'),
    arrivals: assumed('a pool is a closed loop'),
    requests: assumed('pooled connections are kept'),
    request: assumed('one statement'),
    response: assumed('a few rows'),
    piece: assumed('an answer counts as one message'),
    think: assumed('20 transactions a second and connection'),
    rest: assumed('connections are not closed'),
    opening: assumed('start-up, request for a password, password, readiness; sizes of PostgreSQL’s messages'),
    closes: assumed('pooled connections are kept'),
  },
  memory: oltpMemory,
};
