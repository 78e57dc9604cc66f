import { basename } from 'node:path';

/** What a scenario or sweep is called that does not say it: its file's name. */
export function nameOfFile(path: string): string {
  return basename(path).replace(/\.(ya?ml|json)$/, '');
}
