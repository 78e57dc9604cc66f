/** One token of nft's language, with the line it stands on. */
export interface Token {
  /** `end` closes a statement: a newline or a semicolon. `symbol` is punctuation. */
  readonly kind: 'word' | 'string' | 'symbol' | 'end';
  readonly text: string;
  readonly line: number;
}

export interface TokenList {
  readonly tokens: readonly Token[];
  /** Characters that are no token, by line. */
  readonly strays: readonly { readonly line: number; readonly text: string }[];
}

// A word takes in all that addresses, prefixes, ranges, names and ports are written with. A comma ends it.
const pattern =
  /(?<space>[ \t\r]+|\\\r?\n)|(?<comment>#[^\n]*)|(?<end>\n|;)|"(?<string>[^"\n]*)"|(?<symbol>==|!=|<=|>=|[{}(),=<>!&|^])|(?<word>[A-Za-z0-9_@$:.*/\[\]+-]+)/gy;

/** Cuts text in the syntax of nft(8) into tokens. */
export function tokensOf(text: string): TokenList {
  const tokens: Token[] = [];
  const strays: { line: number; text: string }[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) {
      strays.push({ line, text: text.slice(at, at + 1) });
      at++;
      continue;
    }
    at = pattern.lastIndex;
    const { space, end, string, symbol, word } = match.groups ?? {};
    if (end !== undefined) tokens.push({ kind: 'end', text: end, line });
    else if (string !== undefined) tokens.push({ kind: 'string', text: string, line });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, line });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, line });
    if (end === '\n' || space?.endsWith('\n') === true) line++;
  }
  return { tokens, strays };
}

/** Reads tokens one by one; what a `define` named is put in where `$name` stands. */
export class TokenReader {
  private tokens: readonly Token[];
  private at = 0;
  private readonly definitions = new Map<string, readonly Token[]>();

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get line(): number {
    return (this.tokens[this.at] ?? this.tokens.at(-1))?.line ?? 1;
  }

  get atEnd(): boolean {
    return this.peek() === undefined;
  }

  define(name: string, tokens: readonly Token[]): void {
    this.definitions.set(`$${name}`, tokens);
  }

  /** The token `ahead` places on, without taking it. */
  peek(ahead = 0): Token | undefined {
    const token = this.tokens[this.at + ahead];
    if (token?.kind !== 'word' || !token.text.startsWith('$')) return token;
    const replacement = this.definitions.get(token.text);
    if (replacement === undefined) return token;
    const place = this.at + ahead;
    this.tokens = [
      ...this.tokens.slice(0, place),
      ...replacement.map((part) => ({ ...part, line: token.line })),
      ...this.tokens.slice(place + 1),
    ];
    return this.peek(ahead);
  }

  next(): Token | undefined {
    const token = this.peek();
    if (token !== undefined) this.at++;
    return token;
  }

  /** Takes the next token if it is this word or symbol. */
  take(text: string): boolean {
    const token = this.peek();
    if (token === undefined || token.kind === 'string' || token.text !== text) return false;
    this.at++;
    return true;
  }

  /** Takes a beginning off the next word: `:tcp` where a colon and a field follow each other. */
  takePrefix(prefix: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'word' || !token.text.startsWith(prefix)) return false;
    if (token.text === prefix) return this.take(prefix);
    this.tokens = this.tokens.with(this.at, { ...token, text: token.text.slice(prefix.length) });
    return true;
  }

  /** Where the reader stands, to come back to by {@link rewind}. */
  get position(): number {
    return this.at;
  }

  rewind(position: number): void {
    this.at = position;
  }

  /** Takes the next token if it is a word or a quoted string. */
  takeName(): string | undefined {
    const token = this.peek();
    if (token?.kind !== 'word' && token?.kind !== 'string') return undefined;
    this.at++;
    return token.text;
  }

  /** Skips what separates statements. */
  skipEnds(): void {
    while (this.peek()?.kind === 'end') this.at++;
  }

  /** Takes the tokens up to the end of the statement; blocks in braces are part of it. */
  restOfStatement(): Token[] {
    const rest: Token[] = [];
    let depth = 0;
    for (;;) {
      const token = this.peek();
      if (token === undefined) return rest;
      if (depth === 0 && (token.kind === 'end' || (token.kind === 'symbol' && token.text === '}')))
        return rest;
      if (token.kind === 'symbol' && token.text === '{') depth++;
      if (token.kind === 'symbol' && token.text === '}') depth--;
      rest.push(token);
      this.at++;
    }
  }
}
