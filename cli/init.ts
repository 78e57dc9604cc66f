import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import { scenarioJsonSchema, sweepJsonSchema } from '../scenarios/json-schema.ts';
import type { Screen } from './screen.ts';
import { starterRules, starterScenario, starterSweep } from './starter-scenario.ts';
import { makeFolder } from '../results/make-folder.ts';

/** `nseh init [DIR]`: a commented scenario and a sweep of it to start from. */
export function register(program: Command, screen: Screen): void {
  program
    .command('init')
    .description('write a commented starter scenario, its rules, a sweep of it and the editor’s schemas')
    .argument('[dir]', 'folder to write to; made where it is missing', '.')
    .action((dir) => {
      const files = starterFiles().map(({ name, text }) => ({ path: join(dir, name), text }));
      const taken = files.filter(({ path }) => existsSync(path));
      if (taken.length > 0) {
        const allowed = 'another folder: nseh init DIR';
        throw new ScenarioError(
          taken.map(({ path }) => ({ place: path, message: 'exists already; nothing was written', allowed })),
        );
      }
      makeFolder(dir);
      // The flag keeps a file that appeared meanwhile from being overwritten.
      for (const { path, text } of files) writeFileSync(path, text, { flag: 'wx' });
      screen.note(`wrote ${files.map(({ path }) => path).join(', ')}`);
      screen.print(`next: nseh compare ${join(dir, 'first.yaml')} --schemes stock-drop,rules-only,com`);
      screen.print(`then: nseh sweep ${join(dir, 'first-sweep.yaml')}`);
    });
}

function starterFiles(): { readonly name: string; readonly text: string }[] {
  return [
    { name: 'first.yaml', text: starterScenario },
    { name: 'first.nft', text: starterRules },
    { name: 'first-sweep.yaml', text: starterSweep },
    { name: 'nseh.schema.json', text: json(scenarioJsonSchema()) },
    { name: 'nseh-sweep.schema.json', text: json(sweepJsonSchema()) },
  ];
}

function json(schema: unknown): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
