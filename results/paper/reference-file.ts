import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { projectFile } from '../project-file.ts';

/** Measured data of results/reference/. */
export function referenceJson(name: string): unknown {
  const bytes = readFileSync(projectFile(`results/reference/${name}.json.gz`));
  return JSON.parse(gunzipSync(bytes).toString('utf8'));
}
