import type { ChainBase, ChainHook, TableFamily } from '../../models/security/ruleset.ts';
import { ProblemList } from './imported-ruleset.ts';
import type { ImportedRuleset } from './imported-ruleset.ts';
import { IptablesRuleReader } from './iptables-rule.ts';
import { RulesetBuilder } from './ruleset-builder.ts';
import type { TableBuilder } from './ruleset-builder.ts';

/** Priorities of the five tables (enum nf_ip_hook_priorities); `nat` has another one on the way out. */
const iptablesPriorities = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 } as const;
export type IptablesTable = keyof typeof iptablesPriorities;

const hooks: Readonly<Record<string, ChainHook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

const sourceNatPriority = 100;

/**
 * Reads what `iptables-save` or `ip6tables-save` prints, with or without counters. Each table becomes a table
 * of its own, as iptables-nft makes it. `family` holds until a heading of ip6tables-save or iptables-save
 * says otherwise.
 */
export function importIptables(text: string, file: string, family: 'ip' | 'ip6' = 'ip'): ImportedRuleset {
  const problems = new ProblemList(file);
  const builder = new RulesetBuilder(problems);
  const reader = new SaveReader(builder, problems, family);
  text.split('\n').forEach((line, i) => reader.readLine(line.trim(), i + 1));
  reader.end();
  return { ruleset: builder.build(), problems: problems.problems };
}

class SaveReader {
  private readonly builder: RulesetBuilder;
  private readonly problems: ProblemList;
  private family: TableFamily;
  private table: TableBuilder | null = null;
  private tableName = '';
  private tableLine = 0;
  /** Rules of the open table: read at its end, when all its chains are known. */
  private rules: { readonly line: number; readonly text: string }[] = [];

  constructor(builder: RulesetBuilder, problems: ProblemList, family: TableFamily) {
    this.builder = builder;
    this.problems = problems;
    this.family = family;
  }

  readLine(line: string, number: number): void {
    if (line.startsWith('#')) {
      const heading = /\b(ip6?)tables-save\b/.exec(line);
      if (heading !== null) this.family = heading[1] === 'ip6' ? 'ip6' : 'ip';
    } else if (line.startsWith('*')) this.openTable(line.slice(1), number);
    else if (line === 'COMMIT') this.commit();
    else if (line !== '' && this.table === null)
      this.problems.add(number, `has "${line}" outside of a table`);
    else if (line.startsWith(':')) this.readChain(line, number);
    else if (line !== '') this.rules.push({ line: number, text: line });
  }

  end(): void {
    if (this.table === null) return;
    this.problems.add(this.tableLine, `table ${this.tableName} is not closed`, 'COMMIT');
    this.commit();
  }

  private openTable(name: string, line: number): void {
    this.end();
    if (!Object.hasOwn(iptablesPriorities, name)) {
      this.problems.add(line, `table ${name} is not known`, Object.keys(iptablesPriorities).join(', '));
    }
    this.table = this.builder.table(this.family, name);
    this.tableName = name;
    this.tableLine = line;
  }

  private readChain(text: string, line: number): void {
    const match = /^:(\S+) (ACCEPT|DROP|-)(?: \[\d+:\d+\])?$/.exec(text);
    if (match === null) {
      this.problems.add(line, `has the chain "${text}"`, ':NAME ACCEPT|DROP|- [packets:bytes]');
      return;
    }
    const [, name = '', policy] = match;
    const base = policy === '-' ? null : baseOf(this.tableName, name, policy === 'DROP' ? 'drop' : 'accept');
    if (base === undefined)
      this.problems.add(line, `table ${this.tableName} has no chain ${name} of its own`);
    this.table?.addChain(name, base ?? null);
  }

  private commit(): void {
    const table = this.table;
    if (table === null) return;
    const reader = new IptablesRuleReader(table, this.problems);
    for (const { line, text } of this.rules) reader.read(text, line);
    this.rules = [];
    this.table = null;
  }
}

/** A built-in chain's place; undefined when the table has no such chain. */
function baseOf(table: string, name: string, policy: ChainBase['policy']): ChainBase | undefined {
  const hook = Object.hasOwn(hooks, name) ? hooks[name] : undefined;
  if (hook === undefined || !Object.hasOwn(iptablesPriorities, table)) return undefined;
  const known = table as IptablesTable;
  if (known === 'nat') {
    const outward = hook === 'postrouting' || hook === 'input';
    if (hook === 'forward') return undefined;
    return { type: 'nat', hook, priority: outward ? sourceNatPriority : iptablesPriorities.nat, policy };
  }
  const type = known === 'mangle' && hook === 'output' ? 'route' : 'filter';
  return { type, hook, priority: iptablesPriorities[known], policy };
}
