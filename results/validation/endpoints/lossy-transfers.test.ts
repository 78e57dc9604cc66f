import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { agreedPackets } from './endpoint-difference.ts';
import { readEndpointRecording } from './endpoint-file.ts';
import { compareLossyTransfers } from './lossy-transfers.ts';

// Measured, Linux 6.18.44, three repetitions of each case on one processor: recorder.py with lossy_cases.
const file = new URL('../../reference/tcp-lossy.json.gz', import.meta.url);
const recording = readEndpointRecording(JSON.parse(gunzipSync(readFileSync(file)).toString()));
const { kernel, simulated, agreed, kernelAgreed } = compareLossyTransfers(recording);

describe('transfers of linux-6.x that lose the packets which a recorded kernel lost', () => {
  it('go the same way as far as bursts of microseconds let even the kernel repeat itself', () => {
    expect(recording.cases).toHaveLength(90);
    expect(kernelAgreed).toBeCloseTo(0.9, 1);
    // Reached: 0.74; before losses were found, acknowledged and sent again as Linux does, 0.51, in 0.79 of the time.
    expect(agreed).toBeGreaterThan(0.7);
  });

  it('send as many packets in as long, with as many timeouts', () => {
    expect(simulated.packets / kernel.packets).toBeCloseTo(1, 2);
    expect(simulated.ms / kernel.ms).toBeGreaterThan(0.9);
    expect(simulated.ms / kernel.ms).toBeLessThan(1.1);
    // 54 timeouts are known to a seventh (the root of 54).
    expect(Math.abs(simulated.timeouts - kernel.timeouts)).toBeLessThan(2 * Math.sqrt(kernel.timeouts));
  });

  it('agree up to the first packet that differs', () => {
    const first = [0, 'c', 'A', 1, 100, 1, 0] as const;
    const second = [1, 'c', 'A', 101, 100, 1, 0] as const;
    expect(agreedPackets('c', [first, second], [first, second])).toBe(2);
    expect(agreedPackets('c', [first, second], [first, [1, 'c', 'A', 1, 100, 1, 0]])).toBe(1);
    expect(agreedPackets('c', [first, second], [])).toBe(0);
  });
});
