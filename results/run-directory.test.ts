import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  directoryState,
  foreignResults,
  runDirectory,
  writeDirectory,
  writeFileWhole,
} from './run-directory.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nseh-directory-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const hash = (digit: string): string => digit.repeat(64);
const wanted = { scenario_sha256: hash('1'), run_sha256: hash('2'), build_sha256: hash('3') };

function put(name: string, content: unknown): void {
  writeFileSync(join(root, name), JSON.stringify(content, null, 2));
}

test('a run has a directory of its own for each scheme, seed and repetition', () => {
  const run = { scenario: 'lab', scheme: 'com-stop', seed: 7, repetition: 2 };
  expect(runDirectory('out', run)).toBe(join('out', 'lab', 'com-stop-s7-r2'));
});

describe('the manifest in a directory', () => {
  test('of nothing at all leaves the place free', () => {
    expect(directoryState(join(root, 'missing'), 'run.json', wanted)).toBe('free');
    expect(directoryState(root, 'run.json', wanted)).toBe('free');
  });

  test('tells the same run from another scenario, another build and another run', () => {
    put('run.json', wanted);
    expect(directoryState(root, 'run.json', wanted)).toBe('same-run');
    put('run.json', { ...wanted, scenario_sha256: hash('9') });
    expect(directoryState(root, 'run.json', wanted)).toBe('other-scenario');
    put('run.json', { ...wanted, build_sha256: hash('9') });
    expect(directoryState(root, 'run.json', wanted)).toBe('other-version');
    put('run.json', { ...wanted, run_sha256: hash('9') });
    expect(directoryState(root, 'run.json', wanted)).toBe('other-run');
  });

  test('that is not ours is never taken for ours', () => {
    writeFileSync(join(root, 'run.json'), '{ "scenario_sha256": ');
    expect(directoryState(root, 'run.json', wanted)).toBe('other-scenario');
  });

  test('that is in the way is named with the ways out', () => {
    const [problem] = foreignResults('out/lab', 'other-scenario').problems;
    expect(problem?.place).toBe('out/lab');
    expect(problem?.message).toContain('another scenario');
    expect(problem?.allowed).toMatch(/--out.*--force/);
  });
});

describe('a directory of files', () => {
  test('is written whole, deep in folders that are not there yet, and leaves nothing else behind', () => {
    const directory = join(root, 'a', 'b');
    writeDirectory(directory, new Map([['x.csv', ['1,', '2\n']]]));
    expect(readFileSync(join(directory, 'x.csv'), 'utf8')).toBe('1,2\n');
    expect(readdirSync(join(root, 'a'))).toEqual(['b']);
  });

  test('takes the place of the one that was there, old files included', () => {
    writeDirectory(join(root, 'run'), new Map([['old', '1']]));
    writeDirectory(join(root, 'run'), new Map([['new', '2']]));
    expect(readdirSync(join(root, 'run'))).toEqual(['new']);
    expect(readdirSync(root)).toEqual(['run']);
  });

  test('keeps the old one, and no half of the new one, when a file cannot be written', () => {
    writeDirectory(join(root, 'run'), new Map([['old', '1']]));
    const unwritable = new Map([
      ['fine', '2'],
      ['no/such/folder', '3'],
    ]);
    expect(() => writeDirectory(join(root, 'run'), unwritable)).toThrow(/ENOENT/);
    expect(readdirSync(join(root, 'run'))).toEqual(['old']);
    expect(readdirSync(root)).toEqual(['run']);
  });
});

test('a file that cannot take its name leaves no partial one', () => {
  mkdirSync(join(root, 'taken'));
  expect(() => writeFileWhole(join(root, 'taken'), 'text')).toThrow();
  expect(readdirSync(root)).toEqual(['taken']);
  expect(existsSync(join(root, 'taken'))).toBe(true);
});
