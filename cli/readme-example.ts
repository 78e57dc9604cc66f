import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareSchemes, type Comparison } from '../results/compare.ts';
import { comparisonTable } from '../results/table.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { chooseSchemes } from '../results/choose-schemes.ts';
import { drawMoveTimelines, timelineTitle } from '../results/figures/draw-move-timelines.ts';
import { width } from '../results/figures/figure-theme.ts';
import { rasterize } from '../results/figures/rasterize.ts';
import { moveTimeline } from '../results/move-timeline.ts';
import { movesOnDisk } from '../results/report/run-on-disk.ts';
import { assert } from '../sim/assert.ts';
import { defaultSchemes } from './compare.ts';
import { nseh } from './try-nseh.ts';

const beginning = '<!-- table: npm run docs:readme -->\n';
const end = '<!-- end of table -->\n';

/** The comparison that the README shows: the quickstart under the schemes that `compare` takes by itself. */
export function readmeComparison(): Comparison {
  const { scenario } = loadScenario('scenarios/quickstart.yaml', []);
  return compareSchemes({
    scenario,
    seed: scenario.seed,
    repetition: 0,
    choices: chooseSchemes(scenario, defaultSchemes),
    replayCommand: () => 'npm run docs:readme',
  });
}

/** The README with the table of this comparison in its place. */
export function readmeWith(readme: string, comparison: Comparison): string {
  const before = readme.slice(0, readme.indexOf(beginning) + beginning.length);
  const after = readme.slice(readme.indexOf(end));
  return `${before}\n\`\`\`\n${comparisonTable(comparison).replace(/^\n+|\s+$/g, '')}\n\`\`\`\n\n${after}`;
}

/** The picture of the quickstart's move under stock migration and under CoM, from what `nseh compare` writes. PNG. */
export async function readmeTimeline(): Promise<Uint8Array> {
  const out = mkdtempSync(join(tmpdir(), 'nseh-readme-'));
  const { exitCode } = await nseh(
    ...['compare', 'scenarios/quickstart.yaml', '--schemes', 'stock-drop,com-rounds', '--out', out],
  );
  assert(exitCode === 0, 'the quickstart runs to its end');
  const moves = movesOnDisk(join(out, 'quickstart'))
    .map((run) => moveTimeline(run, null))
    .filter((move) => move !== null);
  rmSync(out, { recursive: true });
  const title = moves[0] === undefined ? '' : timelineTitle(moves[0]);
  return rasterize(drawMoveTimelines(moves, { title, widthPx: width.twoColumns }), 2);
}
