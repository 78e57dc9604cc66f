import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from './program.ts';

const scenario = join(import.meta.dirname, '..', 'scenarios', 'quickstart.yaml');
let out = '';
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'nseh-compare-'));
});
afterAll(() => rmSync(out, { recursive: true }));

interface Finished {
  readonly code: number;
  readonly printed: string;
  readonly noted: string;
}

/** 30 s of the quickstart, into a folder of the test's own. */
function nseh(...args: string[]): Promise<Finished> {
  return commandLine(...args, '--out', out, '--until', '30 s');
}

/** Runs a command line and gathers what it writes. */
async function commandLine(...args: string[]): Promise<Finished> {
  const printed: string[] = [];
  const noted: string[] = [];
  let exitCode = 0;
  const code = await runProgram(args, {
    print: (text) => void printed.push(text),
    note: (text) => void noted.push(text),
    paint: (_, text) => text,
    finishWith: (failed) => (exitCode = failed),
    exitCode: () => exitCode,
  });
  return { code, printed: printed.join('\n'), noted: noted.join('\n') };
}

describe('nseh compare', () => {
  const compare = ['compare', scenario, '--schemes', 'com-stop'];

  test('prints a table and writes a folder for each run, the control too, and a figure', async () => {
    const { code, printed, noted } = await nseh(...compare);
    expect(code).toBe(0);
    expect(printed).toMatch(/none +com-stop/);
    expect(noted).toContain('wrote');
    expect(readdirSync(join(out, 'quickstart')).sort()).toEqual([
      ...['com-stop-s1-r0', 'compare-run.json', 'compare.json', 'compare.png', 'compare.svg', 'none-s1-r0'],
      ...['timeline.png', 'timeline.svg'],
    ]);
    expect(readdirSync(join(out, 'quickstart', 'com-stop-s1-r0')).sort()).toEqual([
      ...[
        'connections.csv',
        'context.csv',
        'drops.csv',
        'meta.json',
        'migrations.csv',
        'run.json',
        'series.csv',
        'summary.json',
        'throughput.csv',
        'timeline.json',
        'workloads.csv',
      ],
    ]);
  });

  test('prints what was done before, and says so, without running anything again', async () => {
    const figure = readFileSync(join(out, 'quickstart', 'compare.png'));
    const first = await nseh(...compare);
    expect(first.noted).toContain('done before');
    expect(first.noted).not.toContain('simulated');
    const again = await nseh(...compare, '--force');
    expect(again.noted).toContain('simulated');
    expect(again.printed).toBe(first.printed);
    expect(readFileSync(join(out, 'quickstart', 'compare.png')).equals(figure)).toBe(true);
  });

  test('prints one JSON object, the bytes of compare.json, with the fields that the interface promises', async () => {
    const { printed } = await nseh(...compare, '--json');
    expect(`${printed}\n`).toBe(readFileSync(join(out, 'quickstart', 'compare.json'), 'utf8'));
    const comparison = JSON.parse(printed) as { schemes: Record<string, unknown>[] };
    const com = comparison.schemes[1];
    for (const key of [
      'scheme',
      'fields_assumed',
      'migrations',
      'connections',
      'service_gap_ms',
      'context',
      'exposure',
    ])
      expect(com).toHaveProperty(key);
    expect(com).toMatchObject({
      scheme: 'com-stop',
      migrations: [{ vm: 'web', source: 'a', destination: 'b' }],
    });
  });

  test('refuses the directory of another scenario, overwrites nothing, and names the ways out', async () => {
    const before = readFileSync(join(out, 'quickstart', 'compare.json'));
    const { code, noted } = await nseh(...compare, '--set', 'hosts[0].cpus=2');
    expect(code).toBe(2);
    expect(noted).toContain('--force');
    expect(readFileSync(join(out, 'quickstart', 'compare.json')).equals(before)).toBe(true);
  });

  test('names a scheme that nobody knows, and the one that was perhaps meant', async () => {
    const { code, noted } = await nseh('compare', scenario, '--schemes', 'com-stpo,x');
    expect(code).toBe(2);
    expect(noted).toContain('com-stpo');
    expect(noted).toContain('did you mean "com-stop"');
    expect(noted).toContain('2 errors');
  });

  test('refuses a seed that is none', async () => {
    expect((await nseh(...compare, '--seed', '-1')).code).toBe(2);
    expect((await nseh(...compare, '--seed', '1e3')).code).toBe(2);
  });
});

describe('nseh run', () => {
  test('uses the scheme that the scenario gives its migrations, and takes one folder', async () => {
    const { code, printed } = await nseh('run', scenario, '--seed', '5', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({
      scenario: 'quickstart',
      seed: 5,
      schemes: [{ scheme: 'com-rounds' }],
    });
    expect(readdirSync(join(out, 'quickstart'))).toContain('com-rounds-s5-r0');
  });

  test('measures a run alone as it does in a comparison', async () => {
    const { printed } = await nseh('run', scenario, '--scheme', 'com-stop', '--json');
    const alone = JSON.parse(printed) as { schemes: unknown[] };
    const together = JSON.parse(readFileSync(join(out, 'quickstart', 'compare.json'), 'utf8')) as {
      schemes: unknown[];
    };
    expect(alone.schemes[0]).toEqual(together.schemes[1]);
  });

  test('keeps a log of all that happened when asked, also for a run that was done without', async () => {
    const { noted } = await nseh('run', scenario, '--scheme', 'com-stop', '--events');
    expect(noted).toContain('wrote');
    const log = readFileSync(join(out, 'quickstart', 'com-stop-s1-r0', 'events.ndjson'), 'utf8')
      .trimEnd()
      .split('\n');
    const kinds = new Set(log.map((line) => (JSON.parse(line) as { event: string }).event));
    for (const kind of [
      'migrationPhase',
      'memoryRound',
      'contextTask',
      'packetDelivered',
      'messageDelivered',
    ])
      expect([...kinds]).toContain(kind);
  });
});

describe('nseh verify', () => {
  const directory = (): string => join(out, 'quickstart', 'com-stop-s1-r0');

  test('runs a directory again from its manifest and finds the same bytes', async () => {
    const { code, printed } = await commandLine('verify', directory());
    expect(code).toBe(0);
    expect(printed).toContain('same     drops.csv');
  });

  test('names a file that was changed, and exits with 3', async () => {
    appendFileSync(join(directory(), 'drops.csv'), '1,2\n');
    const { code, printed } = await commandLine('verify', directory());
    expect(code).toBe(3);
    expect(printed).toContain('DIFFERS  drops.csv');
    expect(printed).toContain('same     connections.csv');
  });

  test('refuses a manifest that was changed or torn, and a folder without one', async () => {
    const manifest = join(directory(), 'run.json');
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, text.replace('"cpus": 4', '"cpus": 5'));
    expect((await commandLine('verify', directory())).noted).toContain('does not hold together');
    writeFileSync(manifest, `${text.slice(0, 5000)}}\n`);
    expect((await commandLine('verify', directory())).code).toBe(2);
    expect((await commandLine('verify', join(out, 'nowhere'))).code).toBe(2);
  });
});
