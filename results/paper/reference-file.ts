import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Measured data of results/reference/, in the repository and in a package alike. */
export function referenceJson(name: string): unknown {
  const file = fileURLToPath(new URL(`../reference/${name}.json.gz`, import.meta.url));
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
}
