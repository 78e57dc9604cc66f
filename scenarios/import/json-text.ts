/**
 * JSON as a tree whose outer objects and arrays know their lines, so that a message can say where. Broken text
 * is an answer, not an exception (RFC 8259).
 */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export type JsonDocument =
  | { readonly ok: true; readonly value: JsonValue; readonly lineOf: (value: JsonValue) => number }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** Deeper nesting is refused: no format read here needs it, and it would exhaust the stack. */
const depthMax = 100;

/** Lines are kept down to here: further in they would cost more memory than the values. */
const linesDepthMax = 4;

/** Reads JSON text. `lineOf` knows the outer objects and arrays; for anything else it answers 1. */
export function parseJson(text: string): JsonDocument {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  if (value === undefined || reader.failure !== '')
    return { ok: false, line: reader.line, message: reader.failure };
  const { lines } = reader;
  const lineOf = (part: JsonValue): number => lines.get(part) ?? 1;
  return { ok: true, value, lineOf };
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

class JsonReader {
  readonly lines = new Map<JsonValue, number>();
  failure = '';
  line = 1;
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): JsonValue | undefined {
    this.skipSpace();
    if (depth > depthMax) return this.fail('is nested too deeply');
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    return first === '"' ? this.string() : this.word();
  }

  /** Nothing but space may follow the document. */
  end(): void {
    this.skipSpace();
    if (this.failure === '' && this.at < this.text.length) this.fail('has text after the JSON document');
  }

  private object(depth: number): JsonObject | undefined {
    // No prototype: a key may be called anything.
    const object = Object.create(null) as Record<string, JsonValue>;
    if (depth <= linesDepthMax) this.lines.set(object, this.line);
    const whole = this.list('}', () => {
      this.skipSpace();
      const key = this.text[this.at] === '"' ? this.string() : this.fail('has a key without quotes');
      if (key === undefined || !this.expect(':')) return false;
      const value = this.value(depth + 1);
      if (value !== undefined) object[key] = value;
      return value !== undefined;
    });
    return whole ? object : undefined;
  }

  private array(depth: number): JsonArray | undefined {
    const array: JsonValue[] = [];
    if (depth <= linesDepthMax) this.lines.set(array, this.line);
    const whole = this.list(']', () => {
      const value = this.value(depth + 1);
      if (value !== undefined) array.push(value);
      return value !== undefined;
    });
    return whole ? array : undefined;
  }

  /** Reads `item`s between commas up to `close`; false when anything is wrong. */
  private list(close: string, item: () => boolean): boolean {
    this.at++;
    this.skipSpace();
    if (this.text[this.at] === close) {
      this.at++;
      return true;
    }
    for (;;) {
      if (!item()) return false;
      this.skipSpace();
      if (this.text[this.at] === close) {
        this.at++;
        return true;
      }
      if (!this.expect(',')) return false;
    }
  }

  private string(): string | undefined {
    const found = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    found.lastIndex = this.at;
    const match = found.exec(this.text);
    if (match === null) return this.fail('has a string that does not end or has a bad character');
    this.at = found.lastIndex;
    return JSON.parse(match[0]) as string;
  }

  private word(): JsonValue | undefined {
    const found = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    found.lastIndex = this.at;
    const match = found.exec(this.text);
    if (match === null) {
      return this.fail(
        this.at < this.text.length
          ? `has an unexpected ${JSON.stringify(this.text[this.at])}`
          : 'ends too early',
      );
    }
    this.at = found.lastIndex;
    return JSON.parse(match[0]) as number | boolean | null;
  }

  private expect(character: string): boolean {
    this.skipSpace();
    if (this.text[this.at] === character) {
      this.at++;
      return true;
    }
    this.fail(this.at < this.text.length ? `lacks a "${character}"` : 'ends too early');
    return false;
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 10) this.line++;
      else if (code !== 32 && code !== 9 && code !== 13) return;
      this.at++;
    }
  }

  private fail(message: string): string | undefined {
    if (this.failure === '') this.failure = message;
    return undefined;
  }
}
