import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import { catalogue, catalogueSections } from '../scenarios/catalogue.ts';
import type { CatalogueEntry } from '../scenarios/catalogue.ts';
import { suggestion } from '../scenarios/did-you-mean.ts';
import { figures } from './figures.ts';
import type { Screen } from './screen.ts';

const sections = [...catalogueSections, 'figures'] as const;
type Section = (typeof sections)[number];

/** `nseh list schemes`: what exists. */
export function register(program: Command, screen: Screen): void {
  program
    .command('list')
    .description(`list what exists: ${sections.join(', ')}`)
    .argument('[what...]', 'sections, separated by spaces or commas; all without')
    .option('--json', 'print one JSON object')
    .action((what, { json }) => {
      const chosen = choose(what.flatMap((word) => word.split(',')).filter((word) => word !== ''));
      const listed = chosen.map((section) => ({ section, entries: entriesOf(section) }));
      if (json === true) {
        screen.print(
          JSON.stringify(Object.fromEntries(listed.map(({ section, entries }) => [section, entries]))),
        );
        return;
      }
      for (const { section, entries } of listed) {
        if (listed.length > 1) screen.print(`${section}:`);
        screen.print(lines(entries, listed.length > 1 ? '  ' : ''));
      }
    });
}

function choose(words: readonly string[]): readonly Section[] {
  if (words.length === 0) return sections;
  return words.map((word) => {
    const found = sections.find((section) => section === word);
    if (found !== undefined) return found;
    const message = `there is no list of that name${suggestion(word, sections)}`;
    throw new ScenarioError([{ place: word, message, allowed: sections.join(', ') }]);
  });
}

function entriesOf(section: Section): readonly CatalogueEntry[] {
  return section === 'figures' ? figures : catalogue(section);
}

function lines(entries: readonly CatalogueEntry[], indent: string): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  return entries.map(({ name, summary }) => `${indent}${name.padEnd(width)}  ${summary}`).join('\n');
}
