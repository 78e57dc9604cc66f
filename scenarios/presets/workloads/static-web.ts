import { seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { SessionsValues, WorkloadPreset } from '../workload-preset.ts';

/** Sizes of files by their shares of the requests; in each class the mean of its nine sizes. */
export const specwebFiles = {
  kind: 'mix',
  parts: [
    { share: 0.35, bytes: 500 },
    { share: 0.5, bytes: 5000 },
    { share: 0.14, bytes: 50_000 },
    { share: 0.01, bytes: 500_000 },
  ],
} as const;

export const specwebFilesMark = published(
  'SPECweb96 and 99: 35 % of 0.1-0.9 kB, 50 % of 1-9 kB, 14 % of 10-90 kB, 1 % of 100-900 kB (spec.org, "The Workload for the SPECweb96 Benchmark"; Ruan and Pai, USENIX 2006)',
);

/** Readers of static pages: connections of a few requests each, then a while of reading. */
export const staticWeb: WorkloadPreset<'static-web', SessionsValues> = {
  name: 'static-web',
  summary: 'readers of static pages: a few requests on a connection, which the client closes',
  values: {
    initiator: 'peer',
    asks: 'peer',
    port: 80,
    users: 100,
    arrivals: 'closed',
    requests: 5,
    request: { kind: 'constant', bytes: 400 },
    response: specwebFiles,
    piece: Infinity,
    think: { kind: 'exponential', meanNs: seconds(0.5) },
    rest: { kind: 'exponential', meanNs: seconds(20) },
    opening: [],
    closes: 'peer',
  },
  marks: {
    initiator: published('HTTP/1.1, RFC 9112, 9: clients open connections'),
    asks: published('HTTP/1.1, RFC 9112, 2'),
    port: published('RFC 9110, 4.2.1'),
    users: assumed('a small site'),
    arrivals: assumed('readers wait for what they asked for'),
    requests: published('five requests on a connection: Ruan and Pai, USENIX 2006'),
    request: assumed('a GET with the headers of a browser'),
    response: specwebFilesMark,
    piece: assumed('a file counts as one message'),
    think: assumed('objects of a page follow one another'),
    rest: assumed('time to read'),
    opening: published('RFC 9112: nothing is said before the first request'),
    closes: assumed('the client is done first'),
  },
  memory: null,
};
