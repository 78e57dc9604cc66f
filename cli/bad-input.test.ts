import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nseh } from './try-nseh.ts';

const at = mkdtempSync(join(tmpdir(), 'nseh-bad-input-'));

function file(name: string, content: string | Uint8Array): string {
  const path = join(at, name);
  writeFileSync(path, content);
  return path;
}

const quickstart = 'scenarios/quickstart.yaml';
const recording = readFileSync('results/reference/golden-nat.json.gz');
const cutGzip = file('cut.json.gz', recording.subarray(0, 1000));
const noise = file(
  'noise.json',
  Uint8Array.from({ length: 500 }, (_, index) => (index * 167 + 13) % 251),
);
const empty = file('empty.yaml', '');
const object = file('object.json', '{}');
const rules = file('rules.nft', 'table inet t { chain c { accept } }');
const lostScenario = file('lost.yaml', 'format: 1\nscenario: nope.yaml\nvary: { scheme: [com] }\n');
const twoScenarios = file('two.yaml', `${readFileSync(quickstart, 'utf8')}\n---\nformat: 1\n`);

function damagedSweep(name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(at, name);
  mkdirSync(directory);
  const notes = [{ column: 'scheme', kind: 'text', unit: '', role: 'factor' }];
  const whole = {
    'columns.json': JSON.stringify(notes),
    'manifest.json': '{"warnings":[]}',
    'runs.csv': 'scheme\ncom\n',
  };
  for (const [each, content] of Object.entries({ ...whole, ...files }))
    writeFileSync(join(directory, each), content);
  return directory;
}

const damagedColumns = damagedSweep('columns', { 'columns.json': '[{"column"' });
const cutRows = damagedSweep('rows', { 'runs.csv': 'sche' });
const whole = damagedSweep('whole', {});

describe('what a user may get wrong is answered with its place and a remedy, exit code 2 and no stack trace', () => {
  it.each([
    [['check', twoScenarios], /two\.yaml:\d+:1 +a second document starts here/],
    [['check', empty], /empty\.yaml +says nothing\n +allowed: .*nseh init/],
    [['compare', quickstart, '--schemes', ''], /--schemes.*names, such as stock-drop,com/],
    [['compare', quickstart, '--schemes', 'com,,none'], /--schemes.*names/],
    [['run', quickstart, '--until', '30'], /^--until 30 +30 has no unit/],
    [['run', quickstart, '--out', ''], /--out.*name of a directory/],
    [['run', quickstart, '--scheme', ''], /a scheme without a name +is not known/],
    [['init', '/proc/nseh'], /\/proc\/nseh +cannot be made there/],
    [['validate', 'conntrack', cutGzip], /cut\.json\.gz +is gzip that is damaged or cut off/],
    [['validate', 'qemu', noise], /noise\.json +is not JSON\n +allowed: a recording/],
    [['validate', 'conntrack', object], /object\.json +Invalid input/],
    [['validate', 'handover', object], /object\.json meta /],
    [['validate', 'conntrack', at], /nseh-bad-input-\w+ +is a directory/],
    [['replay', cutGzip, '--rules', rules], /cut\.json\.gz +is gzip that is damaged or cut off/],
    [['replay', at, '--rules', rules], /nseh-bad-input-\w+ +is a directory/],
    [['replay', empty, '--rules', rules], /empty\.yaml +is empty/],
    [['paper', '--published', at], /nseh-bad-input-\w+ +is a directory/],
    [['import', 'nft-json', rules], /rules\.nft +holds nothing of kind nft-json\n +allowed: nft, /],
    [['import', 'conntrack', rules], /holds nothing of kind conntrack/],
    [['stats', damagedColumns], /columns +holds a file that is damaged\n +allowed: nseh sweep merge/],
    [['plot', 'cdf', damagedColumns], /columns +holds a file that is damaged/],
    [['stats', cutRows], /rows\/runs\.csv +is damaged\n +allowed: nseh sweep merge/],
    [['stats', whole, '--paired', 'com:con'], /no factor has both com and con\n +allowed: scheme: com/],
    [['sweep', lostScenario], /lost\.yaml:2:11 scenario +".*nope\.yaml": there is no such file/],
    [['sweep', 'slurm', lostScenario], /nope\.yaml": there is no such file/],
    [['sweep', 'slurm', lostScenario, '--shards', '0'], /--shards.*from 1 on/],
    [['sweep', 'slurm', lostScenario, '--time', 'long'], /--time.*04:00:00/],
    [['verify', at], /holds no run\.json\n +allowed: a directory of one run/],
    [['verify', rules], /holds no run\.json/],
    [['help', 'chek'], /unknown command 'chek'\n\(Did you mean check\?\)/],
    [['explain', 'downtime'], /did you mean "downtime_ms"/],
    [['explain', ''], /the name +is no scheme/],
  ])('nseh %j', async (args, words) => {
    const { exitCode, out, err } = await nseh(...args);
    expect(err).toMatch(words);
    expect(err).not.toMatch(/^ +at .*[jt]s:\d+/m);
    expect([exitCode, out]).toEqual([2, '']);
  });
});

it('nseh help NAME of a command is its help', async () => {
  const { exitCode, out } = await nseh('help', 'verify');
  expect([exitCode, out.split('\n')[0]]).toEqual([0, 'Usage: nseh verify [options] <dir>']);
});
