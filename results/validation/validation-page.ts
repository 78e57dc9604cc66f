import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Claim } from '../paper/claim.ts';
import { claimVerdict, paperClaims } from '../paper/claim-points.ts';
import { pictureFile, rowsFile } from '../paper/committed-figures.ts';
import { paperFigures } from '../paper/paper-figures.ts';
import type { PaperFigure } from '../paper/paper-figures.ts';
import { comRegion } from '../paper/com-region.ts';
import { contextClaims } from '../paper/context-claims.ts';
import { threeDigits, threeDigitsOrDash } from '../three-digits.ts';
import { validateConntrack } from './conntrack.ts';
import { endToEndBars } from './endtoend/end-to-end-bars.ts';
import { chanceShare } from './endtoend/blackout-orders.ts';
import { endpointBars, validateEndpoints } from './endpoints/endpoints.ts';
import { validateEndToEnd, type EndToEndValidation } from './endtoend/end-to-end.ts';
import { markdownTable } from '../markdown-table.ts';
import { validateEastWest } from './handover-eastwest/east-west.ts';
import { handoverPart } from './handover/handover-page.ts';
import { validateHandovers } from './handover/handover.ts';
import { qemuBars } from './qemu-bars.ts';
import { validateQemu, type ErrorQuantiles } from './qemu.ts';

const recordings = [
  ['golden-conntrack', 'IPv4: handshakes, windows, resets, pick-up, full tables, zones, reload'],
  ['golden-ipv6', 'IPv6 and ICMPv6, fragments, neighbour discovery'],
  ['golden-nat', 'SNAT, DNAT, masquerade, redirect, port choice and clash, errors through NAT'],
  ['fuzz-conntrack', 'random sequences, see below'],
] as const;

/** What takes too long to be remade by a test: the test takes it from the page, and holds its code on few runs. */
export interface SlowParts {
  readonly handovers: string;
  readonly endToEnd: string;
  readonly contextClaims: string;
  readonly comRegion: string;
}

/** Remade from the recordings and by some hundred runs, in some minutes. */
export async function slowParts(): Promise<SlowParts> {
  return {
    handovers: handoverPart(
      validateHandovers(recording('golden-handover')),
      validateEastWest(recording('golden-eastwest')),
    ),
    endToEnd: endToEndPart(validateEndToEnd(recording('golden-endtoend'))),
    contextClaims: claimsPart(contextClaims()),
    comRegion: await comRegion(2),
  };
}

/** The slow parts of a page that was written before. */
export function slowPartsOf(page: string): SlowParts {
  const between = (head: string, next: string): string => {
    const from = page.indexOf(head) + head.length;
    return page.slice(from, page.indexOf(next, from)).trim();
  };
  return {
    handovers: between(handoverHead, endToEndHead),
    endToEnd: between(endToEndHead, claimsHead),
    contextClaims: between(contextHead, regionHead),
    comRegion: between(regionText, '\n\n'),
  };
}

const handoverHead = '## Handovers of real flows';
const endToEndHead = '## Whole migrations, end to end';
const claimsHead = '## Published figures';
const contextHead = '### How security context moves';
const regionHead = '### Where CoM’s pause is within 15 % of stock migration’s';
const regionText = `${regionHead}

\`nseh sweep scenarios/sweeps/com-worst-case.yaml\`. The largest number of entries with which the pause is at most 15 % longer, on the straight lines between 0,
10,000 and 40,000; \`none\`: not even without any. \`cost_scale\` makes the CPUs of both hosts slower. com-stop moves all entries in the pause; the others
few, but each difference walks the whole table, as on Linux.
`;

/** The page docs/validation.md: what the models were held against, and how it came out today. */
export function validationPage({ handovers, endToEnd, contextClaims, comRegion }: SlowParts): string {
  const claims = paperClaims();
  return `# Validation

<!-- Made from the measured data by \`npm run docs:validation\`; do not edit. -->

What the models are held against, and how it comes out. The data are in \`results/reference/\`; every table is remade by a command.

## Connection tracking, packet by packet

\`nseh validate conntrack results/reference/golden-….json.gz\`. Packet sequences that were played through a running Linux 6.18.44 kernel: verdict,
connection state, entry state, lifetime, flags and number of entries are compared after each packet; internals are what only the kernel's
own dump shows.

${markdownTable(['recording', 'what', 'sequences', 'packets', 'internals'], trackingRows())}

Scope: one kernel version, default settings unless a sequence changes them; SCTP, GRE, DCCP and flow offload were not recorded.

\`fuzz-conntrack\` are random sequences in which the models once did otherwise, shrunk, and what the kernel was asked around them. They come
from \`npm run fuzz:conntrack\`: handshakes, windows, resets, loss, reordering, fragments, FTP, NAT, zones, marks, reloads, small tables. The latest
campaign played 5,592 sequences of 92,400 steps, 50 minutes of three or four recorders at once, and brought to light seven faults, which were
mended; of the 2,845 sequences after the last mend all agreed but ten, in which the kernel did not do the same twice, three that the
recorder had put wrongly, and one that did not come again when the same sequences were played once more.

## TCP ends, packet by packet

\`nseh validate endpoints results/reference/tcp-endpoints.json.gz\`, and \`tcp-closing.json.gz\`. What the ends of a Linux kernel sent, in three repetitions of each case, over a path
that cuts, holds and loses packets; see [models.md](models.md#tcp-ends-beside-a-kernels). A case agrees if ours send all that takes sequence space as
in one repetition: flags, numbers and lengths, at times within 5 % or 10 ms.

${endpointPart()}

## Migrations of QEMU guests

\`nseh validate qemu results/reference/golden-qemu.json.gz\`. Every run is simulated from its parameters and the guest's page rate before it
alone. Shares are of |simulated / measured − 1|; \`sync_count_off\` counts syncs, \`downtime_off_ms\` milliseconds.

${qemuPart()}

${handoverHead}

${handovers}

${endToEndHead}

${endToEnd}

${claimsHead}

\`nseh paper\`. Only predictions, replays and exact bounds may be called within; fits and consistency checks are shown without a verdict.

Each claim runs its file of \`scenarios/paper/\`, as \`nseh run\` would. One without a simulated figure is not modelled, and its note says why.

### How memory moves

${claimsPart(claims)}

${contextHead}

${contextClaims}

${regionText}
${comRegion}

## Figures

\`nseh paper --figures\` draws them; each is a function of its rows in \`results/paper/rows/\`. Rings are published points. The line at the foot says what
kind of claim a figure is and what it is calibrated on.

${paperFigures()
  .map((figure) => figurePart(figure, claims))
  .join('\n\n')}
`;
}

function figurePart({ id, design, claims: own, judgedBy }: PaperFigure, claims: readonly Claim[]): string {
  const named = own.length > 0 ? ` (${own.join(', ')})` : '';
  const verdict = judgedBy ?? claimVerdict(claims, own).replace('MISSED', '**missed**');
  return `### \`${id}\`

${verdict}${named}. [Rows](../${rowsFile(id)}).

![${design.title}](${pictureFile(id).replace('docs/', '')})`;
}

function trackingRows(): string[][] {
  return recordings.map(([file, what]) => {
    const found = validateConntrack(recording(file));
    return [
      `\`${file}\``,
      what,
      `${found.sequences_agreeing} of ${found.sequences}`,
      `${found.packets_agreeing} of ${found.packets}`,
      `${found.internals_agreeing} of ${found.internals}`,
    ];
  });
}

function endpointPart(): string {
  const found = ['tcp-endpoints', 'tcp-closing'].map((name) => validateEndpoints(recording(name)));
  const rows = found.flatMap((each) =>
    endpointBars(each).map(({ figure, reached, limit, met }) => {
      const { cases, agreeing, kernel } = each.groups[figure]!;
      const share = threeDigitsOrDash(reached);
      const verdict = met ? 'met' : '**missed**';
      return [figure, `${agreeing} of ${cases}`, share, threeDigits(limit), verdict, String(kernel ?? '–')];
    }),
  );
  const sums = found.map(
    ({ agreeing, cases, kernel }) => `${agreeing} of ${cases} (the kernel with itself: ${kernel})`,
  );
  return `${markdownTable(['cases', 'agree', 'share', 'bar', '', 'the kernel with itself'], rows)}

In all ${sums.join(' and ')}, recorded on ${found[0]!.recorded_on}. The kernel agrees with itself where its first repetition is as another one.`;
}

function qemuPart(): string {
  const found = validateQemu(recording('golden-qemu'));
  const rows = qemuBars(found).map(({ group, figure, quantile, reached, limit, met }) => [
    group,
    `\`${figure}\``,
    quantile,
    threeDigitsOrDash(reached),
    threeDigits(limit),
    met ? 'met' : '**missed**',
  ]);
  const { right, wrong } = found.verdicts;
  return `${markdownTable(['group', 'figure', 'quantile', 'error', 'bar', ''], rows)}

${found.runs} runs; whether the migration converges is right in ${right} and wrong in ${wrong}. Unlimited loopback is bound by the processors of the
machine that measured it and has no bar. Scope: QEMU 7.2, TCG, one vCPU, up to 1 GiB.`;
}

/** Median and 95th percentile of each figure whose repeats are many. */
function repeatsOff({ repeats }: EndToEndValidation): string {
  const of = ({ median, p95 }: ErrorQuantiles): string =>
    `${threeDigitsOrDash(median)} (p95 ${threeDigitsOrDash(p95)})`;
  return `${of(repeats.blackout)} for the blackout, ${of(repeats.gap_client_sender)} and ${of(repeats.gap_vm_sender)} for the gaps of client and VM senders`;
}

/** Of whole migrations: the bars, and what is not judged. */
function endToEndPart(found: EndToEndValidation): string {
  const rows = endToEndBars(found).map(({ figure, reached, limit, met }) => [
    figure,
    threeDigitsOrDash(reached),
    threeDigits(limit),
    met ? 'met' : '**missed**',
  ]);
  const { runs, flows, flows_agreeing, probes, probes_agreeing, orders, orders_right } = found;
  const { pairs, pairs_right } = found;
  return `\`nseh validate endtoend results/reference/golden-endtoend.json.gz\`. Real QEMU guests behind two real firewalls with 19 flows and attackers: memory,
context, firewalls and endpoints together, each run from its parameters alone. Errors are |simulated / measured − 1|.

${markdownTable(['figure', 'reached', 'bar', ''], rows)}

Repeats of one case differ among themselves by about as much, so that these errors are those of the machine: who took one for the prediction of another would
be off by ${repeatsOff(found)}.

${runs} runs. ${flows_agreeing} of ${flows} flow outcomes and ${probes_agreeing} of ${probes} probes are right; a table that looks each up at the other cases of its
scheme would get shares of ${threeDigitsOrDash(found.lookup_baseline)} and ${threeDigitsOrDash(found.probes_lookup_baseline)}. ${orders_right} of ${orders} orders of two cases by blackout are right, of those whose medians differ by more than
their repeats do together and than the repeats of any case under that link and load do. Where only the repeats of the two are asked, ${pairs_right} of ${pairs}
are right. That is not judged: of cases with two repeats that are alike, ${threeDigits(100 * chanceShare)} % of pairs differ by so much by chance, and all wrong ones but one
lie among 18 cases of one load whose measured blackouts differ no more between cases than within them (analysis of variance, F = 0.57:
\`results/validation/endtoend/blackout-orders.test.ts\`). A run's figures are medians of three draws. The testbed's own constants (emulated processors, the copying agent, socket buffers) are in
\`results/validation/endtoend/rig.ts\`; everything else is what the models do by default. Scope: QEMU 7.2, TCG, one vCPU, 256 MiB, one client.`;
}

function claimsPart(claims: readonly Claim[]): string {
  const head = ['claim', 'what', 'source', 'file', 'kind', 'published', 'simulated', 'verdict'];
  const notes = claims
    .filter(({ note }) => note !== '')
    .map(({ id, what, note }) => `${id}, ${what}: ${note}`);
  return [markdownTable(head, claims.map(claimRow)), ...notes].join('\n\n');
}

/** The claim as a row of the page's table. */
export function claimRow({ id, what, source, file, kind, published, simulated, within }: Claim): string[] {
  const verdict = within === null ? '' : within ? 'within' : '**missed**';
  return [id, what, source, `\`${file}\``, kind, figures(published), figures(simulated), verdict];
}

function figures(values: readonly number[]): string {
  const shown = values.slice(0, 10).map(threeDigits).join(', ');
  return values.length > 10 ? `${shown}, …` : shown;
}

function recording(name: string): unknown {
  const file = new URL(`../reference/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
}
