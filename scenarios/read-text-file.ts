import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { ScenarioError } from '../sim/assert.ts';

/** Larger files are refused before they are read: parsing them would take seconds and serve nobody. */
export const fileBytesMax = 2 ** 20;

/** The text of a file, or why it cannot be had. */
export type TextFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly allowed: string };

/**
 * Reads a file that the user named, as UTF-8. Missing files, directories, devices, binary files and files of
 * more than `bytesMax` are refused without reading them; `advice` says how to get by with a smaller one.
 */
export function openTextFile(path: string, advice: string, bytesMax: number): TextFile {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return refuse('there is no such file', '');
  if (found.isDirectory()) return refuse('is a directory', 'a file');
  if (!found.isFile()) return refuse('is a device or pipe', 'a regular file');
  if (found.size > bytesMax) return refuse(`has ${found.size} bytes, more than ${bytesMax}; ${advice}`, '');
  const bytes = readFileSync(path);
  if (bytes.includes(0) || !isUtf8(bytes)) return refuse('is not text in UTF-8', 'a text file');
  return { ok: true, text: bytes.toString('utf8').replace(/^\uFEFF/, '') };
}

/** The text of a scenario file; a {@link ScenarioError} where {@link openTextFile} refuses. */
export function readScenarioText(path: string): string {
  const opened = openTextFile(path, 'describe many like things by one entry with count:', fileBytesMax);
  if (opened.ok) return opened.text;
  throw new ScenarioError([{ place: path, message: opened.message, allowed: opened.allowed }]);
}

function refuse(message: string, allowed: string): TextFile {
  return { ok: false, message, allowed };
}
