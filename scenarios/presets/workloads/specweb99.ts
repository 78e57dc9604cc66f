import { milliseconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { SessionsValues, WorkloadPreset } from '../workload-preset.ts';
import { specwebFiles, specwebFilesMark } from './static-web.ts';
import { specwebMemory } from './working-sets.ts';

/**
 * A server under SPECweb99 as Clark et al. ran it (NSDI 2005, Fig. 9): 350 connections that each ask at a
 * pace of about 400 kbit/s. A mean file of 14.6 kB takes 292 ms at that pace. The dynamic third of the requests
 * has the sizes of the static ones.
 */
export const specweb99: WorkloadPreset<'specweb99', SessionsValues> = {
  name: 'specweb99',
  summary: '350 connections that fetch files at 400 kbit/s each, ten to a connection; SPECweb99’s memory',
  values: {
    initiator: 'peer',
    asks: 'peer',
    port: 80,
    users: 350,
    arrivals: 'closed',
    requests: 10,
    request: { kind: 'constant', bytes: 300 },
    response: specwebFiles,
    piece: Infinity,
    think: { kind: 'constant', ns: milliseconds(292) },
    rest: { kind: 'constant', ns: milliseconds(292) },
    opening: [],
    closes: 'peer',
  },
  marks: {
    initiator: published('HTTP/1.1, RFC 9112, 9: clients open connections'),
    asks: published('HTTP/1.1, RFC 9112, 2'),
    port: published('RFC 9110, 4.2.1'),
    users: published('350 simultaneous connections: Clark et al., NSDI 2005, Fig. 9'),
    arrivals: published('a fixed number of simultaneous connections: SPECweb99 white paper'),
    requests: assumed('ten requests to a persistent connection, as recalled'),
    request: assumed('a GET with few headers'),
    response: specwebFilesMark,
    piece: assumed('a file counts as one message'),
    think: assumed('the pace of 400 kbit/s as recalled; a mean file at that pace'),
    rest: assumed('the next connection follows at the same pace'),
    opening: published('RFC 9112: nothing is said before the first request'),
    closes: assumed('the client is done first'),
  },
  memory: specwebMemory,
};
