import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseScenario } from '../scenarios/load-scenario.ts';
import { nseh } from './try-nseh.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nseh-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const quickstart = join(import.meta.dirname, '../scenarios/quickstart.yaml');

describe('nseh', () => {
  it('suggests the command or option that was meant, with exit code 2', async () => {
    const command = await nseh('chek');
    expect(command.exitCode).toBe(2);
    expect(command.err).toContain('(Did you mean check?)');
    const option = await nseh('check', '--resolvd', quickstart);
    expect(option.exitCode).toBe(2);
    expect(option.err).toContain('(Did you mean --resolved?)');
  });

  it('prints its help on standard output, with exit code 0 and all exit codes explained', async () => {
    const { exitCode, out } = await nseh('--help');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/0 done.*2 usage or bad input.*130, 143 stopped/s);
  });
});

describe('nseh check', () => {
  it('shows the line with a caret under what is wrong, and what is allowed', async () => {
    const file = join(folder, 'lab.yaml');
    writeFileSync(
      file,
      'format: 1\nuntil: 10 min\nhosts:\n  - name: a\n    link:\n      rate: 10 Gbsp # typo\n',
    );
    const { exitCode, err, out } = await nseh('check', file);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(`${file}:6:13 hosts[0].link.rate  unknown rate unit "Gbsp"; did you mean "Gbps"?
   6 |       rate: 10 Gbsp # typo
     |             ^^^^^^^
    allowed: a number and one of bit/s, `);
    expect(err).toMatch(/\n3 errors$/); // the rate, and no vms and migrations
  });

  it('reads on after a bad file, and says which were good', async () => {
    const { exitCode, err, out } = await nseh('check', join(folder, 'none.yaml'), quickstart);
    expect(exitCode).toBe(2);
    expect(err).toContain('none.yaml  there is no such file');
    expect(out).toContain('quickstart.yaml: ok, 2 hosts, 2 peers, 1 VM');
  });

  it.each([
    ['a directory', () => '.', 'is a directory'],
    ['a device', () => '/dev/zero', 'is a device or pipe'],
    ['a binary file', () => put('b.yaml', Buffer.from([0xff, 0xfe, 0x00])), 'is not text in UTF-8'],
    ['an empty file', () => put('e.yaml', Buffer.from('')), 'says nothing'],
    ['a large file', () => put('l.yaml', Buffer.alloc(2 ** 20 + 1, 'a')), 'by one entry with count:'],
    ['deep nesting', () => put('d.yaml', Buffer.from('['.repeat(100_000))), 'is nested too deeply'],
    ['twenty thousand keys', () => put('k.yaml', Buffer.from(manyKeys())), 'unknown key "k7"'],
  ])('refuses %s within two seconds of processor time, without a stack trace', async (_, path, message) => {
    const started = process.cpuUsage();
    const { exitCode, err } = await nseh('check', path());
    const { user, system } = process.cpuUsage(started);
    expect(user + system).toBeLessThan(2_000_000);
    expect(exitCode).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('takes what it resolves a scenario to for the same scenario', async () => {
    const { out } = await nseh('check', '--resolved', quickstart);
    const once = parseScenario(quickstart, readFileSync(quickstart, 'utf8'), []);
    const again = parseScenario(quickstart, out, []);
    expect(again.scenario).toEqual(once.scenario);
    expect(out).toContain('rate: 1 Gbit/s # default');
    expect(out).toContain('memory: 800 MiB # file');
    expect(out).toContain('pages_min: 50 # preset xen-legacy');
  });

  it('prints a JSON Schema that knows required keys, words and defaults', async () => {
    const { out } = await nseh('check', '--schema');
    expect(JSON.parse(out)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['format', 'until', 'hosts', 'vms', 'migrations'],
      properties: { hosts: { items: { properties: { memory: { type: 'string', default: '16 GiB' } } } } },
    });
  });

  it('resolves every combination of a sweep file, and says where one is wrong', async () => {
    const good = put('good.yaml', Buffer.from(sweepOf('[500, 2000]')));
    const { out, exitCode } = await nseh('check', good);
    expect(exitCode).toBe(0);
    // Two values and one scheme.
    expect(out).toContain(`${good}: ok, 2 combinations, each of ${quickstart} run 3 times`);
    const bad = await nseh('check', put('bad.yaml', Buffer.from(sweepOf('[500, many]'))));
    expect(bad.exitCode).toBe(2);
    expect(bad.err).toMatch(/bad\.yaml:\d+:\d+ .*many/);
  });

  it.each([
    ['run', () => put('s.yaml', Buffer.from(sweepOf('[500]'))), 'is a sweep file, not a scenario'],
    ['sweep', () => quickstart, 'is a scenario, not a sweep of one'],
  ])('nseh %s says in one line that a file is of the other kind', async (command, path, message) => {
    const { exitCode, err } = await nseh(command, path());
    expect(exitCode).toBe(2);
    expect(err).toContain(`${path()}  ${message}`);
    expect(err).toContain('1 error');
  });

  it('prints the JSON Schema of sweep files too', async () => {
    const { out } = await nseh('check', '--schema', 'sweep');
    expect(JSON.parse(out)).toMatchObject({
      title: 'nseh sweep',
      required: ['format', 'scenario'],
      properties: { reps: { default: 1 } },
    });
  });

  it('says the same as JSON', async () => {
    const { out } = await nseh('check', '--json', '--set', 'reps=many', quickstart);
    expect(JSON.parse(out)).toMatchObject({
      files: [
        {
          ok: false,
          problems: [{ place: '--set reps=many', message: '"many" is not a whole number, 1 to 1000000' }],
        },
      ],
    });
  });
});

describe('nseh init', () => {
  it('writes a scenario and a sweep that check, and never over one that is there', async () => {
    const first = await nseh('init', join(folder, 'lab'));
    expect(first.exitCode).toBe(0);
    expect(first.out).toContain('next: nseh compare');
    const files = ['lab/first.yaml', 'lab/first-sweep.yaml'].map((name) => join(folder, name));
    expect((await nseh('check', ...files)).exitCode).toBe(0);
    writeFileSync(join(folder, 'lab/first.yaml'), 'mine');
    const second = await nseh('init', join(folder, 'lab'));
    expect(second.exitCode).toBe(2);
    expect(second.err).toContain('first.yaml  exists already; nothing was written');
    expect(readFileSync(join(folder, 'lab/first.yaml'), 'utf8')).toBe('mine');
  });
});

describe('nseh list and nseh explain', () => {
  it('list every scheme that explain knows', async () => {
    const { out } = await nseh('list', 'schemes', '--json');
    const { schemes } = JSON.parse(out) as { schemes: { name: string; summary: string }[] };
    expect(schemes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['stock-drop', 'com', 'com-early-strict']),
    );
    for (const { name, summary } of schemes) {
      const explained = await nseh('explain', name);
      expect(explained.exitCode).toBe(0);
      const assumed = /\d+ of \d+ fields assumed/.exec(summary)?.[0] ?? 'no count';
      expect(explained.out).toContain(assumed);
      // The count is that of the marks that are printed.
      expect(explained.out.match(/^ {4}assumed: /gm) ?? []).toHaveLength(Number(assumed.split(' ')[0]));
    }
  });

  it('explain a scheme of a file, with the marks of its base and what the file says itself', async () => {
    const own = `{ format: 1, until: 20 s, hosts: [{ name: a }], vms: [], migrations: [],
      schemes: [{ name: mine, based_on: com-rounds, cleanup: { when: never } }] }`;
    const file = put('own.yaml', Buffer.from(own));
    const { out } = await nseh('explain', 'mine', '--scenario', file);
    // One of the 43 assumed fields of com-rounds is said by the file, and how the source cleans up makes no difference now.
    expect(out).toContain('39 of 41 fields assumed, 1 the scenario’s own');
    expect(out).toMatch(/when: never .*\n {4}own: the scenario file says so/);
    expect((await nseh('explain', 'mine')).exitCode).toBe(2);
  });

  it('explain a parameter with its unit and default, and a column with its unit', async () => {
    expect((await nseh('explain', 'hosts[0].link.delay')).out).toContain('default  20 us');
    expect((await nseh('explain', 'downtime_ms')).out).toContain('last guest instruction at the source');
  });

  it('explain a kind of fault or attack with its fields, and the words of results', async () => {
    const cut = (await nseh('explain', 'link-cut')).out;
    expect(cut).toContain('a cable of the host carries nothing');
    expect(cut).toMatch(/^ {2}for +how long it lasts\n {4}default ever/m);
    const attack = (await nseh('explain', 'attack')).out;
    expect(attack).toMatch(/^ {2}kinds +which attacks\n.*a list, each syn-closed-port, /m);
    expect((await nseh('explain', 'syn-flood')).out).toContain('a SYN from a random address');
    // The same word for a drop and for a divergence.
    const full = (await nseh('explain', 'table-full')).out.trim().split('\n\n');
    expect(full).toHaveLength(2);
    expect((await nseh('explain', 'latent-dead')).out).toContain('the next packet of one of the ends');
  });

  it('suggest what was meant', async () => {
    expect((await nseh('explain', 'link-cutt')).err).toContain('did you mean "link-cut"?');
    const { exitCode, err } = await nseh('explain', 'com-rouns');
    expect(exitCode).toBe(2);
    expect(err).toContain('did you mean "com-rounds"?');
    expect((await nseh('list', 'shemes')).err).toContain('did you mean "schemes"?');
  });
});

function put(name: string, bytes: Buffer): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

function manyKeys(): string {
  return Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n');
}

/** A sweep of the quickstart over numbers of entries, three runs each. */
function sweepOf(entries: string): string {
  return `format: 1\nscenario: ${quickstart}\nvary:\n  initial_context[0].entries: ${entries}\nreps: 3\n`;
}
