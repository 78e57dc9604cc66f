import { dirname, resolve } from 'node:path';
import type { Ruleset } from '../models/security/ruleset.ts';
import type { Problem } from '../sim/assert.ts';
import type { ImportedRuleset } from './import/imported-ruleset.ts';
import { importNftJson } from './import/nft-json.ts';
import { importNftText } from './import/nft-text.ts';
import { openTextFile } from './read-text-file.ts';
import type { PolicyFile, PolicySource } from './resolution.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import { showPath } from './source-problem.ts';
import type { FieldPath } from './source-problem.ts';

/** Reads the rules that policies name, each file once. Paths are relative to the scenario's folder. */
export class PolicyFiles implements PolicySource {
  /** What the importers did not understand, in places of their own. */
  readonly fileProblems: Problem[] = [];
  private readonly folder: string;
  private readonly problems: ResolveProblems;
  private readonly read = new Map<string, Ruleset>();

  constructor(scenarioPath: string, problems: ResolveProblems) {
    this.folder = dirname(scenarioPath);
    this.problems = problems;
  }

  rulesOf(policy: PolicyFile, path: FieldPath): Ruleset {
    if (policy === 'none') return noRules;
    const written = Object.entries(policy).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, value }],
    );
    const [only] = written;
    if (only === undefined || written.length > 1) {
      this.problems.add(
        path,
        `has ${written.length} sources of rules`,
        `one of ${Object.keys(sources).join(', ')}`,
      );
      return noRules;
    }
    const { key, value } = only;
    const known = this.read.get(`${key}:${value}`);
    if (known !== undefined) return known;
    const rules = this.load(key, value, [...path, key]);
    this.read.set(`${key}:${value}`, rules);
    return rules;
  }

  private load(key: string, value: string, path: FieldPath): Ruleset {
    const source = sources[key];
    if (source === undefined) {
      this.problems.add(path, 'cannot be read yet', Object.keys(sources).join(', '));
      return noRules;
    }
    if (source.inline) return this.understood(source.import(value, showPath(path)));
    const opened = openTextFile(resolve(this.folder, value), 'split the rules', rulesBytesMax);
    if (!opened.ok) {
      this.problems.add(path, `"${value}": ${opened.message}`, opened.allowed);
      return noRules;
    }
    return this.understood(source.import(opened.text, value));
  }

  private understood({ ruleset, problems }: ImportedRuleset): Ruleset {
    this.fileProblems.push(...problems);
    return ruleset;
  }
}

const noRules: Ruleset = { tables: [], rulesCount: 0 };

/** Rule sets of a hundred thousand rules are real; what is beyond is no rule set. */
const rulesBytesMax = 64 * 2 ** 20;

interface RuleSource {
  /** The rules stand in the scenario file itself. */
  readonly inline: boolean;
  readonly import: (text: string, file: string) => ImportedRuleset;
}

const sources: Readonly<Record<string, RuleSource>> = {
  nft_json: { inline: false, import: importNftJson },
  nft: { inline: false, import: importNftText },
  rules: { inline: true, import: importNftText },
};
