import { defaults } from './file/defaults.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { workloadPreset } from './presets/workload-presets.ts';
import { placedItems } from './resolution.ts';
import type { Placed, Resolution } from './resolution.ts';

type VmFile = ScenarioFile['vms'][number];
type MemoryAccessFile = NonNullable<VmFile['memory_access']>;
type Region = Extract<MemoryAccessFile, { kind: 'written' }>['regions'][number];

/**
 * How each VM writes its memory: as its file says, else as its workload does, where the source of the workload says
 * how, else as an idle kernel. Notes VMs whose workloads say different things.
 */
export function workloadMemory(resolution: Resolution): (vm: Placed<VmFile>) => MemoryAccessFile {
  const byVm = new Map<string, string[]>();
  for (const { item } of placedItems(resolution, 'workloads')) {
    if (growsUnder(item.kind)) byVm.set(item.vm, [...(byVm.get(item.vm) ?? []), item.kind]);
  }
  return ({ item, path }) => {
    if (item.memory_access !== undefined) return item.memory_access;
    const kinds = [...new Set(byVm.get(item.name))];
    if (kinds.length > 1) {
      const message = `${item.name} writes its memory as ${kinds.join(' and as ')} do, which cannot be added up`;
      resolution.problems.add([...path, 'name'], message, '`memory_access`, or one of these workloads');
    }
    return accessUnder(kinds[0] ?? 'idle');
  };
}

/** Whether a source says what a VM writes under a workload of this kind. */
export function growsUnder(kind: string): boolean {
  return (workloadPreset(kind)?.memory?.growth ?? null) !== null;
}

/** How a VM writes under a workload of this kind, as a file would say it. */
export function accessUnder(kind: string): MemoryAccessFile {
  const growth = workloadPreset(kind)?.memory?.growth ?? null;
  const { content, compressedShare: compresses_to } = defaults.region;
  const regions: Region[] =
    growth === null
      ? [{ kind: 'kernel' }, { kind: 'unwritten', pages: null, content, compresses_to }]
      : [
          {
            kind: 'growth',
            pages: null,
            pages_in_one_second: growth.pagesInOneSecond,
            exponent: growth.exponent,
            schedule: { kind: 'constant' },
            compresses_to,
          },
        ];
  return {
    kind: 'written',
    detail: defaults.vm.memoryDetail,
    pacing: { cpu_share: 1, backlog: 0, backlog_jitter: 0 },
    regions,
  };
}
