import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PageSteps, Step } from './run-snippets.fixture.ts';
import type { Outcome } from './try-nseh.ts';

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  'docs/tutorial.md',
  ...readdirSync(join(root, 'docs/how-to')).map((name) => `docs/how-to/${name}`),
];

/** What the pages show and this test does not run, and why. */
const notRun: readonly { readonly command: RegExp; readonly why: string }[] = [
  {
    command: /^npm (ci|start|test)$/,
    why: 'fetches packages, or runs what readme-example.test.ts or this suite runs',
  },
  {
    command: /^nft -j list ruleset/,
    why: 'reads the rules of the machine; nft-live.test.ts runs it in a name space',
  },
  {
    command: /^python3 results\/validation\/handover\/recorder\.py/,
    why: 'needs root and minutes; second-recording.test.ts scores what it has recorded',
  },
  { command: /^parallel /, why: 'is GNU parallel; the same shards are run one by one' },
  { command: /\| sh$/, why: 'submits to Slurm; slurm.test.ts does so' },
  { command: /^npx nseh paper P/, why: 'takes long; the tests of results/paper hold the claims' },
];

/** A step with the lines that the page shows below it. */
interface Shown {
  readonly step: Step;
  readonly text: string;
  readonly lines: readonly string[];
  readonly exitCode: number;
}

describe('a page of documentation', () => {
  const shown = new Map(pages.map((page) => [page, stepsOf(readFileSync(join(root, page), 'utf8'))]));
  let outcomes: ReadonlyMap<string, readonly (Outcome | null)[]> = new Map();

  beforeAll(async () => {
    outcomes = await outcomesOf(shown);
  }, 600_000);

  it.each(pages)('%s shows commands that run, and lines that they print', (page) => {
    const steps = shown.get(page) ?? [];
    expect(steps.length).toBeGreaterThan(0);
    const wrong = steps.flatMap((what, at) => complaints(what, outcomes.get(page)?.[at] ?? null));
    expect(wrong).toEqual([]);
  });
});

it('reads commands, the lines below them, exit codes and files from a page', () => {
  const page =
    '```console\n$ npx nseh check "a b" # why\nout\n[exit code 2]\n```\n```yaml a.yaml\nx: 1\n```\n';
  expect(stepsOf(page)).toEqual([
    {
      step: { kind: 'command', words: ['npx', 'nseh', 'check', 'a b'], into: null },
      ...{ text: 'npx nseh check "a b"', lines: ['out'], exitCode: 2 },
    },
    {
      step: { kind: 'file', name: 'a.yaml', append: false, text: 'x: 1\n' },
      ...{ text: 'a.yaml', lines: [], exitCode: 0 },
    },
  ]);
});

function stepsOf(page: string): Shown[] {
  return [...page.matchAll(/^```(console|sh|yaml) ?(.*)\n([^]*?)^```$/gm)].flatMap(
    ([, language, info = '', body = '']) => {
      if (language === 'yaml') return info === '' ? [] : [fileStep(info, body)];
      if (language === 'console') return body.split(/^\$ /m).slice(1).flatMap(commandSteps);
      return body.trim().split('\n').flatMap(commandSteps);
    },
  );
}

function fileStep(info: string, text: string): Shown {
  const append = info.startsWith('>> ');
  const name = info.replace(/^>> /, '');
  return { step: { kind: 'file', name, append, text }, text: name, lines: [], exitCode: 0 };
}

/** A line with commands, `a && b`, and what is shown below it, which belongs to the last. */
function commandSteps(text: string): Shown[] {
  const [line = '', ...below] = text.trimEnd().split('\n');
  const commands = line.replace(/ +# .*$/, '').split(' && ');
  const code = below
    .map((shown) => /^\[exit code (\d+)\]$/.exec(shown)?.[1])
    .find((found) => found !== undefined);
  const lines = below.filter((shown) => shown.trim() !== '' && !shown.startsWith('[exit code '));
  return commands.flatMap((command, at): Shown[] => {
    if (notRun.some((entry) => entry.command.test(command))) return [];
    const last = at === commands.length - 1;
    const [run = '', into = null] = command.split(' > ');
    const words = [...run.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ''));
    const step: Step = { kind: 'command', words, into };
    return [{ step, text: command, lines: last ? lines : [], exitCode: last ? Number(code ?? 0) : 0 }];
  });
}

function complaints({ step, text, lines, exitCode }: Shown, outcome: Outcome | null): string[] {
  if (step.kind === 'file' || step.words[0] === 'cd') return [];
  if (step.words[0] !== 'npx' || step.words[1] !== 'nseh') return [`${text}: is neither run nor listed`];
  if (outcome === null) return [`${text}: did not run`];
  const printed = plain(`${outcome.out}\n${outcome.err}`);
  const missing = lines.filter((line) => !printed.includes(plain(line)));
  const code =
    outcome.exitCode === exitCode ? [] : [`${text}: exit code ${outcome.exitCode}: ${outcome.err}`];
  return [...code, ...missing.map((line) => `${text}: does not print: ${line}`)];
}

/** Text without the widths of its columns. */
function plain(text: string): string {
  return text
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ /gm, '')
    .trim();
}

/** Runs the steps of each page in a temporary folder that holds the repository's data folders, as its root does. */
async function outcomesOf(
  shown: ReadonlyMap<string, readonly Shown[]>,
): Promise<Map<string, readonly (Outcome | null)[]>> {
  const ordered = [...shown].map(([page, steps]) => ({
    ...{ page, folder: mkdtempSync(join(tmpdir(), 'nseh-docs-')), steps: steps.map(({ step }) => step) },
  }));
  for (const { folder } of ordered)
    for (const name of ['scenarios', 'results', 'examples'])
      symlinkSync(join(root, name), join(folder, name));
  const script = join(import.meta.dirname, 'run-snippets.fixture.ts');
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script]);
  child.stdin.end(JSON.stringify(ordered.map(({ folder, steps }): PageSteps => ({ folder, steps }))));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  await new Promise((resolve) => child.on('close', resolve));
  for (const { folder } of ordered) rmSync(folder, { recursive: true });
  expect(err).toBe('');
  const outcomes = JSON.parse(out) as (Outcome | null)[][];
  return new Map(ordered.map(({ page }, at) => [page, outcomes[at] ?? []]));
}
