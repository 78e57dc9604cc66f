import { RuleTable } from './rule-table.ts';
import type { Ruleset } from './ruleset.ts';

/**
 * The table of a rule set, compiled once for all engines that have it in force: a thousand VMs under one policy ask one
 * table, which so stays where the processor finds it. It answers one packet at a time, and its answers depend on nothing
 * but the packet and its connection. Named counters count for all engines together; who reads them makes a table of
 * its own.
 */
export function compiledRules(ruleset: Ruleset): RuleTable {
  const known = compiled.get(ruleset);
  if (known !== undefined) return known;
  const table = new RuleTable(ruleset);
  compiled.set(ruleset, table);
  return table;
}

const compiled = new WeakMap<Ruleset, RuleTable>();
