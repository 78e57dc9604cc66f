import type { Problem } from '../sim/assert.ts';
import { suggestion } from './did-you-mean.ts';
import type { FieldPath } from './source-problem.ts';
import { yamlValue } from './yaml-text.ts';

/** One `--set path=value`: where it leads, and the value as the file would hold it. */
export interface Override {
  /** As the user wrote it. */
  readonly text: string;
  readonly path: FieldPath;
}

export type SetResult =
  | { readonly ok: true; readonly value: unknown; readonly override: Override }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Applies `path=value` to the plain values of a file. A path is `hosts[0].link.rate`; list items can also be
 * named: `vms[web].memory`. The value is YAML: `10 Gbit/s`, `[at-reservation]`. Keys need not be there yet (the
 * schema says whether they may be), list items must.
 */
export function setValue(root: unknown, text: string): SetResult {
  const equals = text.indexOf('=');
  const written = equals < 0 ? text : text.slice(0, equals);
  const parts = equals < 0 ? null : splitPath(written);
  if (parts === null || parts.length === 0)
    return fail(text, 'is not path=value', 'such as hosts[0].link.rate=10 Gbit/s');
  const read = yamlValue(text.slice(equals + 1));
  if (!read.ok) return fail(text, `the value is not YAML: ${read.message}`, '');
  const path: (string | number)[] = [];
  const placed = place(root, parts, read.value, path);
  if (!placed.ok) return fail(text, placed.message, placed.allowed);
  return { ok: true, value: placed.value, override: { text, path } };
}

/** `hosts[0].link` as `hosts`, `[0]`, `link`; null when it is no path. */
function splitPath(written: string): string[] | null {
  const trimmed = written.trim();
  if (!/^[\w-]+(\.[\w-]+|\[[^\][]+\])*$/.test(trimmed)) return null;
  return trimmed.match(/[\w-]+(?![^[]*\])|\[[^\][]+\]/g);
}

type Placed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly allowed: string };

/** The value with the part replaced; fills `path` with keys and indices on the way. */
function place(target: unknown, parts: readonly string[], value: unknown, path: (string | number)[]): Placed {
  const [part, ...rest] = parts;
  if (part === undefined) return { ok: true, value };
  if (Array.isArray(target)) {
    const index = indexOf(target, part);
    if (typeof index === 'string')
      return { ok: false, message: index, allowed: itemNames(target).join(', ') };
    path.push(index);
    const inner = place(target[index], rest, value, path);
    return inner.ok ? { ok: true, value: target.with(index, inner.value) } : inner;
  }
  if (part.startsWith('[')) return { ok: false, message: `${part} does not follow a list`, allowed: '' };
  if (target !== undefined && target !== null && typeof target !== 'object') {
    return { ok: false, message: `${String(path.at(-1))} holds no other values`, allowed: '' };
  }
  const mapping: object = typeof target === 'object' && target !== null ? target : {};
  path.push(part);
  const inner = place(Object.entries(mapping).find(([key]) => key === part)?.[1], rest, value, path);
  return inner.ok ? { ok: true, value: { ...mapping, [part]: inner.value } } : inner;
}

/** The index that `[2]`, `2` or `[web]` means, or what is wrong with it. */
function indexOf(target: readonly unknown[], part: string): number | string {
  const key = part.replace(/^\[|\]$/g, '').trim();
  const names = itemNames(target);
  if (names.includes(key)) return names.indexOf(key);
  if (/^\d+$/.test(key)) {
    return Number(key) < target.length
      ? Number(key)
      : `there is no item ${key}, the list has ${target.length}`;
  }
  return `there is no item "${key}"${suggestion(key, names)}`;
}

/** The names of a list's items, empty where an item has none. */
function itemNames(target: readonly unknown[]): string[] {
  return target.map((item) =>
    typeof item === 'object' && item !== null && 'name' in item ? String(item.name) : '',
  );
}

function fail(text: string, message: string, allowed: string): SetResult {
  return { ok: false, problem: { place: `--set ${text}`, message, allowed } };
}
