import type { Claim } from './claim.ts';
import { claim, relative } from './claim.ts';
import { runPaper } from './run-paper.ts';

/** P34: an idle guest under QEMU, plain and compressed. Its pages follow from the published bytes, the times do not. */
export function compressionClaims(): Claim[] {
  const moves = runPaper('qemu-compression', 0);
  const [plain, compressed] = [moves('plain'), moves('compressed')];
  const kilobytes = ({ rounds }: typeof plain): number =>
    rounds.reduce((sum, { bytes }) => sum + bytes, 0) / 1024;
  const base = {
    id: 'P34',
    source: 'QEMU, docs/multi-thread-compression.txt',
    file: 'qemu-compression.yaml',
  } as const;
  return [
    claim({
      ...base,
      what: 'kB sent, plain and compressed',
      kind: 'input',
      calibrated_on: 'these bytes',
      free_parameters: 2,
      published: [363_536, 107_819],
      simulated: [kilobytes(plain), kilobytes(compressed)],
      band: relative(0.01),
    }),
    claim({
      ...base,
      what: 'total time in s, plain and compressed',
      kind: 'prediction',
      calibrated_on:
        'nothing: speed of zlib from the README of zstd 0.8.2, cost of a page measured with QEMU 7.2',
      free_parameters: 0,
      published: [3.333, 1.833],
      simulated: [plain.totalS, compressed.totalS],
      band: relative(0.2),
    }),
  ];
}
