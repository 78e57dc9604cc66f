import type { Ruleset, Table } from '../../models/security/ruleset.ts';
import { isJsonObject } from './json-text.ts';
import type { JsonObject, JsonValue } from './json-text.ts';
import { tableNodes } from './nft-json-writer.ts';
import { priorityText } from './nft-priority.ts';
import { ruleText, setLines } from './nft-text-rule-writer.ts';

/** The rule set as text that `nft -f` loads, in the form in which `nft list ruleset` prints it. */
export function exportNftText(ruleset: Ruleset): string {
  return ruleset.tables.map(tableText).join('\n');
}

function tableText(table: Table): string {
  const nodes = tableNodes(table);
  const bodies = (kind: string): JsonObject[] =>
    nodes.map((node) => node[kind]).filter((body) => isJsonObject(body));
  const rules = new Map<JsonValue, string[]>();
  for (const rule of bodies('rule')) {
    const chain = rule['chain']!;
    const lines = rules.get(chain) ?? [];
    if (lines.length === 0) rules.set(chain, lines);
    lines.push(ruleText(rule));
  }
  const blocks = [
    ...bodies('counter').map((body) =>
      block(`counter ${name(body)}`, [`packets ${number(body, 'packets')} bytes ${number(body, 'bytes')}`]),
    ),
    ...bodies('ct helper').map((body) => block(`ct helper ${name(body)}`, helperLines(body))),
    ...bodies('set').map((body) => block(`set ${name(body)}`, setLines(body))),
    ...bodies('map').map((body) => block(`map ${name(body)}`, setLines(body))),
    ...table.chains.map((chain) => {
      const { base } = chain;
      const head =
        base === null
          ? []
          : [
              `type ${base.type} hook ${base.hook} priority ${priorityText(base.priority, base.hook)}; policy ${base.policy};`,
            ];
      return block(`chain ${chain.name}`, [...head, ...(rules.get(chain.name) ?? [])]);
    }),
  ];
  return `table ${table.family} ${table.name} {\n${blocks.join('\n')}}\n`;
}

function block(head: string, lines: readonly string[]): string {
  return `\t${head} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}

function helperLines(body: JsonObject): string[] {
  return [
    `type "${text(body, 'type')}" protocol ${text(body, 'protocol')}`,
    `l3proto ${text(body, 'l3proto')}`,
  ];
}

function name(body: JsonObject): string {
  return text(body, 'name');
}

function text(body: JsonObject, key: string): string {
  const value = body[key];
  return typeof value === 'string' ? value : '';
}

function number(body: JsonObject, key: string): number {
  const value = body[key];
  return typeof value === 'number' ? value : 0;
}
