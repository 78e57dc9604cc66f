import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those above it. Throws the system's own error, which names the folder that cannot be written
 * to: on a read-only file system, making a folder would only say that there is none.
 */
export function makeFolder(folder: string): void {
  let existing = resolve(folder);
  if (existsSync(existing)) return;
  while (!existsSync(existing)) existing = dirname(existing);
  accessSync(existing, constants.W_OK);
  mkdirSync(folder, { recursive: true });
}
