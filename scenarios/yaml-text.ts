import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import type { Alias, Document, Node, Pair, YAMLMap } from 'yaml';
import { ScenarioError } from '../sim/assert.ts';
import type { FileProblem } from './file/file-problems.ts';
import { problemsMax, SourceText } from './source-problem.ts';
import type { FieldPath, SourceProblem, Stretch } from './source-problem.ts';

/** A YAML file as plain values, each of which still knows where it was written. */
export interface YamlText {
  readonly file: string;
  readonly value: unknown;
  /** The problem where it stands in the text, or at the nearest thing above its path that the file has. */
  place(problem: FileProblem): SourceProblem;
}

/**
 * Reads YAML 1.2 (core schema). Duplicate keys, unknown tags, keys that are no text, and aliases that expand
 * beyond all measure are refused; all problems at once as a {@link ScenarioError}.
 */
export function readYaml(file: string, text: string): YamlText {
  const { value, problems, document, targets, source } = convertText(file, text);
  if (problems.length > 0) throw new ScenarioError(problems.slice(0, problemsMax));
  if (value === null) {
    const allowed = 'keys and values: nseh init DIR writes a scenario and a sweep to start from';
    throw new ScenarioError([{ place: file, message: 'says nothing', allowed }]);
  }
  const places = new Places(document, targets);
  return {
    file,
    value,
    place: ({ path, atKey, message, allowed }) =>
      source.problem(atKey ? places.ofKey(path) : places.ofValue(path), path, message, allowed),
  };
}

/** The plain value of a short text such as `[1, 2]`, or what is wrong with it. */
export function yamlValue(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string } {
  const { value, problems } = convertText('', text);
  const [first] = problems;
  return first === undefined ? { ok: true, value } : { ok: false, message: first.message };
}

interface ConvertedText {
  readonly document: Document;
  readonly source: SourceText;
  /** Null where there are problems. */
  readonly value: unknown;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly problems: readonly SourceProblem[];
}

function convertText(file: string, text: string): ConvertedText {
  const source = new SourceText(file, text);
  // The library's own check for duplicate keys and its own excerpts take time quadratic in the file's size.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  const syntax = syntaxProblems(document, source);
  const conversion = new Conversion(source);
  const value = syntax.length > 0 ? null : conversion.convert(document.contents, 0);
  return {
    document,
    source,
    value,
    targets: conversion.targets,
    problems: [...syntax, ...conversion.problems],
  };
}

const depthMax = 64;
const nodesMax = 600_000;

function syntaxProblems(document: Document, source: SourceText): SourceProblem[] {
  const problems = [...document.errors, ...document.warnings].slice(0, problemsMax).map((error) => {
    const stretch = { start: error.pos[0], end: error.pos[1] };
    return source.problem(stretch, [], plainly.get(error.code) ?? error.message, '');
  });
  const version = document.directives?.yaml.version;
  if (version !== '1.2') {
    problems.push(source.problem({ start: 0, end: 1 }, [], `YAML ${version} is not understood`, 'YAML 1.2'));
  }
  return problems;
}

const plainly: ReadonlyMap<string, string> = new Map([
  ['MULTIPLE_DOCS', 'a second document starts here; a file holds one'],
  ['RESOURCE_EXHAUSTION', 'is nested too deeply'],
]);

/** From nodes to plain values, aliases expanded. */
class Conversion {
  readonly problems: SourceProblem[] = [];
  /** What each alias stands for. */
  readonly targets = new Map<Alias, Node>();
  private readonly anchors = new Map<string, Node>();
  private readonly source: SourceText;
  private nodes = 0;
  /** The alias of the file's own text that is being expanded. */
  private outermostAlias: Alias | null = null;

  constructor(source: SourceText) {
    this.source = source;
  }

  convert(node: unknown, depth: number): unknown {
    this.nodes++;
    if (this.nodes > nodesMax || depth > depthMax) {
      const what = depth > depthMax ? 'is nested too deeply' : 'aliases expand to too many values';
      if (this.problems.length === 0) this.refuse(this.outermostAlias ?? node, what);
      return null;
    }
    if (isAlias(node)) return this.convertAlias(node, depth);
    const value = this.convertContent(node, depth);
    // Only now: an alias inside its own anchor would have no end.
    if (isNode(node) && node.anchor !== undefined) this.anchors.set(node.anchor, node);
    return value;
  }

  private convertContent(node: unknown, depth: number): unknown {
    if (isSeq(node)) return node.items.map((item) => this.convert(item, depth + 1));
    if (isMap(node)) return this.convertMap(node, depth);
    return isScalar(node) ? node.value : null;
  }

  private convertAlias(alias: Alias, depth: number): unknown {
    const target = this.anchors.get(alias.source);
    if (target === undefined) {
      this.refuse(alias, `the alias "*${alias.source.slice(0, 40)}" names no anchor above it`);
      return null;
    }
    this.targets.set(alias, target);
    const outermost = this.outermostAlias === null;
    if (outermost) this.outermostAlias = alias;
    const value = this.convert(target, depth + 1);
    if (outermost) this.outermostAlias = null;
    return value;
  }

  private convertMap(map: YAMLMap, depth: number): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    for (const pair of map.items) {
      const key = keyText(pair);
      if (key === undefined) this.refuse(pair.key, 'a key must be a word');
      else if (entries.has(key)) this.refuse(pair.key, `the key "${key.slice(0, 40)}" is written twice`);
      else entries.set(key, this.convert(pair.value, depth + 1));
    }
    return Object.fromEntries(entries);
  }

  private refuse(node: unknown, message: string): void {
    if (this.problems.length >= problemsMax) return;
    this.problems.push(this.source.problem(stretchOf(node) ?? { start: 0, end: 1 }, [], message, ''));
  }
}

/** Finds the stretch of a path. */
class Places {
  private readonly document: Document;
  private readonly targets: ReadonlyMap<Alias, Node>;
  private readonly pairsOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(document: Document, targets: ReadonlyMap<Alias, Node>) {
    this.document = document;
    this.targets = targets;
  }

  ofValue(path: FieldPath): Stretch {
    const { node, key } = this.find(path);
    return stretchOf(node) ?? stretchOf(key) ?? { start: 0, end: 1 };
  }

  ofKey(path: FieldPath): Stretch {
    const { node, key } = this.find(path);
    return stretchOf(key) ?? stretchOf(node) ?? { start: 0, end: 1 };
  }

  /** The node at the path, or the key of the last mapping on the way that the file has. */
  private find(path: FieldPath): { node: unknown; key: unknown } {
    let node: unknown = this.resolved(this.document.contents);
    let key: unknown = null;
    for (const part of path) {
      if (isMap(node)) {
        const pair = this.pairs(node).get(String(part));
        if (pair === undefined) return { node: key === null ? firstKey(node) : key, key };
        key = pair.key;
        node = this.resolved(pair.value);
      } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
        node = this.resolved(node.items[part]);
        key = isMap(node) ? firstKey(node) : node;
      } else return { node, key };
    }
    return { node, key };
  }

  private resolved(node: unknown): unknown {
    return isAlias(node) ? this.targets.get(node) : node;
  }

  private pairs(map: YAMLMap): ReadonlyMap<string, Pair> {
    let pairs = this.pairsOf.get(map);
    if (pairs === undefined) {
      pairs = new Map(map.items.map((pair) => [keyText(pair) ?? '', pair]));
      this.pairsOf.set(map, pairs);
    }
    return pairs;
  }
}

function firstKey(map: YAMLMap): unknown {
  return map.items[0]?.key ?? map;
}

function keyText(pair: Pair): string | undefined {
  if (!isScalar(pair.key)) return undefined;
  const { value } = pair.key;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function stretchOf(node: unknown): Stretch | undefined {
  if (!isNode(node) || !node.range) return undefined;
  return { start: node.range[0], end: node.range[1] };
}
