import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { ScenarioError } from '../sim/assert.ts';

/** Larger files are refused before they are read: parsing them would take seconds and serve nobody. */
export const fileBytesMax = 2 ** 20;

/** The text of a file, or why it cannot be had. */
export type TextFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly allowed: string };

/** The bytes of a file, or why they cannot be had. */
export type OpenedFile = { readonly ok: true; readonly bytes: Buffer } | Extract<TextFile, { ok: false }>;

/**
 * Reads a file that the user named. Missing files, directories, devices and files of more than `bytesMax` are refused
 * without reading them; `advice` says how to get by with a smaller one.
 */
export function openFile(path: string, advice: string, bytesMax: number): OpenedFile {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return refuse('there is no such file', '');
  if (found.isDirectory()) return refuse('is a directory', 'a file');
  if (!found.isFile()) return refuse('is a device or pipe', 'a regular file');
  if (found.size > bytesMax) return refuse(`has ${found.size} bytes, more than ${bytesMax}; ${advice}`, '');
  return { ok: true, bytes: readFileSync(path) };
}

/** The same for a text in UTF-8; binary files are refused. */
export function openTextFile(path: string, advice: string, bytesMax: number): TextFile {
  const opened = openFile(path, advice, bytesMax);
  if (!opened.ok) return opened;
  const { bytes } = opened;
  if (bytes.includes(0) || !isUtf8(bytes)) return refuse('is not text in UTF-8', 'a text file');
  return { ok: true, text: bytes.toString('utf8').replace(/^\uFEFF/, '') };
}

/** The text of a scenario file; a {@link ScenarioError} where {@link openTextFile} refuses. */
export function readScenarioText(path: string): string {
  const opened = openTextFile(path, 'describe many like things by one entry with count:', fileBytesMax);
  if (opened.ok) return opened.text;
  throw new ScenarioError([{ place: path, message: opened.message, allowed: opened.allowed }]);
}

function refuse(message: string, allowed: string): Extract<TextFile, { ok: false }> {
  return { ok: false, message, allowed };
}
