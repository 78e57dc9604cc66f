import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// The house rules that a reader relies on, held by reading the source itself.

const root = import.meta.dirname;
const rooms = ['sim', 'models', 'scenarios', 'results', 'cli', 'bench'];
const files = rooms.flatMap((room) => typescriptFiles(join(root, room)));
const sources = files.filter((file) => !file.endsWith('.test.ts'));

/** For each folder, the folders that it may import from besides itself. Folders not named follow their parent. */
const mayImport: Record<string, readonly string[]> = {
  sim: [],
  'models/network': ['sim', 'models/observations.ts'],
  'models/security': ['sim', 'models/network', 'models/observations.ts'],
  'models/compute': ['sim', 'models/network', 'models/security', 'models/observations.ts'],
  'models/workload': ['sim', 'models/network', 'models/security', 'models/compute', 'models/observations.ts'],
  'models/migration': [
    'sim',
    'models/network',
    'models/security',
    'models/compute',
    'models/observations.ts',
  ],
  models: ['sim', 'models'],
  scenarios: ['sim', 'models'],
  results: ['sim', 'models', 'scenarios'],
  cli: ['sim', 'models', 'scenarios', 'results', 'nseh.ts'],
  bench: ['sim', 'models', 'scenarios', 'results'],
};

describe('the house', () => {
  it('has files to hold', () => {
    expect(sources.length).toBeGreaterThan(10);
  });

  it('lets a file import only from its own folder or from those to the left', () => {
    expect(sources.flatMap(importsAgainstTheGrain)).toEqual([]);
  });

  it('has no files that need each other to be loaded', () => {
    expect(sources.filter((file) => loadedBeyond(file).has(file)).map(show)).toEqual([]);
  });

  it('ships nothing that is there for tests alone: only tests and fixtures use fixtures', () => {
    const shipped = sources.filter((file) => !file.endsWith('.fixture.ts'));
    expect(matching(shipped, /\.fixture\.ts'/)).toEqual([]);
  });

  it('has no barrel, and no file named after nothing', () => {
    const banned = /^(index|utils?|helpers?|common|types|constants|misc|shared)\.ts$/;
    expect(files.filter((file) => banned.test(basename(file))).map(show)).toEqual([]);
    const bannedFolder = /^(utils?|helpers?|common|misc|lib)$/;
    expect(
      files.filter((file) =>
        dirname(show(file))
          .split('/')
          .some((part) => bannedFolder.test(part)),
      ),
    ).toEqual([]);
  });

  it('keeps a file within 400 lines', () => {
    expect(sources.filter((file) => lines(file).length > 401).map(show)).toEqual([]);
  });

  it('names no class after what every class does', () => {
    // A connection tracking helper is a thing of the field: `ct helper` of nft(8).
    const vague = /\bclass (?!FtpHelper\b)\w*(Manager|Service|Helper|Handler|Factory|Util)\b/;
    expect(matching(sources, vague)).toEqual([]);
  });

  it("hides what is a class's own by one word, private", () => {
    expect(matching(files, /this\.#|^ +(readonly )?#\w/)).toEqual([]);
  });

  it('inherits nothing but errors', () => {
    expect(
      matching(sources, /\bclass \w+(<[^>]*>)? extends (?!Error\b|AssertionError\b|ScenarioError\b)/),
    ).toEqual([]);
  });

  it('uses no any, and no module mocks', () => {
    expect(matching(sources, /[:<,|] *any\b(?! *[\w(])|\bas any\b/)).toEqual([]);
    expect(
      matching(
        files.filter((file) => file.endsWith('.test.ts')),
        /\bvi\.mock\b/,
      ),
    ).toEqual([]);
  });

  it('catches errors only at the command line and at the border of a worker', () => {
    // A process must tell an interruption from a failure: that one catch is the kernel's.
    const borders = /^(cli|bench)\/|worker\.ts$|^sim\/process\.ts$/;
    const inside = sources.filter((file) => !borders.test(show(file)));
    expect(matching(inside, /\bcatch *(\(|\{)/)).toEqual([]);
  });

  it('draws chance and reads time only where they are simulated', () => {
    const inside = sources.filter((file) => /^(sim|models|scenarios)\//.test(show(file)));
    expect(matching(inside, /\bMath\.random\b|\bDate\.now\b|\bperformance\.|\bnew Date\b/)).toEqual([]);
  });

  it('spreads no literal into another where a run builds and uses it', () => {
    // V8 gives each object whose literal begins with a spread and goes on a hidden class of its own: slow to read.
    const inside = sources.filter((file) => /^(sim|models)\/|^scenarios\/build-/.test(show(file)));
    expect(matching(inside, /\.\.\.\{/)).toEqual([]);
  });

  it('loads what draws only where something is drawn: half of the time that a command takes to start', () => {
    const commands = sources.filter((file) => matching([file], /^export function register\(/).length > 0);
    const loaded = loadedWith(commands);
    expect(loaded.size).toBeGreaterThan(commands.length);
    const draws = /from '(@observablehq\/plot|linkedom|@resvg\/resvg-js|pdfkit|svg-to-pdfkit)'/;
    expect(matching([...loaded], draws).filter((line) => !line.includes('import type'))).toEqual([]);
  });

  it('leaves optional fields and defaults to the scenario file and the command line', () => {
    const inside = sources.filter((file) => /^(sim|models)\//.test(show(file)));
    expect(matching(inside, /^\s*(readonly )?\w+\?:/)).toEqual([]);
  });
});

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsAgainstTheGrain(file: string): string[] {
  const room = roomOf(show(file));
  return [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)]
    .map((match) => show(resolve(dirname(file), match[1] ?? '')))
    .filter((target) => roomOf(target) !== room && !allowed(room, target))
    .map((target) => `${show(file)} imports ${target}`);
}

/** The files and all that is loaded before they run: what `import()` asks for comes later. */
function loadedWith(first: readonly string[]): ReadonlySet<string> {
  const loaded = new Set(first);
  for (const file of loaded) for (const target of loadedBy(file)) loaded.add(target);
  return loaded;
}

/** All that is loaded because the file is, itself only where it comes round to it. */
function loadedBeyond(file: string): ReadonlySet<string> {
  return loadedWith(loadedBy(file));
}

function loadedBy(file: string): string[] {
  const imports = readFileSync(file, 'utf8').matchAll(
    /^(?!import type|export type)(?:import|export|\}).* from '(\.[^']+)'/gm,
  );
  return [...imports].map(([, target]) => resolve(dirname(file), target ?? ''));
}

function allowed(room: string, target: string): boolean {
  return (mayImport[room] ?? []).some((prefix) => target === prefix || target.startsWith(`${prefix}/`));
}

/** The most specific folder of `mayImport` that holds the path. */
function roomOf(path: string): string {
  const holding = Object.keys(mayImport).filter((room) => path === room || path.startsWith(`${room}/`));
  return holding.sort((a, b) => b.length - a.length)[0] ?? path;
}

function matching(among: readonly string[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    lines(file)
      .map((line, index) => ({ line, index }))
      .filter(({ line }) => !/^\s*(\/\/|\*|\/\*)/.test(line) && pattern.test(line))
      .map(({ line, index }) => `${show(file)}:${index + 1} ${line.trim()}`),
  );
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n');
}

function show(file: string): string {
  return relative(root, file);
}
