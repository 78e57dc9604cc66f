import { atLeast, shareOf, type Bar } from '../bar.ts';
import type { EndpointRecording } from './endpoint-case.ts';
import { endpointDifference } from './endpoint-difference.ts';
import { readEndpointRecording } from './endpoint-file.ts';
import { replayEndpoints } from './endpoint-replay.ts';

/** Cases of a kind: how many there are, and in how many an end sends what one repetition of the kernel sent. */
export interface EndpointGroup {
  readonly cases: number;
  readonly agreeing: number;
  /** In how many the kernel did in its first repetition what it did in another one; null where one case has no other. */
  readonly kernel: number | null;
}

export interface EndpointDisagreement {
  readonly case: string;
  readonly rtt_ms: number;
  /** The first packet in which the simulated run differs from the first repetition. */
  readonly difference: string;
}

/** What `nseh validate endpoints --json` prints, but for its bars. */
export interface EndpointValidation extends EndpointGroup {
  readonly recorded_on: string;
  readonly groups: Readonly<Record<string, EndpointGroup>>;
  readonly disagreements: readonly EndpointDisagreement[];
}

/** Simulates each recorded case with ends of `linux-6.x` and compares packet by packet, see {@link endpointDifference}. */
export function validateEndpoints(data: unknown): EndpointValidation {
  const recording = readEndpointRecording(data);
  const disagreements: EndpointDisagreement[] = [];
  const groups: Record<string, EndpointGroup> = {};
  for (const { spec, runs } of recording.cases) {
    const difference = differenceOfAll(runs, replayEndpoints(spec));
    if (difference !== null) disagreements.push({ case: spec.name, rtt_ms: spec.rttMs, difference });
    const group = groupOf(spec.name);
    const own = { cases: 1, agreeing: difference === null ? 1 : 0, kernel: kernelAgrees(runs) };
    groups[group] = together(groups[group] ?? nothing, own);
  }
  const all = Object.values(groups).reduce(together, nothing);
  return { recorded_on: `Linux ${recording.kernel}`, ...all, groups, disagreements };
}

/** Of each kind as many as the kernel repeats of the kind that it repeats least, the handshake's: 119 of 126. */
export function endpointBars({ groups }: EndpointValidation): Bar[] {
  return Object.entries(groups).map(([name, { agreeing, cases }]) =>
    atLeast(name, 0.94, shareOf(agreeing, cases)),
  );
}

type Runs = EndpointRecording['cases'][number]['runs'];

/** Null where the simulated run is as one repetition, else how it differs from the first. */
function differenceOfAll(runs: Runs, simulated: Runs[number]): string | null {
  const differences = runs.map((recorded) => endpointDifference(recorded, simulated));
  return differences.includes(null) ? null : differences[0]!;
}

function kernelAgrees(runs: Runs): number | null {
  if (runs.length === 1) return null;
  const [first, ...others] = runs;
  return others.some((other) => endpointDifference(first!, other) === null) ? 1 : 0;
}

const nothing: EndpointGroup = { cases: 0, agreeing: 0, kernel: 0 };

function together(a: EndpointGroup, b: EndpointGroup): EndpointGroup {
  const kernel = a.kernel === null || b.kernel === null ? null : a.kernel + b.kernel;
  return { cases: a.cases + b.cases, agreeing: a.agreeing + b.agreeing, kernel };
}

/** Kinds of cases by how the recorder's names begin; what fits none is of a kind of its own. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['both directions cut', /^(cut (?!after)|long cut|no probe)/],
  ['one direction cut', /^cuts/],
  ['packets late', /^holds/],
  ['packets of the handshake lost', /^(open|cut after open|retries)/],
  ['segments of a row lost', /^send \d+ without/],
  ['closing, ends that are gone, resets', /^(close(?! of)|half-close|reset|the)/],
  ['full closes, half closes, aborts', /^(full|half,|abort|close of)/],
  ['what no application holds', /^(orphan|FIN|tcp_fin)/],
  ['segments lost after SYN cookies', /^cookie.*loss/],
  ['SYN cookies', /^cookie/],
  ['talk without loss', /^(send \d+ each|ask)/],
  ['nothing ever arrives', /^(tcp_retries2|keep-alive|user timeout)/],
  ['transfers that lose a tenth', /^\d+: /],
];

function groupOf(name: string): string {
  return kinds.find(([, pattern]) => pattern.test(name))?.[0] ?? 'others';
}
