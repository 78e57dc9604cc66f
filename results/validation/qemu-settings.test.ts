import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ignoredQemuSettings } from './qemu-settings.ts';
import { validateQemu } from './qemu.ts';

const file = join(import.meta.dirname, '../reference/golden-qemu.json.gz');
const golden = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
  runs: { params: object; measured: object }[];
};

/** The first measured run with other params. */
function recording(params: object): unknown {
  const run = golden.runs[0]!;
  return { runs: [{ ...run, params: { ...run.params, ...params } }] };
}

describe('settings of a recording of QEMU', () => {
  it('names the capability that is not known, with its run', () => {
    const [ignored] = ignoredQemuSettings(recording({ capabilities: ['x-new'], migration_parameters: {} }));
    expect(ignored?.place).toMatch(/^runs\[0\] \(a\d+.*\)\.params\.capabilities$/);
    expect(ignored?.message).toBe('"x-new" is no capability that the model knows: ignored');
    expect(ignored?.allowed).toContain('postcopy-ram');
  });

  it('says which parameters change no figure', () => {
    const parameters = { 'announce-rounds': 7, 'xbzrle-cache-size': 4096, 'multifd-channels': 8 };
    const told = ignoredQemuSettings(
      recording({ capabilities: ['multifd', 'return-path'], migration_parameters: parameters }),
    ).map(({ message }) => message);
    expect(told).toEqual([
      '"return-path" changes nothing here: ignored',
      '"announce-rounds" is no parameter that the model reads: ignored',
      '"xbzrle-cache-size" does nothing without the capability xbzrle: ignored',
      '"multifd-channels": two are modelled; the number is ignored',
    ]);
  });

  it('says once what many runs set', () => {
    const { runs } = recording({ tick_hz: 100 }) as { runs: unknown[] };
    expect(ignoredQemuSettings({ runs: [...runs, ...runs] })).toMatchObject([
      { message: '"tick_hz" is not read: ignored (so in 2 runs)' },
    ]);
  });

  it.each([
    ['mapped-ram', { capabilities: ['mapped-ram'] }],
    ['"rdma-pin-all" is not modelled', { capabilities: ['rdma-pin-all'] }],
    ['"multifd" with "postcopy-ram" is not modelled', { capabilities: ['multifd', 'postcopy-ram'] }],
    ['"postcopy-preempt" works in post-copy only', { capabilities: ['postcopy-preempt'] }],
    ['starts post-copy, which is not allowed', { capabilities: [], postcopy_at_s: 1 }],
    ['is not a list of names', { capabilities: 'xbzrle' }],
    [
      '"zstd" is not modelled',
      { capabilities: ['multifd'], migration_parameters: { 'multifd-compression': 'zstd' } },
    ],
    ['contradicts max_bandwidth_mib_s', { capabilities: [], migration_parameters: { 'max-bandwidth': 1 } }],
    ['"fast" is no value', { migration_parameters: { 'cpu-throttle-initial': 'fast' } }],
  ])('refuses what would change the transfer: %s', (message, params) => {
    expect(() => validateQemu(recording(params))).toThrow(message);
  });

  it.each([
    ['max_bandwidth_mib_s: 0 is not above 0', { max_bandwidth_mib_s: 0 }],
    ['link_mbit: -1 is not above 0', { link_mbit: -1 }],
    ['page_size: pages have 4096 bytes here', { page_size: 2 ** 21 }],
    ['are more than guest_ram_pages', { guest_ram_pages: 1000 }],
    ['nonzero_guest_pages_at_start is 20000', { nonzero_guest_pages_at_start: 20_000 }],
  ])('refuses sizes and rates that no guest has: %s', (message, params) => {
    expect(() => validateQemu(recording(params))).toThrow(message);
  });

  it('asks for idle where a guest writes nothing', () => {
    const run = golden.runs[0]!;
    const silent = { ...run, measured: { ...run.measured, page_rate_before: 0 } };
    expect(() => validateQemu({ runs: [silent] })).toThrow('a guest that writes nothing is idle');
  });
});
