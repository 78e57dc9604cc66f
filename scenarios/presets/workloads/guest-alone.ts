import { readInSource } from '../mark.ts';
import type { WorkloadPreset } from '../workload-preset.ts';
import { kernelCompileMemory } from './working-sets.ts';

/** A guest that compiles a kernel: no traffic, much memory. */
export const kernelCompile: WorkloadPreset<'kernel-compile', object> = {
  name: 'kernel-compile',
  summary: 'no traffic: the VM compiles a Linux kernel',
  values: {},
  marks: {},
  memory: kernelCompileMemory,
};

/** A guest that does nothing. */
export const idle: WorkloadPreset<'idle', object> = {
  name: 'idle',
  summary: 'no traffic: only the guest’s kernel writes',
  values: {},
  marks: {},
  memory: {
    growth: null,
    mark: readInSource('measured, idle Linux guest under QEMU 7.2: results/reference/golden-qemu.json.gz'),
  },
};
