import { milliseconds } from '../../../sim/time.ts';
import type { QemuRounds } from './memory-plan.ts';

/** QEMU's rounds for tests: at most 32 MiB/s, nothing but the line takes time. */
export const plainQemuRounds: QemuRounds = {
  kind: 'qemu',
  capBps: 32 * 2 ** 20 * 8,
  downtimeMaxNs: milliseconds(10),
  windowNs: milliseconds(100),
  wakeUpNs: 0,
  stepNsMax: milliseconds(50),
  socketBufferBytes: 4_000_000,
  throttle: { kind: 'none' },
  delta: { kind: 'none' },
  packetPages: 1,
  packetHeaderBytes: 0,
  connections: 1,
  dataPageNs: 0,
  firstPageNs: 0,
  zeroPageNs: 0,
};
