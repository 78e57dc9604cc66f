import { describe, expect, it } from 'vitest';
import type { MemoryAccess } from '../models/compute/memory-access.ts';
import { cpuBound } from '../models/compute/memory-access.ts';
import type { MemoryPlan } from '../models/migration/memory/memory-plan.ts';
import { memoryContradictions } from './memory-contradictions.ts';
import { memoryPreset } from './presets/memory-presets.ts';

function named(name: string): MemoryPlan {
  const preset = memoryPreset(name);
  if (preset === undefined) throw new Error(`no plan ${name}`);
  return preset.plan;
}

const recorded: MemoryAccess = { detail: 'replay', pages: 1, rounds: [], lastPages: 1 };
const byClasses: MemoryAccess = { detail: 'binomial', regions: [{ kind: 'kernel' }], pacing: cpuBound };
const byPages: MemoryAccess = { ...byClasses, detail: 'exact' };

describe('a memory plan for a guest', () => {
  it('compresses pages of which something is known', () => {
    const plan = named('qemu-compress');
    expect(memoryContradictions(byClasses, plan)).toEqual([]);
    expect(memoryContradictions(recorded, plan).map(({ message }) => message)).toEqual([
      'a recorded migration does not say what its pages hold, so that they cannot be compressed',
    ]);
    expect(memoryContradictions(recorded, named('qemu'))).toEqual([]);
  });

  it('sends differences to pages of a guest that is modelled page by page', () => {
    const qemu = named('qemu');
    if (qemu.kind !== 'pre-copy' || qemu.rounds.kind !== 'qemu') throw new Error('qemu copies before');
    const delta = { kind: 'xbzrle', cachePages: 16_384, changedBytes: 100 } as const;
    const plan = { ...qemu, rounds: { ...qemu.rounds, delta } };
    expect(memoryContradictions(byPages, plan)).toEqual([]);
    expect(memoryContradictions(byClasses, plan)).toHaveLength(1);
    expect(memoryContradictions(recorded, plan)).toHaveLength(1);
  });
});
