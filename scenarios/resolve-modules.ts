import { dirname, join, isAbsolute } from 'node:path';
import { openTextFile } from './read-text-file.ts';
import type { Resolution } from './resolution.ts';
import type { ModuleSpec } from './scenario.ts';
import { sha256 } from './sha256.ts';

/** The modules of a scenario, found and hashed, so that a run of another version of a module is another run. */
export function resolveModules({ parsed, problems }: Resolution, scenarioPath: string): ModuleSpec[] {
  return parsed.file.modules.map(({ path, options }, index) => {
    const found = isAbsolute(path) ? path : join(dirname(scenarioPath), path);
    const opened = openTextFile(found, 'split it', moduleBytesMax);
    if (!opened.ok) {
      const place = [...parsed.pathOf('modules', index), 'path'];
      problems.add(place, `"${path}": ${opened.message}`, opened.allowed);
    }
    const text = opened.ok ? opened.text : '';
    return { path: found, sha256: sha256(text), options };
  });
}

const moduleBytesMax = 2 ** 20;
