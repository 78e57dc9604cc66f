import { milliseconds, seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { StreamsValues, WorkloadPreset } from '../workload-preset.ts';

/** Video on demand over RTP: the viewer reports, the VM sends. */
export const mediaStream: WorkloadPreset<'media-stream', StreamsValues> = {
  name: 'media-stream',
  summary: 'a viewer asks and reports every 5 s, the VM sends 1316 B every 5 ms (2.1 Mbit/s)',
  values: {
    initiator: 'peer',
    port: 5004,
    flows: 5,
    by_peer: { every: { kind: 'constant', ns: seconds(5) }, size: { kind: 'constant', bytes: 80 } },
    by_vm: { every: { kind: 'constant', ns: milliseconds(5) }, size: { kind: 'constant', bytes: 1316 } },
    rebind: { kind: 'never' },
  },
  marks: {
    initiator: assumed('viewers ask for the stream'),
    port: published('RFC 3551, 8: RTP’s port'),
    flows: assumed('a few viewers'),
    by_peer: published('reports no more often than every 5 s: RFC 3550, 6.2; 80 B assumed'),
    by_vm: assumed('seven packets of MPEG’s transport stream in a datagram, 2 Mbit/s in all'),
    rebind: assumed('viewers stay where they are'),
  },
  memory: null,
};
