import { accessUnder } from './workload-memory.ts';
import { fieldList } from './field-list.ts';
import type { Mark } from './presets/mark.ts';
import type { WorkloadPreset } from './presets/workload-preset.ts';

/** One default of a workload: what a file would say, what it means and where it is from. */
export interface WorkloadDefault {
  readonly key: string;
  readonly value: string;
  readonly means: string;
  readonly mark: Mark;
}

/** Every default of a workload that has a name, its memory last. */
export function describeWorkload({ name, marks, memory }: WorkloadPreset<string, object>): WorkloadDefault[] {
  const origins = new Map<string, Mark>(Object.entries(marks));
  const defaults = fieldList().flatMap(({ path, key, byDefault, means }) => {
    const mark = path === `workloads[].${key} (${name})` ? origins.get(key) : undefined;
    return mark === undefined ? [] : [{ key, value: byDefault, means, mark }];
  });
  if (memory === null) return defaults;
  const access = accessUnder(name);
  const value = access.kind === 'written' ? access.regions.map(({ kind }) => kind).join(', ') : access.kind;
  const means = 'how the VM writes its memory where its file does not say it';
  return [...defaults, { key: 'memory_access', value, means, mark: memory.mark }];
}
