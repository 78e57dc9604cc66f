import { fileURLToPath } from 'node:url';

/**
 * The path of a file of this project, `path` from its root. The built program lies in a folder of its own, dist/, one deeper than the sources,
 * and data are not copied there. `module` is the URL of this module, given by tests alone.
 */
export function projectFile(path: string, module: string = import.meta.url): string {
  const root = module.endsWith('.ts') ? '..' : '../..';
  return fileURLToPath(new URL(`${root}/${path}`, module));
}
