import type { ImportedRuleset } from './imported-ruleset.ts';
import { ProblemList } from './imported-ruleset.ts';
import type { JsonValue } from './json-text.ts';
import { importNftObjects } from './nft-json.ts';
import { readTable } from './nft-text-table.ts';
import { readCommand } from './nft-text-command.ts';
import { TokenReader, tokensOf } from './nft-tokens.ts';

/** Nodes of libnftables JSON as they are read from text, each with its line. */
export class NodeList {
  readonly nodes: JsonValue[] = [];
  readonly lines = new Map<JsonValue, number>();

  add(node: JsonValue, line: number): void {
    this.nodes.push(node);
    this.lines.set(node, line);
  }
}

/**
 * Reads what `nft list ruleset` prints, and files for `nft -f` in that form: tables with chains, sets, maps,
 * counters and helpers; `flush ruleset`, `add`, `insert`, `delete table`, `define` (nft(8)). The text becomes
 * the JSON that `nft -j` prints of it, so that both forms are read by the same code.
 */
export function importNftText(text: string, file: string): ImportedRuleset {
  const problems = new ProblemList(file);
  const { tokens, strays } = tokensOf(text);
  for (const { line, text: stray } of strays) problems.add(line, `has a stray ${JSON.stringify(stray)}`);
  const reader = new TokenReader(tokens);
  const list = new NodeList();
  for (;;) {
    reader.skipEnds();
    if (reader.atEnd) break;
    const { line, position } = reader;
    const fault =
      reader.peek()?.text === 'table' ? readTable(reader, list, problems) : readCommand(reader, list);
    if (fault === '') continue;
    problems.add(line, fault, 'table, flush ruleset, add, insert, create, delete table, define');
    // Passed over from its beginning, so that its braces are counted; a closing one may belong to nothing.
    reader.rewind(position);
    if (reader.restOfStatement().length === 0) reader.next();
  }
  return importNftObjects({ nftables: list.nodes }, (node) => list.lines.get(node) ?? 1, problems);
}
