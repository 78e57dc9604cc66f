// Runs the commands of pages of documentation, each page in a folder of its own, for docs-snippets.test.ts. A process of
// its own, since a thread cannot change its working directory; one for all pages, since it takes seconds to start.
// Takes pages as JSON, prints the outcomes of their steps as JSON.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { nseh, type Outcome } from './try-nseh.ts';

/** A file to write, or a command to run. */
export type Step =
  | { readonly kind: 'file'; readonly name: string; readonly append: boolean; readonly text: string }
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly into: string | null };

/** The steps of a page, and where they are taken. */
export interface PageSteps {
  readonly folder: string;
  readonly steps: readonly Step[];
}

const pages = JSON.parse(readFileSync(0, 'utf8')) as readonly PageSteps[];
const outcomes: (Outcome | null)[][] = [];
for (const { folder, steps } of pages) {
  process.chdir(folder);
  const ofPage: (Outcome | null)[] = [];
  for (const step of steps) ofPage.push(await take(step));
  outcomes.push(ofPage);
}
process.stdout.write(JSON.stringify(outcomes));

async function take(step: Step): Promise<Outcome | null> {
  if (step.kind === 'file') {
    if (step.append) appendFileSync(step.name, step.text);
    else writeFileSync(step.name, step.text);
    return null;
  }
  const [first = '', second = '', ...rest] = step.words;
  if (first === 'cd') {
    process.chdir(second);
    return null;
  }
  const outcome = await nseh(...(first === 'npx' ? rest : [second, ...rest]));
  if (step.into !== null) writeFileSync(step.into, outcome.out);
  return outcome;
}
