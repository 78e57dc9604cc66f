import { threeDigits } from '../../three-digits.ts';
import { markdownTable } from '../../markdown-table.ts';
import { handoverBars } from './handover-bars.ts';
import type { HandoverDisagreement, HandoverValidation } from './handover.ts';

/** What docs/validation.md says of the handovers: scores beside a lookup table's, what disagrees, and why. */
export function handoverPart(handovers: HandoverValidation, eastWest: HandoverValidation): string {
  return `### Between two firewalls

\`nseh validate handover results/reference/golden-handover.json.gz\`. ${handovers.runs} runs of 21 flows and 12 kinds of probes while a path is moved from one Linux
firewall to another, under 21 ways of moving the state: simulated from the parameters of each run, its blackout, and the state of the flows at the
cut where it was recorded. A flow or a single probe counts where the replicates agree. The lookup table knows what the same flow did under the same
scheme at the other blackouts.

${barTable(handovers)}

Where the loader stops at an error, the order of the kernel's hash decides who is missing: the share of survivors over 200 drawn orders lies in the
exact 95 % interval of the recorded share for ${handovers.by_distribution.filter(({ within }) => within).length} of ${handovers.by_distribution.length} flows. Of strict copies
with a recorded cut, ${handovers.strict_copy.dead} flows that nobody attacked died, ${handovers.strict_copy.dead_simulated} do in the simulation, ${handovers.strict_copy.dead_in_both} of them the same.

What disagrees is what hangs on numbers that were not recorded: random sequence numbers of probes against unknown initial
sequence numbers decide whether a forged segment passes a strict entry, and with it whether the attacked flow lives.

${disagreementTable(handovers.disagreements)}

Scope: one client, round trip 0.1 ms, IPv4, no NAT; the VM's timers run through the blackout. First payloads are within 40 ms or 3 % for ${share(handovers.first_payload_with_cut.within_40_ms_or_3_percent)} of the flows whose state
at the cut was recorded; all but three of the others are of one run, in which the machine stood still for 190 ms. Where it was not, a flow is where its
periods since its opening take it, or after many of them in their middle: ${share(handovers.first_payload_without_cut.within_40_ms_or_3_percent)}; of two replicates of such a run one foretells the other for 74 %,
since whether 20 ms without a path meet a packet at all is chance.

\`results/reference/third-handover.json.gz\` was recorded after the models were made, with cubic and bbr, other schemes and other blackouts. Of the flows of
its 30 runs whose copies keep the window scale, or that copy nothing, all but one end as simulated. Copies that lose the scale (\`naive\`, \`noflags\`)
are where the models fall short: real ends shift windows by 10, since tcp_rmem allows 32 MiB, so that such an entry takes a window of 1.6 MiB for 1,653
bytes, drops parts of the first bursts, and may remember less than it let through; then it drops all acknowledgements, and the flow dies. Of bulk flows
20 of 48 did (cubic 6 of 24, bbr 14), and 4 of 32 above; in the simulation, whose ends shift by 7, none of the 48. With a shift of 10 all or none do, by
the window: which ones live hangs on how each burst is repaired.

### Two VMs that share a table

\`nseh validate handover results/reference/golden-eastwest.json.gz\`. ${eastWest.runs} moves of a VM away from, to, or together with one it talks to, on hosts that
route or bridge; entries are those of each flow on both hosts at the end. There are no other blackouts to look up: the lookup table says
what flows most often did.

${barTable(eastWest)}

${disagreementTable(eastWest.disagreements)}`;
}

function barTable(found: HandoverValidation): string {
  const rows = handoverBars(found)
    .filter(({ reached }) => reached !== null)
    .map(({ figure, reached, limit, baseline, met }) => [
      figure,
      share(reached),
      share(limit),
      share(baseline),
      met ? 'met' : '**missed**',
    ]);
  return markdownTable(['figure', 'share', 'bar', 'lookup table', ''], rows);
}

/** By what disagrees, most frequent first. */
function disagreementTable(disagreements: readonly HandoverDisagreement[]): string {
  const cells = new Map<string, HandoverDisagreement[]>();
  for (const one of disagreements) cells.set(one.flow, [...(cells.get(one.flow) ?? []), one]);
  const rows = [...cells]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([flow, members]) => [
      flow,
      String(members.length),
      [...new Set(members.map(({ scheme }) => scheme))].join(', '),
    ]);
  return markdownTable(['disagreeing', 'cells', 'under'], rows);
}

function share(value: number | null): string {
  return value === null ? '–' : `${threeDigits(100 * value)} %`;
}
