import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { EndpointRecording } from './endpoint-case.ts';
import { endpointDifference } from './endpoint-difference.ts';
import { replayEndpoints } from './endpoint-replay.ts';

/** How many recorded cases there are, the part that agrees, and the first difference of each other, a line each. */
export interface EndpointAgreement {
  readonly part: number;
  readonly count: number;
  readonly wrong: string;
}

/** A recording of `results/reference`. */
export function endpointRecording(name: string): EndpointRecording {
  const file = new URL(`../../reference/${name}`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as EndpointRecording;
}

/** How many of the wanted cases a simulated run plays packet by packet as one of the repetitions. */
export function endpointAgreement({ cases }: EndpointRecording, wanted: RegExp): EndpointAgreement {
  const wrong: string[] = [];
  let count = 0;
  for (const { spec, runs } of cases) {
    if (!wanted.test(spec.name)) continue;
    count++;
    const simulated = replayEndpoints(spec);
    const differences = runs.map((recorded) => endpointDifference(recorded, simulated));
    if (!differences.includes(null)) wrong.push(`${spec.name}, ${spec.rttMs} ms: ${differences[0]!}`);
  }
  return { part: 1 - wrong.length / count, count, wrong: wrong.join('\n') };
}
