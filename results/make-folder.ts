import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';

/** Of /proc (Linux, include/uapi/linux/magic.h). */
const procfsMagic = 0x9fa0;

/**
 * Makes a folder, and those above it. Throws the system's own error, which names the folder that cannot be written
 * to: on a read-only file system, making a folder would only say that there is none.
 */
export function makeFolder(folder: string): void {
  let existing = resolve(folder);
  if (existsSync(existing)) return;
  while (!existsSync(existing)) existing = dirname(existing);
  // There making a folder with those above it never ends (Node 20): the system says that there is no such place.
  if (statfsSync(existing).type === procfsMagic) {
    throw new ScenarioError([
      { place: folder, message: 'cannot be made there', allowed: 'a place on a disk' },
    ]);
  }
  accessSync(existing, constants.W_OK);
  mkdirSync(folder, { recursive: true });
}
