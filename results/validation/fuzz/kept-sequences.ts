import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

const file = new URL('../../reference/fuzz-conntrack.json.gz', import.meta.url);

/** Recordings of the random sequences in which model and kernel ever differed, shrunk. */
export function keptSequences(): { readonly name: string }[] {
  if (!existsSync(file)) return [];
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as { name: string }[];
}

/** Keeps a recording as a test; one of the same name is replaced. */
export function keepSequence(recording: { readonly name: string }): void {
  const others = keptSequences().filter(({ name }) => name !== recording.name);
  writeFileSync(file, gzipSync(JSON.stringify([...others, recording]), { level: 9 }));
}
