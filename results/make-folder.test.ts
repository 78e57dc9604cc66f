import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

const at = mkdtempSync(join(tmpdir(), 'nseh-folder-'));
const mounted = join(at, 'read-only');

/** A folder that nobody can write to, root neither; false where this machine lets nobody mount. */
function mountReadOnly(): boolean {
  mkdirSync(mounted);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', mounted], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const readOnly = mountReadOnly();
afterAll(() => {
  if (readOnly) execFileSync('umount', [mounted]);
});

describe('a folder', () => {
  it('is made with those above it, and is left alone when it is there', () => {
    const folder = join(at, 'a/b/c');
    makeFolder(folder);
    writeFileSync(join(folder, 'kept'), '');
    makeFolder(folder);
    expect(existsSync(join(folder, 'kept'))).toBe(true);
  });

  it.skipIf(!readOnly)(
    'on a read-only file system is refused with the name of the file system’s folder',
    () => {
      expect(() => {
        makeFolder(join(mounted, 'out/lab'));
      }).toThrow(expect.objectContaining({ code: 'EROFS', path: mounted }));
    },
  );

  it('below a file is refused with the system’s own words', () => {
    writeFileSync(join(at, 'file'), '');
    expect(() => {
      makeFolder(join(at, 'file/out'));
    }).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });
});
