import { milliseconds, seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { SessionsValues, WorkloadPreset } from '../workload-preset.ts';

/** A cache of small values: many short questions on few connections. */
export const keyValue: WorkloadPreset<'key-value', SessionsValues> = {
  name: 'key-value',
  summary: 'small questions and answers over few long-lived connections to a cache',
  values: {
    initiator: 'peer',
    asks: 'peer',
    port: 11_211,
    users: 10,
    arrivals: 'closed',
    requests: Infinity,
    request: { kind: 'constant', bytes: 40 },
    response: { kind: 'lognormal', medianBytes: 125, sigma: 1.08 },
    piece: Infinity,
    think: { kind: 'exponential', meanNs: milliseconds(10) },
    rest: { kind: 'constant', ns: seconds(0) },
    opening: [],
    closes: 'nobody',
  },
  marks: {
    initiator: assumed('applications open connections to their cache'),
    asks: published('99.8 % of the requests of one pool are GETs: Atikoglu et al., SIGMETRICS 2012'),
    port: published('memcached, default port'),
    users: assumed('a few application servers'),
    arrivals: assumed('a pool is a closed loop'),
    requests: assumed('connections are kept'),
    request: assumed('a key of about 30 B, as in two pools of Atikoglu et al.'),
    response: assumed(
      'lognormal with 90 % below 500 B, which Atikoglu et al. (SIGMETRICS 2012) give; the median is ours',
    ),
    piece: assumed('an answer counts as one message'),
    think: assumed('100 requests a second and connection'),
    rest: assumed('connections are not closed'),
    opening: assumed('nothing is said before the first request'),
    closes: assumed('connections are kept'),
  },
  memory: null,
};
