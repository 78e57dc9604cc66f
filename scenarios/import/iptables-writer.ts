import type { Problem } from '../../sim/assert.ts';
import type { Chain, ChainBase, Ruleset, Table } from '../../models/security/ruleset.ts';
import { ruleLines } from './iptables-rule-writer.ts';
import type { IptablesTable } from './iptables.ts';

export interface ExportedText {
  readonly text: string;
  /** What iptables cannot say: left out of the text, named with the place where it was read. */
  readonly problems: readonly Problem[];
}

/** A chain in the table of iptables that it goes to. */
interface Placed {
  readonly table: Table;
  readonly chain: Chain;
  readonly name: string;
}

/**
 * The rule set as text for `iptables-restore` or `ip6tables-restore`. A rule with several values or statements
 * becomes several rules; since a packet has one value each, the first match stays the same.
 */
export function exportIptables(ruleset: Ruleset, family: 'ip' | 'ip6'): ExportedText {
  const problems: Problem[] = [];
  const tables = new Map<IptablesTable, Placed[]>();
  for (const table of ruleset.tables) {
    if (table.family !== family && table.family !== 'inet') continue;
    for (const chain of table.chains)
      if (chain.base !== null) placeBase(table, chain, chain.base, tables, problems);
  }
  const text = [...tables].map(([name, placed]) => tableText(name, placed, family, problems)).join('');
  return { text, problems };
}

function placeBase(
  table: Table,
  chain: Chain,
  base: ChainBase,
  tables: Map<IptablesTable, Placed[]>,
  problems: Problem[],
): void {
  const name = tableOf(base);
  const placed = (name === undefined ? undefined : tables.get(name)) ?? [];
  const builtIn = base.hook.toUpperCase();
  const place = `table ${table.family} ${table.name}`;
  if (name === undefined) {
    const message = `chain ${chain.name} at ${base.hook} with priority ${base.priority} has no place in iptables`;
    problems.push({ place, message, allowed: '' });
  } else if (placed.some((other) => other.name === builtIn)) {
    const message = `chain ${chain.name} is a second one for ${builtIn} of table ${name}`;
    problems.push({ place, message, allowed: '' });
  } else {
    tables.set(name, [...placed, { table, chain, name: builtIn }]);
  }
}

/** The table of iptables whose chain stands where a base chain does; undefined when there is none. */
function tableOf({ type, hook, priority }: ChainBase): IptablesTable | undefined {
  if (type === 'nat') return 'nat';
  if (priority < -200) return hook === 'prerouting' || hook === 'output' ? 'raw' : undefined;
  if (priority < (hook === 'prerouting' ? -100 : 0)) return 'mangle';
  if (hook === 'postrouting') return priority < 100 ? 'mangle' : undefined;
  return hook === 'prerouting' ? undefined : 'filter';
}

function tableText(
  name: IptablesTable,
  bases: readonly Placed[],
  family: 'ip' | 'ip6',
  problems: Problem[],
): string {
  const placed = withJumpedTo(bases);
  const nameOf = (table: Table, chain: string): string =>
    placed.find((other) => other.table === table && other.chain.name === chain)?.name ?? chain;
  const heads = placed.map(({ chain, name: chainName }) => {
    const policy = chain.base === null ? '-' : chain.base.policy.toUpperCase();
    return `:${chainName} ${policy} [0:0]\n`;
  });
  const rules = placed.flatMap(({ table, chain, name: chainName }) =>
    chain.rules.flatMap((rule) => {
      const scope = {
        table,
        family,
        iptablesTable: name,
        hook: chain.base?.hook ?? null,
        chainName: (target: string) => nameOf(table, target),
      };
      const { lines, faults } = ruleLines(rule, scope);
      const place = rule.place === '' ? `table ${table.family} ${table.name}` : rule.place;
      for (const fault of faults) problems.push({ place, message: `rule ${fault}`, allowed: '' });
      return lines.map(({ counters, text }) => `${counters}-A ${chainName}${text}\n`);
    }),
  );
  return `*${name}\n${heads.join('')}${rules.join('')}COMMIT\n`;
}

/** The base chains and all that they lead to, under names that are free. */
function withJumpedTo(bases: readonly Placed[]): Placed[] {
  const placed = [...bases];
  for (const { table, chain } of placed) {
    for (const target of targetsOf(chain, table)) {
      const known = placed.some((other) => other.table === table && other.chain.name === target);
      const next = table.chains.find((candidate) => candidate.name === target);
      if (!known && next !== undefined) placed.push({ table, chain: next, name: freeName(target, placed) });
    }
  }
  return placed;
}

/** Names end at 28 characters (XT_EXTENSION_MAXNAMELEN less the end). */
function freeName(wanted: string, placed: readonly Placed[]): string {
  let name = wanted.slice(0, 28);
  for (let i = 2; placed.some((other) => other.name === name); i++) name = `${wanted.slice(0, 24)}-${i}`;
  return name;
}

function targetsOf(chain: Chain, table: Table): string[] {
  return chain.rules
    .flatMap((rule) => rule.expressions)
    .flatMap((expression) => {
      if (expression.kind === 'verdict') return [expression.verdict];
      if (expression.kind !== 'verdict-map') return [];
      const { map } = expression;
      const elements =
        map.kind === 'inline'
          ? map.elements
          : (table.maps.find(({ name }) => name === map.map)?.elements ?? []);
      return elements.flatMap(({ value }) => (value.kind === 'verdict' ? [value.verdict] : []));
    })
    .flatMap((verdict) => ('chain' in verdict ? [verdict.chain] : []));
}
