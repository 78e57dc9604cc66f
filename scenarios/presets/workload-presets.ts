import type { WorkloadPreset } from './workload-preset.ts';
import { bulkDown, bulkUp } from './workloads/bulk.ts';
import { dns } from './workloads/dns.ts';
import { ftp } from './workloads/ftp.ts';
import { gameServer } from './workloads/game-server.ts';
import { idle, kernelCompile } from './workloads/guest-alone.ts';
import { keyValue } from './workloads/key-value.ts';
import { mediaStream } from './workloads/media-stream.ts';
import { oltp } from './workloads/oltp.ts';
import { quic } from './workloads/quic.ts';
import { specweb99 } from './workloads/specweb99.ts';
import { ssh } from './workloads/ssh.ts';
import { staticWeb } from './workloads/static-web.ts';
import { videoCall } from './workloads/video-call.ts';

/** Workloads over sessions of TCP. */
export const sessionPresets = { staticWeb, specweb99, oltp, keyValue, ssh, bulkDown, bulkUp } as const;
/** Workloads over streams of datagrams. */
export const streamPresets = { mediaStream, videoCall, gameServer } as const;
/** Workloads over questions and answers in datagrams. */
export const questionPresets = { dns, quic } as const;
/** Workloads without traffic. */
const alonePresets = { kernelCompile, idle } as const;

/** Every workload that has a name, with the origin of each of its defaults. */
export const workloadPresets: readonly WorkloadPreset<string, object>[] = [
  ...Object.values(sessionPresets),
  ...Object.values(streamPresets),
  ...Object.values(questionPresets),
  ftp,
  ...Object.values(alonePresets),
];

/** The workload of that name, `undefined` without one. */
export function workloadPreset(name: string): WorkloadPreset<string, object> | undefined {
  return workloadPresets.find((preset) => preset.name === name);
}
