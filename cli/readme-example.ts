import { compareSchemes, type Comparison } from '../results/compare.ts';
import { comparisonTable } from '../results/table.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { chooseSchemes } from '../results/choose-schemes.ts';
import { defaultSchemes } from './compare.ts';

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
    watch: { begin: () => undefined, listen: () => undefined, finish: () => undefined },
  });
}

/** The README with the table of this comparison in its place. */
export function readmeWith(readme: string, comparison: Comparison): string {
  const before = readme.slice(0, readme.indexOf(beginning) + beginning.length);
  const after = readme.slice(readme.indexOf(end));
  return `${before}\n\`\`\`\n${comparisonTable(comparison).replace(/^\n+|\s+$/g, '')}\n\`\`\`\n\n${after}`;
}
