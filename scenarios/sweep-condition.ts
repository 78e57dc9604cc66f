import { comparisons } from './comparisons.ts';
import { suggestion } from './did-you-mean.ts';
import type { SweepFactor, SweepLevel } from './sweep-factor.ts';
import { columnUnits } from './sweep-factor.ts';
import { parseQuantity } from './units.ts';

/** One combination: a level for every factor, in the order of the factors. */
export type SweepPoint = readonly SweepLevel[];

/** A condition on combinations, such as `entries <= 1000 and scheme != stock-drop`. */
export type Condition = (point: SweepPoint) => boolean;

export type ParsedCondition =
  { readonly ok: true; readonly condition: Condition } | { readonly ok: false; readonly message: string };

/**
 * Reads a condition: comparisons (`= == != < <= > >=`, `in [a, b]`) of factors with values, joined by `and`, `or`,
 * `not` and parentheses; `and` binds closer than `or`. A factor is called by its path or its column, a quantity is
 * written with its unit.
 */
export function parseCondition(text: string, factors: readonly SweepFactor[]): ParsedCondition {
  const tokens = tokensOf(text);
  if (tokens === null) return { ok: false, message: `"${text}" is not a condition` };
  const parser = new ConditionParser(tokens, factors);
  const condition = parser.alternatives();
  const message = parser.problem ?? parser.leftOver();
  return message === null && condition !== null
    ? { ok: true, condition }
    : { ok: false, message: message ?? `"${text}" is not a condition` };
}

/** Words with paths in them, quoted text, quantities with their units, and signs; null for anything else. */
function tokensOf(text: string): string[] | null {
  const token =
    /\s*("[^"]*"|'[^']*'|<=|>=|==|!=|[<>=()[\],]|[+-]?\d[\d.]*(?:[eE][+-]?\d+)?(?:\s*(?!and\b|or\b|in\b|not\b)[A-Za-z%]+(?:\/s)?)?|[A-Za-z_][\w-]*(?:\.[\w-]+|\[[^\][]+\])*)/y;
  const tokens: string[] = [];
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text);
    if (match?.[1] === undefined) return null;
    tokens.push(match[1]);
  }
  return tokens.length === 0 ? null : tokens;
}

/** Recursive descent; after the first problem the rest is not looked at. */
class ConditionParser {
  problem: string | null = null;
  private readonly tokens: readonly string[];
  private readonly factors: readonly SweepFactor[];
  private at = 0;

  constructor(tokens: readonly string[], factors: readonly SweepFactor[]) {
    this.tokens = tokens;
    this.factors = factors;
  }

  leftOver(): string | null {
    const token = this.tokens[this.at];
    return token === undefined ? null : `"${token}" stands where the condition is over`;
  }

  alternatives(): Condition | null {
    let left = this.conjunction();
    while (left !== null && this.take('or')) {
      const before: Condition = left;
      const right = this.conjunction();
      left = right && ((point) => before(point) || right(point));
    }
    return left;
  }

  private conjunction(): Condition | null {
    let left = this.negation();
    while (left !== null && this.take('and')) {
      const before: Condition = left;
      const right = this.negation();
      left = right && ((point) => before(point) && right(point));
    }
    return left;
  }

  private negation(): Condition | null {
    if (this.take('not')) {
      const inner = this.negation();
      return inner && ((point) => !inner(point));
    }
    if (!this.take('(')) return this.comparison();
    const inner = this.alternatives();
    return this.take(')') ? inner : this.fail('a closing parenthesis is missing');
  }

  private comparison(): Condition | null {
    const name = this.next();
    const index = this.factors.findIndex(({ path, column }) => path === name || column === name);
    const factor = this.factors[index];
    if (name === null || factor === undefined) {
      const known = this.factors.flatMap(({ path, column }) => [path, column]);
      return this.fail(`"${name ?? ''}" is not varied${suggestion(name ?? '', known)}`);
    }
    const sign = this.next() ?? '';
    if (sign === 'in') return this.membership(factor, index);
    const compare = comparisons.get(sign);
    if (compare === undefined) return this.fail(`"${sign}" is no comparison`);
    const wanted = this.value(factor);
    if (wanted === null) return null;
    if (typeof wanted === 'string' && !['=', '==', '!='].includes(sign)) {
      return this.fail(`"${wanted}" is a word, which is neither less nor more`);
    }
    return (point) => compare(point[index]!.cell, wanted);
  }

  private membership(factor: SweepFactor, index: number): Condition | null {
    if (!this.take('[')) return this.fail('after "in" comes a list such as [1, 2]');
    const wanted: (string | number)[] = [];
    do {
      const value = this.value(factor);
      if (value === null) return null;
      wanted.push(value);
    } while (this.take(','));
    if (!this.take(']')) return this.fail('the list does not end in ]');
    return (point) => wanted.includes(point[index]!.cell);
  }

  /** A value in the unit of the factor's column. */
  private value({ dimension, path, levels }: SweepFactor): string | number | null {
    const token = this.next();
    if (token === null) return this.fail('a value is missing');
    const text = token.replace(/^(["'])(.*)\1$/, '$2');
    if (dimension !== null) {
      const parsed = parseQuantity(text, dimension);
      if (parsed.ok) return parsed.value / columnUnits[dimension].size;
      return this.fail(`${path}: ${parsed.message}`);
    }
    const number = Number(text);
    if (Number.isFinite(number) && typeof levels[0]?.cell !== 'string') return number;
    if (typeof levels[0]?.cell === 'string') return text;
    return this.fail(`${path}: "${text}" is not a number`);
  }

  private take(word: string): boolean {
    if (this.tokens[this.at] !== word) return false;
    this.at++;
    return true;
  }

  private next(): string | null {
    return this.tokens[this.at++] ?? null;
  }

  private fail(message: string): null {
    this.problem ??= message;
    return null;
  }
}
