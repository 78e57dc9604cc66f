import type { MemoryRegion, WrittenMemory } from '../../../models/compute/memory-access.ts';
import type { QemuPlan } from '../../../models/migration/memory/qemu-pre-copy.ts';
import { assert } from '../../../sim/assert.ts';
import { s } from '../../../sim/time.ts';
import { qemuGuest } from '../qemu-guest.ts';
import type { QemuRunParams } from '../qemu-measurement.ts';
import { qemuPlan } from '../qemu-plan.ts';
import type { MoveParams } from './measured-move.ts';
import { guest, script, stream } from './rig.ts';

/** What the migration stream gets of its link, in bit/s. */
export function migrationLineBps({ mig_mbit }: MoveParams): number {
  return mig_mbit * 1e6 * stream.lineShare;
}

/** The guest of the recording: that of the lone migrations of QEMU, and the pages that its traffic writes. */
export function moveMemory(params: MoveParams, writesPerS: number): WrittenMemory {
  const { regions, habits } = qemuGuest(qemuParams(params), writesPerS);
  const [kernel, low, ...rest] = regions;
  assert(kernel?.kind === 'kernel' && low?.kind === 'unwritten', 'the kernel and its pages lie lowest');
  const traffic: MemoryRegion = {
    kind: 'uniform',
    pages: guest.trafficPages,
    writesPerS: guest.trafficWritesPerS,
    schedule: { kind: 'constant' },
  };
  const unwritten: MemoryRegion = { ...low, pages: low.pages - guest.trafficPages };
  return { detail: 'exact', regions: [kernel, traffic, unwritten, ...rest], pacing: habits.pacing };
}

/** QEMU's plan for the run, with the sockets of this rig, of which a draw from 0 to 1 says how large they are. */
export function movePlan(params: MoveParams, bufferDraw: number): QemuPlan {
  const plan = qemuPlan(qemuParams(params));
  const bytesPerNs = migrationLineBps(params) / 8 / s;
  const { from, to } = stream.bufferNs;
  const bufferNs = from + (to - from) * bufferDraw;
  const bufferBytes = Math.min(stream.bufferBytesMax, bytesPerNs * bufferNs);
  const socket = {
    initialBytes: bufferBytes,
    maximumBytes: bufferBytes,
    growthBytesPerS: 0,
    stallEveryBytes: bytesPerNs * s,
    stallNs: stream.stallNs,
  };
  return { ...plan, costs: { ...plan.costs, endNs: stream.resumeNs }, host: { ...plan.host, socket } };
}

function qemuParams(params: MoveParams): QemuRunParams {
  const { ram, guest: load, bw, dl, mig_mbit } = params;
  return {
    guestRamPages: ram * 256,
    nonzeroPages: guest.nonzeroPages,
    maxBandwidthBps: bw * 2 ** 20 * 8,
    downtimeLimitMs: dl,
    linkBps: mig_mbit * 1e6,
    socketBufferBytes: null,
    endsAfterS: script.cancelAfterNs / s,
    postcopyAtS: null,
    capabilities: [],
    parameters: {},
    workload: {
      pattern: load.r === 0 ? 'idle' : 'uniform',
      setPages: load.w * 256,
      staticPages: 0,
      nominalPagesPerS: load.r,
      ...{ hotShare: 0, hotWriteShare: 0, onMs: 0, offMs: 0, phaseMs: 0, writeBytes: 8 },
    },
  };
}
