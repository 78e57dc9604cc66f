import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nseh } from './try-nseh.ts';

const header = 'figure,panel,series,x,y,band_percent,source';

/** A file as somebody with a paper would type it in. */
function typedIn(...lines: readonly string[]): { readonly directory: string; readonly file: string } {
  const directory = mkdtempSync(join(tmpdir(), 'nseh-paper-'));
  const file = join(directory, 'mine.csv');
  writeFileSync(file, `${header}\n${lines.join('\n')}\n`);
  return { directory, file };
}

test('draws and judges what somebody types in, without a change of code', async () => {
  // Without an engine nothing is filtered; a gigabit link does not carry 5 Gbit/s.
  const { directory, file } = typedIn(
    'com-overhead,CPU of the host,no engine,filtering,0,0,"A paper, Fig. 9"',
    'com-overhead,Goodput,engine,clients,5000,10,"A paper, Fig. 10"',
  );
  const { exitCode, out, err } = await nseh(
    ...['paper', 'com-overhead', '--published', file, '--out', directory],
  );
  expect(exitCode).toBe(3);
  expect(err).toContain('figure 1 of 1: com-overhead');
  expect(out).toMatch(/CPU of the host +no engine +filtering +0 +0 +within/);
  expect(out).toMatch(/Goodput +engine +clients +5000 .* MISSED/);
  const begins = ['csv', 'svg', 'png', 'pdf'].map((ending) =>
    readFileSync(join(directory, `com-overhead.${ending}`))
      .subarray(0, 5)
      .toString('latin1'),
  );
  expect(begins).toEqual(['panel', '<svg ', '\x89PNG\r', '%PDF-']);
  expect(readFileSync(join(directory, 'com-overhead.svg'), 'utf8')).toContain('A paper, Fig. 10');
}, 60_000);

test('the form for published points is empty and can be read', () => {
  const form = readFileSync('scenarios/paper/com/published.csv', 'utf8').trimEnd().split('\n');
  expect(form.filter((line) => !line.startsWith('#'))).toEqual([header]);
});

test.each([
  [['com-entrys'], 'is no figure'],
  [['P99'], 'allowed: P01, P02'],
  [['com-entries', 'com-nothing'], 'com-applications, com-entries'],
  [['--published', typedIn('com-entrys,Downtime,com-rounds,1,1,5,F').file], 'did you mean "com-entries"'],
  [['--published', '/nowhere.csv'], '/nowhere.csv'],
])('refuses %j before it runs anything, and says what there is', async (options, words) => {
  const { exitCode, err } = await nseh('paper', '--figures', ...options);
  expect(exitCode).toBe(2);
  expect(err).toContain(words);
});

test('lists claims and figures with the kept verdicts, without a run', async () => {
  const { exitCode, out } = await nseh('paper', '--list', 'p20', 'C7', 'com-entries');
  expect(exitCode).toBe(0);
  const lines = out.trimEnd().split('\n');
  expect(lines[0]).toMatch(
    /^P20 .* \(bound, within; Xen 4\.1\.2, .*; scenarios\/paper\/xen-legacy-code\.yaml\)$/,
  );
  expect(lines[1]).toMatch(/^C7 .* \(input; Yang et al\., SIGCOMM 2023, appendix B\)$/);
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['P20', 'C7', 'com-entries']);
  const { claims } = JSON.parse((await nseh('paper', '--list', '--json')).out) as { claims: object[] };
  expect(claims.length).toBeGreaterThan(90);
  for (const claim of claims) expect(claim).not.toHaveProperty('simulated');
});

test('nseh list figures names the figures of papers', async () => {
  const { out } = await nseh('list', 'figures');
  for (const id of ['com-throughput', 'qemu-measured', 'handover-matrix', 'clark-fig-9', 'akoush-bounds'])
    expect(out).toContain(id);
});
