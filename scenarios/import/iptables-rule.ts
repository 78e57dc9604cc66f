import type { Expression, Rule, Statement } from '../../models/security/ruleset.ts';
import type { ProblemList } from './imported-ruleset.ts';
import { readIptablesMatch } from './iptables-match.ts';
import { readIptablesTarget } from './iptables-target.ts';
import type { TableBuilder } from './ruleset-builder.ts';

/** The words of one rule, read one by one, and what was learnt from them so far. */
export class RuleWords {
  readonly expressions: Expression[] = [];
  comment = '';
  /** What could not be read; empty when nothing. */
  fault = '';
  /** As `-p` named it: ports belong to this protocol. */
  protocol = '';
  /** The module that `-m` named last: `--mark` is of the packet or of the connection. */
  module = '';
  readonly table: TableBuilder;
  private readonly words: readonly string[];
  private at = 0;

  constructor(words: readonly string[], table: TableBuilder) {
    this.words = words;
    this.table = table;
  }

  hasMore(): boolean {
    return this.at < this.words.length;
  }

  peek(): string | undefined {
    return this.words[this.at];
  }

  next(): string {
    return this.words[this.at++] ?? '';
  }

  take(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at++;
    return true;
  }

  refuse(fault: string): void {
    if (this.fault === '') this.fault = fault;
  }
}

/** Reads the rules of one table. */
export class IptablesRuleReader {
  private readonly table: TableBuilder;
  private readonly problems: ProblemList;

  constructor(table: TableBuilder, problems: ProblemList) {
    this.table = table;
    this.problems = problems;
  }

  read(text: string, line: number): void {
    const parts = /^(?:\[(\d+):(\d+)\] )?-A (\S+)(?: (.*))?$/.exec(text);
    const split = parts === null ? null : wordsOf(parts[4] ?? '');
    if (parts === null || split === null) {
      this.problems.add(line, `has "${text}", which is not understood`, '-A CHAIN …');
      return;
    }
    const [, packets, bytes, chain = ''] = parts;
    const words = new RuleWords(split, this.table);
    const target = this.readOptions(words);
    if (words.fault !== '') {
      this.problems.add(line, `rule ${words.fault}`);
      return;
    }
    const counter: Statement[] =
      packets === undefined || bytes === undefined
        ? []
        : [{ kind: 'counter', packets: Number(packets), bytes: Number(bytes) }];
    const rule: Rule = {
      expressions: [...words.expressions, ...counter, ...target],
      comment: words.comment,
      place: this.problems.placeOf(line),
    };
    if (!this.table.addRule(chain, rule, 'end'))
      this.problems.add(line, `rule stands in chain ${chain}, which the table does not have`);
  }

  private readOptions(words: RuleWords): Statement[] {
    while (words.hasMore() && words.fault === '') {
      if (words.peek() === '-j' || words.peek() === '-g') {
        const statements = readIptablesTarget(words);
        if (words.hasMore())
          words.refuse(`has ${words.peek() ?? ''} after its target, which is not modelled`);
        return statements;
      }
      const negated = words.take('!');
      readIptablesMatch(words, negated);
    }
    return [];
  }
}

/** Words between spaces; double quotes hold one together, a backslash escapes. Null when a quote is not closed. */
function wordsOf(text: string): string[] | null {
  const words: string[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gy;
  let at = 0;
  while (at < text.trimEnd().length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return null;
    words.push(match[1]?.replace(/\\(.)/g, '$1') ?? match[2]!);
    at = pattern.lastIndex;
  }
  return words;
}
