import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compareByHand } from './hand-made-comparison.fixture.ts';

/** All bytes that a comparison would write, meta.json apart, as one hash a scheme. */
const inThisProcess = (): Record<string, string> =>
  Object.fromEntries(
    compareByHand(['stock-drop', 'com-rounds']).map(({ scheme, files }) => [
      scheme,
      createHash('sha256')
        .update(JSON.stringify(files.filter(([name]) => name !== 'meta.json')))
        .digest('hex'),
    ]),
  );

describe('the same scenario, seed and repetition', () => {
  const first = inThisProcess();

  test('gives the same bytes twice in one process', () => {
    expect(Object.keys(first)).toEqual(['none', 'stock-drop', 'com-rounds']);
    expect(inThisProcess()).toEqual(first);
  });

  test('gives the same bytes in another process', () => {
    const script = `
      import { createHash } from 'node:crypto';
      import { compareByHand } from ${JSON.stringify(new URL('./hand-made-comparison.fixture.ts', import.meta.url).href)};
      const hashes = compareByHand(['stock-drop', 'com-rounds']).map(({ scheme, files }) => [
        scheme,
        createHash('sha256')
          .update(JSON.stringify(files.filter(([name]) => name !== 'meta.json')))
          .digest('hex'),
      ]);
      console.log(JSON.stringify(Object.fromEntries(hashes)));`;
    const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual(first);
  });

  test('gives other bytes under another seed: the hashes do see the runs', () => {
    const other = compareByHand(['com-rounds'], 2)
      .at(-1)
      ?.files.find(([name]) => name === 'summary.json');
    const same = compareByHand(['com-rounds'])
      .at(-1)
      ?.files.find(([name]) => name === 'summary.json');
    expect(other?.[1]).not.toBe(same?.[1]);
  });
});
