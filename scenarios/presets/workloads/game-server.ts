import { milliseconds } from '../../../sim/time.ts';
import { assumed, published, readInSource } from '../mark.ts';
import type { StreamsValues, WorkloadPreset } from '../workload-preset.ts';
import { quakeMemory } from './working-sets.ts';

/** A Quake 3 server with six players, as Clark et al. moved one (NSDI 2005, Fig. 11). */
export const gameServer: WorkloadPreset<'game-server', StreamsValues> = {
  name: 'game-server',
  summary:
    'six players send 30 packets a second, the server sends each its world every 50 ms; Quake 3’s memory',
  values: {
    initiator: 'peer',
    port: 27_960,
    flows: 6,
    by_peer: {
      every: { kind: 'constant', ns: milliseconds(100 / 3) },
      size: { kind: 'constant', bytes: 50 },
    },
    by_vm: {
      every: { kind: 'constant', ns: milliseconds(50) },
      size: { kind: 'lognormal', medianBytes: 150, sigma: 0.5 },
    },
    rebind: { kind: 'never' },
  },
  marks: {
    initiator: readInSource('ioquake3, cl_main.c: clients ask a server for a challenge'),
    port: assumed('the game’s port, as recalled'),
    flows: published('six players: Clark et al., NSDI 2005, Fig. 11'),
    by_peer: readInSource('ioquake3, cl_main.c: cl_maxpackets 30; 50 B assumed'),
    by_vm: readInSource('ioquake3, sv_init.c: sv_fps 20; sizes assumed'),
    rebind: assumed('players stay where they are'),
  },
  memory: quakeMemory,
};
