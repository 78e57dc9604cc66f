import type { z } from 'zod';
import { suggestion } from '../did-you-mean.ts';
import { problemsMax } from '../source-problem.ts';
import type { FieldPath } from '../source-problem.ts';
import { show } from './scalar.ts';

/** One thing wrong with the values of a file, before it is known where in the text that is. */
export interface FileProblem {
  readonly path: FieldPath;
  /** The key itself is wrong, not its value. */
  readonly atKey: boolean;
  readonly message: string;
  readonly allowed: string;
}

/** What zod found, in our words: one problem per unknown key, and of a union only the branch that was meant. */
export function fileProblems(issues: readonly z.core.$ZodIssue[], root: unknown): FileProblem[] {
  return issues.flatMap((issue) => problemsOf(issue, [], root));
}

function problemsOf(issue: z.core.$ZodIssue, above: FieldPath, root: unknown): FileProblem[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, problemsMax).map((key) => unknownKey(path, key, issue.message));
  if (issue.code === 'invalid_union') return unionProblems(issue, path, root);
  const allowed: unknown = issue.code === 'custom' ? issue.params?.['allowed'] : '';
  return [problem(path, issue.message, typeof allowed === 'string' ? allowed : '')];
}

/** The message of such an issue lists the known keys, see `mapping.ts`. */
function unknownKey(path: FieldPath, key: string, known: string): FileProblem {
  const shown = key.length > 40 ? `${key.slice(0, 37)}...` : key;
  const message = `unknown key "${shown}"${suggestion(key, known.split(', '))}`;
  return { path: [...path, key], atKey: true, message, allowed: known };
}

function unionProblems(issue: z.core.$ZodIssueInvalidUnion, path: FieldPath, root: unknown): FileProblem[] {
  const value = valueAt(root, path);
  if ('options' in issue && Array.isArray(issue.options)) {
    const kinds = issue.options.map(String);
    if (value === undefined) return [problem(path, 'is missing', kinds.join(', '))];
    const meant = typeof value === 'string' ? suggestion(value, kinds) : '';
    return [problem(path, `unknown kind ${show(value)}${meant}`, kinds.join(', '))];
  }
  const branches = issue.errors.map((errors) => errors.flatMap((inner) => problemsOf(inner, path, root)));
  if (value === undefined) return [problem(path, 'is missing', allowedByAll(branches, path))];
  // The branch that was meant got furthest: it complains about something inside, or about a word.
  const meant = branches.find((problems) => problems.every((inner) => inner.path.length > path.length));
  if (meant !== undefined) return meant;
  return [problem(path, `${show(value)} is not understood`, allowedByAll(branches, path))];
}

function allowedByAll(branches: readonly (readonly FileProblem[])[], path: FieldPath): string {
  const words = branches.flat().filter((inner) => inner.path.length === path.length && inner.allowed !== '');
  return [...words.map((inner) => inner.allowed), 'a mapping'].join(', or ');
}

function valueAt(root: unknown, path: FieldPath): unknown {
  let value: unknown = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) value = typeof part === 'number' ? value[part] : undefined;
    else value = Object.entries(value).find(([key]) => key === String(part))?.[1];
  }
  return value;
}

function problem(path: FieldPath, message: string, allowed: string): FileProblem {
  return { path, atKey: false, message, allowed };
}
