import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Ruleset } from '../../models/security/ruleset.ts';
import { wholeRuleset } from './imported-ruleset.ts';
import { importNftJson } from './nft-json.ts';
import { exportNftJson } from './nft-json-writer.ts';
import { importNftText } from './nft-text.ts';
import { exportNftText } from './nft-text-writer.ts';

const recorded = JSON.parse(
  gunzipSync(
    readFileSync(new URL('../../results/reference/nft-rulesets.json.gz', import.meta.url)),
  ).toString(),
) as readonly {
  readonly name: string;
  readonly written: string;
  readonly listed: string;
  readonly json: unknown;
}[];

const everything = readFileSync(new URL('everything.nft', import.meta.url), 'utf8');

/** As people write it: commands, definitions, names of services, nested sets, statements left out. */
const handwritten = readFileSync(new URL('handwritten.nft', import.meta.url), 'utf8');

describe('the readers of nft text and nft -j', () => {
  it('read the same rule set from what ran, from what was listed and from its JSON', () => {
    for (const { name, written, listed, json } of recorded) {
      const fromJson = bare(wholeRuleset(importNftJson(JSON.stringify(json), name)));
      expect(bare(wholeRuleset(importNftText(listed, name)))).toEqual(fromJson);
      expect(bare(wholeRuleset(importNftText(written, name)))).toEqual(fromJson);
    }
  });

  it('read again what was exported', () => {
    for (const text of [everything, ...recorded.map(({ written }) => written)]) {
      const ruleset = wholeRuleset(importNftText(text, 'rules.nft'));
      expect(bare(wholeRuleset(importNftText(exportNftText(ruleset), 'rules.nft')))).toEqual(bare(ruleset));
      expect(bare(wholeRuleset(importNftJson(exportNftJson(ruleset), 'rules.json')))).toEqual(bare(ruleset));
    }
  });
});

const probe = spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset']);
const unable = probe.status === 0 ? '' : ' (skipped: needs nft and the right to make a network namespace)';

describe.skipIf(unable !== '')(`nft itself${unable}`, () => {
  it.each([
    ['everything that is modelled', everything],
    ...recorded.map(({ name, written }): [string, string] => [name, written]),
  ])('loads the exported text and JSON, and lists what was exported: %s', (_, text) => {
    const ruleset = wholeRuleset(importNftText(text, 'rules.nft'));
    for (const [exported, options] of [
      [exportNftText(ruleset), ''],
      [exportNftJson(ruleset), '-j'],
    ] as const) {
      const [listed, json] = loadAndList(exported, options);
      expect(bare(wholeRuleset(importNftText(listed, 'listed')))).toEqual(bare(ruleset));
      expect(bare(wholeRuleset(importNftJson(json, 'listed')))).toEqual(bare(ruleset));
    }
  });

  it('means by a script what the reader understands of it', () => {
    const ruleset = wholeRuleset(importNftText(handwritten, 'handwritten.nft'));
    const [listed, json] = loadAndList(handwritten, '');
    expect(bare(wholeRuleset(importNftText(listed, 'listed')))).toEqual(bare(ruleset));
    expect(bare(wholeRuleset(importNftJson(json, 'listed')))).toEqual(bare(ruleset));
  });
});

/** Loads text into a fresh network namespace; what nft then lists, as text and as JSON. */
function loadAndList(text: string, options: string): [string, string] {
  const script = `nft ${options} -c -f - <<<"$RULES" && nft ${options} -f - <<<"$RULES" && nft list ruleset && echo @@@ && nft -j list ruleset`;
  const run = spawnSync('unshare', ['-n', 'bash', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, RULES: text },
  });
  expect(run.stderr).toBe('');
  const [listed = '', json = ''] = run.stdout.split('@@@\n');
  return [listed, json];
}

/** Without the places where rules stood, which differ by what they were read from. */
function bare(ruleset: Ruleset): unknown {
  return JSON.parse(JSON.stringify(ruleset, (key, value: unknown) => (key === 'place' ? undefined : value)));
}
