/**
 * Arithmetic in the texts of templates: `{i}` is the index, from 0, and `{i + 1}`, `{i % 4}` or `{(i + 1) % 4}` are
 * what they say, in whole numbers with `+`, `-`, `*`, `%` and parentheses. The rest of a negative number is not
 * negative: `{(i - 1) % 4}` is 3 for the first. Braces without an `i` of their own, as in rules, are left alone.
 */
export function fillTemplate(text: string, index: number): string {
  return text.replace(braces, (whole, inner: string) => {
    const value = new Arithmetic(inner, index).value();
    return typeof value === 'number' ? String(value) : whole;
  });
}

/** What is wrong with the arithmetic in a text; null for nothing. */
export function templateProblem(text: string): string | null {
  for (const [whole, inner = ''] of text.matchAll(braces)) {
    const value = new Arithmetic(inner, 0).value();
    if (typeof value !== 'number') return `${whole} ${value.problem}`;
  }
  return null;
}

/** The text with a word in place of each sum, as its letters are judged. */
export function withoutArithmetic(text: string): string {
  return text.replace(braces, '0');
}

/** Braces around nothing but numbers, operators and an `i`, and not many of them. */
const braces = /\{([-+*/%()\d\s]{0,80}\bi\b[-+*/%()\di\s]{0,80})\}/g;

type Result = number | { readonly problem: string };

/** Reads one expression from left to right; products bind more than sums. */
class Arithmetic {
  private readonly tokens: readonly string[];
  private readonly index: number;
  private at = 0;
  private problem: string | null = null;

  constructor(text: string, index: number) {
    this.tokens = text.match(/\d+|\S/g) ?? [];
    this.index = index;
  }

  value(): Result {
    const value = this.sum();
    if (this.at < this.tokens.length) this.refuse(this.tokens[this.at]!);
    if (this.problem === null && !Number.isSafeInteger(value)) this.problem = 'is too large a number';
    return this.problem === null ? value : { problem: this.problem };
  }

  private sum(): number {
    let value = this.product();
    for (let sign = this.take('+-'); sign !== null; sign = this.take('+-')) {
      const other = this.product();
      value = sign === '+' ? value + other : value - other;
    }
    return value;
  }

  private product(): number {
    let value = this.factor();
    for (let sign = this.take('*%'); sign !== null; sign = this.take('*%')) {
      const other = this.factor();
      if (sign === '%' && other <= 0) this.problem ??= 'takes the rest by a number that is not positive';
      value = sign === '*' ? value * other : ((value % other) + other) % other;
    }
    return value;
  }

  private factor(): number {
    const token = this.tokens[this.at++];
    if (token === 'i') return this.index;
    if (token !== undefined && /^\d/.test(token)) return Number(token);
    if (token !== '(') return this.refuse(token ?? 'its end');
    const value = this.sum();
    if (this.take(')') === null) this.refuse(this.tokens[this.at] ?? 'its end');
    return value;
  }

  private take(wanted: string): string | null {
    const token = this.tokens[this.at];
    if (token === undefined || !wanted.includes(token)) return null;
    this.at++;
    return token;
  }

  private refuse(token: string): number {
    this.problem ??= `cannot be worked out: it stops making sense at ${token}`;
    return 0;
  }
}
