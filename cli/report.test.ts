import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nseh } from './try-nseh.ts';

const scenario = join(import.meta.dirname, '../scenarios/quickstart.yaml');
let out = '';
beforeAll(() => (out = mkdtempSync(join(tmpdir(), 'nseh-'))));
afterAll(() => rmSync(out, { recursive: true }));

describe('nseh run with what is wanted on demand', () => {
  const run = () => [
    ...['run', scenario, '--scheme', 'com-rounds', '--until', '27 s', '--out', out],
    ...['--set', 'initial_context[0].entries=100'],
  ];
  const directory = () => join(out, 'quickstart', 'com-rounds-s1-r0');

  it('refuses a point that does not exist, and lists those that do, before anything runs', async () => {
    const { exitCode, err } = await nseh(...run(), '--pcap', 'a/eth0');
    expect(exitCode).toBe(2);
    expect(err).toContain('"a/eth0" is no point of this scenario');
    expect(err).toMatch(/allowed: a, a\/down, a\/firewall, a\/up, b, .*web/);
    expect(existsSync(directory())).toBe(false);
  });

  it('says how to get a report, and writes one when asked', async () => {
    const { exitCode, err } = await nseh(...run());
    expect(exitCode).toBe(0);
    expect(err).toContain(`nseh report ${directory()}`);
    expect(existsSync(join(directory(), 'report.html'))).toBe(false);
    const told = await nseh('report', directory());
    expect(told).toMatchObject({ exitCode: 0, out: join(directory(), 'report.html') });
    const text = readFileSync(join(directory(), 'report.html'), 'utf8');
    expect(/web \(800\sMiB\) moved from a to b/.test(text)).toBe(true);
    // Made again from the same files: the same bytes.
    rmSync(join(directory(), 'report.html'));
    await nseh(...run(), '--report');
    expect(readFileSync(join(directory(), 'report.html'), 'utf8') === text).toBe(true);
  });

  it('runs again for a trace or a capture that is not there yet, and keeps what was', async () => {
    const before = readFileSync(join(directory(), 'summary.json'), 'utf8');
    const traced = await nseh(...run(), '--trace');
    expect(traced.err).toContain('simulated');
    await nseh(...run(), '--pcap', 'b/firewall', '--pcap', 'web');
    for (const name of ['trace.json', 'b-firewall.pcapng', 'web.pcapng', 'report.html'])
      expect(existsSync(join(directory(), name)), name).toBe(true);
    expect(readFileSync(join(directory(), 'summary.json'), 'utf8')).toBe(before);
    const again = await nseh(...run(), '--trace', '--pcap', 'web');
    expect(again.err).toContain('was done before');
  });

  it('has no report of a directory without a run', async () => {
    const { exitCode, err } = await nseh('report', join(out, 'nothing'));
    expect(exitCode).toBe(2);
    expect(err).toContain('holds no run and no comparison');
  });
});
