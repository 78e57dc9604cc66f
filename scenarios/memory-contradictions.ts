import type { MemoryAccess } from '../models/compute/memory-access.ts';
import type { DeltaPlan, MemoryPlan } from '../models/migration/memory/memory-plan.ts';

/** Why a guest's memory cannot be moved by a plan, and what would go. */
export interface MemoryContradiction {
  readonly message: string;
  readonly allowed: string;
}

/** What a plan asks of a guest's memory that a model of it in less detail does not have. */
export function memoryContradictions(memory: MemoryAccess, plan: MemoryPlan): MemoryContradiction[] {
  const found: MemoryContradiction[] = [];
  if (deltaOf(plan).kind !== 'none' && memory.detail !== 'exact') {
    const message = 'delta compression remembers single pages, which its `memory_access` does not have';
    found.push({ message, allowed: 'regions with `detail: exact`, or `delta: { kind: none }`' });
  }
  if (plan.wire.compression.kind !== 'none' && memory.detail === 'replay') {
    const message =
      'a recorded migration does not say what its pages hold, so that they cannot be compressed';
    found.push({ message, allowed: 'regions, or `compression: { kind: none }`' });
  }
  return found;
}

function deltaOf(plan: MemoryPlan): DeltaPlan {
  const byRounds = plan.kind === 'pre-copy' || plan.kind === 'hybrid';
  return byRounds && plan.rounds.kind === 'qemu' ? plan.rounds.delta : { kind: 'none' };
}
