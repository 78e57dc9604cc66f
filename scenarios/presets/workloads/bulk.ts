import { seconds } from '../../../sim/time.ts';
import { assumed } from '../mark.ts';
import type { SessionsValues, WorkloadPreset } from '../workload-preset.ts';

const shared = {
  initiator: 'peer',
  asks: 'peer',
  users: 1,
  arrivals: 'closed',
  requests: Infinity,
  /** As much as one packet under segmentation offload carries. */
  piece: 65_536,
  think: { kind: 'constant', ns: seconds(0) },
  rest: { kind: 'constant', ns: seconds(0) },
  opening: [],
  closes: 'nobody',
} as const;

const marks = {
  initiator: assumed('the client opens the connection; with `initiator: vm` the VM does'),
  asks: assumed('the client asks'),
  port: assumed('iperf3’s default port and the one above'),
  users: assumed('one stream'),
  arrivals: assumed('one file after another'),
  requests: assumed('as long as the run'),
  request: assumed('a file of 100 MB one way'),
  response: assumed('a short message the other way'),
  piece: assumed('progress is seen in pieces of 64 KiB'),
  think: assumed('as fast as the network carries it'),
  rest: assumed('the connection stays open'),
  opening: assumed('nothing is said before'),
  closes: assumed('the connection stays open'),
};

const file = { kind: 'constant', bytes: 100_000_000 } as const;
const short = { kind: 'constant', bytes: 100 } as const;

/** The VM sends as fast as it can. */
export const bulkDown: WorkloadPreset<'bulk-down', SessionsValues> = {
  name: 'bulk-down',
  summary: 'the VM sends one large file after another, as fast as the network carries them',
  values: { ...shared, port: 5201, request: short, response: file },
  marks,
  memory: null,
};

/** The VM receives as fast as the other end can send. */
export const bulkUp: WorkloadPreset<'bulk-up', SessionsValues> = {
  name: 'bulk-up',
  summary: 'the VM receives one large file after another, as fast as the network carries them',
  values: { ...shared, port: 5202, request: file, response: short },
  marks,
  memory: null,
};
