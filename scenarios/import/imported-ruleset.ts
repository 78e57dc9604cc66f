import { ScenarioError } from '../../sim/assert.ts';
import type { Problem } from '../../sim/assert.ts';
import type { Ruleset } from '../../models/security/ruleset.ts';

/** What an importer of rules returns: what it understood, and every line that it did not. */
export interface ImportedRuleset {
  readonly ruleset: Ruleset;
  /** Not understood, and therefore not in `ruleset`: a rule with one unknown part is left out whole. */
  readonly problems: readonly Problem[];
}

/** The rule set, or an error that names every line that was not understood. */
export function wholeRuleset({ ruleset, problems }: ImportedRuleset): Ruleset {
  if (problems.length > 0) throw new ScenarioError(problems);
  return ruleset;
}

/** Gathers problems while a file is read, so that all are reported at once. */
export class ProblemList {
  readonly problems: Problem[] = [];
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  placeOf(line: number): string {
    return `${this.file}:${line}`;
  }

  /** Notes a problem; returns null, the value of what could not be read. */
  add(line: number, message: string, allowed = ''): null {
    this.problems.push({ place: this.placeOf(line), message, allowed });
    return null;
  }
}
