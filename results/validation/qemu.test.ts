import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { QemuGroup } from './qemu.ts';
import { validateQemu } from './qemu.ts';
import { readQemuMeasurements } from './qemu-measurement.ts';
import { simulateQemuRun } from './qemu-run.ts';

const file = join(import.meta.dirname, '../reference/golden-qemu.json.gz');
const data: unknown = JSON.parse(gunzipSync(readFileSync(file)).toString());
const validation = validateQemu(data);

function group(name: string): QemuGroup {
  const found = validation.groups[name];
  if (found === undefined) throw new Error(`no group ${name}`);
  return found;
}

function expectWithin(
  errors: { readonly median: number | null; readonly p95: number | null },
  bar: { readonly median: number; readonly p95: number },
): void {
  expect(errors.median).not.toBeNull();
  expect(errors.median).toBeLessThanOrEqual(bar.median);
  expect(errors.p95).toBeLessThanOrEqual(bar.p95);
}

describe('QEMU 7.2 against 84 measured migrations', () => {
  it('finds the right verdict in every run', () => {
    expect(validation.runs).toBe(84);
    expect(validation.verdicts).toEqual({ right: 84, wrong: 0 });
  });

  it.each(['pre-copy', 'link'])('meets times, bytes and readings of the log: %s', (name) => {
    expectWithin(group(name).total, { median: 0.01, p95: 0.06 });
    expectWithin(group(name).bytes, { median: 0.005, p95: 0.025 });
    expectWithin(group(name).sync_count_off, { median: 0, p95: 2 });
  });

  it('meets the downtime: 20 % on a link, 4 ms over loopback, in the median', () => {
    expect(group('link').downtime.median).toBeLessThanOrEqual(0.2);
    expect(group('pre-copy').downtime_off_ms.median).toBeLessThanOrEqual(4);
  });

  it('meets what the client sees on a link to 15 % in the median', () => {
    expect(group('link').gap.median).toBeLessThanOrEqual(0.15);
  });

  it.each(['xbzrle', 'multifd'])('meets times, bytes and readings of the log: %s', (name) => {
    expectWithin(group(name).total, { median: 0.015, p95: 0.04 });
    expectWithin(group(name).bytes, { median: 0.01, p95: 0.04 });
    expect(group(name).sync_count_off.median).toBeLessThanOrEqual(1);
  });

  it('meets throttled guests', () => {
    expectWithin(group('auto-converge').total, { median: 0.05, p95: 0.15 });
    expectWithin(group('auto-converge').bytes, { median: 0.07, p95: 0.15 });
    expect(group('auto-converge').sync_count.median).toBeLessThanOrEqual(0.15);
  });

  it('meets post-copy', () => {
    expectWithin(group('post-copy').total, { median: 0.03, p95: 0.22 });
    expectWithin(group('post-copy').bytes, { median: 0.005, p95: 0.01 });
    expect(group('post-copy').downtime_off_ms.median).toBeLessThanOrEqual(4);
    expect(group('post-copy').gap.median).toBeLessThanOrEqual(0.25);
  });

  it('ends a run that does not converge and states no end', () => {
    const found = readQemuMeasurements(data).find(({ id }) => id.startsWith('u07'));
    if (found === undefined) throw new Error('u07 is a run that was cancelled');
    const endless = { ...found, params: { ...found.params, endsAfterS: Infinity } };
    const outcome = simulateQemuRun(endless, 0);
    expect(outcome.status).toBe('cancelled');
    // Two minutes at 32 MiB/s, which is 4.03 GB, and 0.05 % of headers.
    expect((outcome.transferred_bytes ?? 0) / 1e9).toBeCloseTo(4.0, 1);
  });

  it('names what it cannot read', () => {
    expect(() => validateQemu({ runs: [{ id: 'x' }] })).toThrow('runs[0].measured: missing');
  });

  it('ignores nothing of what the 84 runs set', () => {
    expect(validation.ignored).toEqual([]);
  });
});
