import { milliseconds } from '../../../sim/time.ts';
import { assumed } from '../mark.ts';
import type { StreamsValues, WorkloadPreset } from '../workload-preset.ts';

/** A call that the VM relays or takes: voice and pictures both ways. */
export const videoCall: WorkloadPreset<'video-call', StreamsValues> = {
  name: 'video-call',
  summary: 'voice and pictures both ways: 1000 B every 10 ms (0.8 Mbit/s each way)',
  values: {
    initiator: 'peer',
    port: 3478,
    flows: 2,
    by_peer: { every: { kind: 'constant', ns: milliseconds(10) }, size: { kind: 'constant', bytes: 1000 } },
    by_vm: { every: { kind: 'constant', ns: milliseconds(10) }, size: { kind: 'constant', bytes: 1000 } },
    rebind: { kind: 'never' },
  },
  marks: {
    initiator: assumed('clients call the relay'),
    port: assumed('the port of STUN and TURN, as recalled'),
    flows: assumed('two callers'),
    by_peer: assumed('voice is sent every 20 ms (RFC 3551, 4.2), pictures between; 0.8 Mbit/s in all'),
    by_vm: assumed('the same the other way'),
    rebind: assumed('callers stay where they are'),
  },
  memory: null,
};
