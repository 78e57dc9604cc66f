import { expect, test } from 'vitest';
import { wholeRuleset } from '../scenarios/import/imported-ruleset.ts';
import { importNftText } from '../scenarios/import/nft-text.ts';
import { randomScenario } from '../scenarios/random-scenario.fixture.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { compareSchemes } from './compare.ts';
import { control, noMarks } from './scheme-choice.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import type { PairedRun, RunSummary } from './summary.ts';

// Whatever happens in a run, its measures stand in relations to one another. More worlds:
// NSEH_SWARM=1-1000 npx vitest run results/random-summary.test.ts

const [from, to] = (process.env['NSEH_SWARM'] ?? '1-4').split('-').map(Number);
const seeds = Array.from({ length: (to ?? 4) - (from ?? 1) + 1 }, (_, index) => (from ?? 1) + index);

const rules = (name: string, ports: string) =>
  wholeRuleset(
    importNftText(
      `table inet filter {
         chain forward {
           type filter hook forward priority filter; policy drop;
           ct state established,related accept
           iifname "ext0" tcp dport { ${ports} } ct state new accept
           iifname "ext0" udp dport { 7, 53, 5004, 8080 } accept
           iifname "int0" ct state new accept
         }
       }`,
      name,
    ),
  );

const asWritten: SchemeChoice = { name: 'as-written', scheme: 'as-written', marks: noMarks };

test.each(seeds)('the measures of random scenario %i agree with one another', (seed) => {
  const scenario = randomScenario(
    seed,
    rules('policy', '21, 22, 80, 443, 6000-6010, 8080'),
    rules('stricter', '80'),
  );
  const broken: string[] = [];
  compareSchemes({
    scenario,
    seed,
    repetition: 0,
    choices: [control, asWritten],
    replayCommand: () => `NSEH_SWARM=${seed}-${seed} npx vitest run results/random-summary.test.ts`,
    watch: {
      finish: (pair, summary) => {
        const found = [
          ...notNumbers(summary, summary.scheme),
          ...relations(summary, scenario),
          ...sums(summary, pair),
          ...(summary.scheme === control.name ? atPeace(summary) : []),
        ];
        broken.push(...found.map((what) => `${summary.scheme}: ${what}`));
      },
    },
  });
  expect(broken).toEqual([]);
});

/** Numbers that are no measure of anything, each with its path. */
function notNumbers(value: unknown, path: string): string[] {
  if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? [] : [`${path} is ${value}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    notNumbers(part, `${path}.${name}`),
  );
}

/** What cannot be larger than something else, and is. */
function relations(summary: RunSummary, scenario: Scenario): string[] {
  const found: string[] = [];
  const ordered = (what: string, ...values: readonly (number | null)[]): void => {
    const known = values.filter((value) => value !== null);
    known.forEach((value, at) => {
      // Sums of parts in ms are rounded.
      if (at > 0 && known[at - 1]! > value + 1e-6) found.push(`${what}: ${known.join(' > ')}`);
    });
  };
  for (const of of [summary.message_latency_ms, ...summary.workloads.map(({ latency_ms }) => latency_ms)])
    ordered('latency', of.p50, of.p99, of.p999);
  const { service_gap_ms: gap } = summary;
  ordered('TCP gap', gap.tcp_p50, gap.tcp_max);
  ordered('probes lost in a row and in all', gap.probe_longest, gap.probe_lost);
  for (const move of summary.migrations) {
    ordered(
      `${move.migration}, context alone`,
      move.context_stop_ms,
      move.context_stop_busy_ms,
      move.downtime_ms,
    );
    ordered(`${move.migration}, downtime`, move.downtime_ms, move.total_ms);
    if (move.downtime_ms === null) continue;
    const parts = (move.memory_stop_ms ?? 0) + (move.context_stop_ms ?? 0) + (move.other_stop_ms ?? 0);
    if (Math.abs(parts - move.downtime_ms) > 1e-6)
      found.push(`${move.migration}: parts ${parts} of the pause`);
  }
  for (const { engine, items_at_freeze, missing, downgraded, stale } of summary.context.engines)
    ordered(`${engine}, entries`, missing + Math.max(downgraded, stale), items_at_freeze);
  for (const use of summary.host_cpu) {
    const cpus = scenario.hosts.find(({ name }) => name === use.host)?.cpus ?? 0;
    const { filtering_cpus, copying_cpus, context_cpus, compression_cpus, guests_cpus } = use;
    const all = filtering_cpus + copying_cpus + context_cpus + compression_cpus + guests_cpus;
    // One whose use rises has what an elastic task would get, before the others give it up after an interval.
    ordered(`CPUs of ${use.host} ${use.period}`, all, 2 * cpus);
  }
  return found;
}

/** What is counted in two ways, and differs. */
function sums(summary: RunSummary, { run }: PairedRun): string[] {
  const { connections, exposure } = summary;
  const { total, ...outcomes } = connections;
  const all = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  const series = run.rows.series.rows().map(({ counts }) => counts);
  const inSeries = (counter: keyof (typeof series)[number]): number =>
    series.reduce((sum, counts) => sum + counts[counter], 0);
  const dropped = summary.drops.reduce((sum, { legitimate }) => sum + legitimate, 0);
  const verdicts = all(exposure.legitimate_dropped_by_cause);
  const pairs: readonly (readonly [string, number, number])[] = [
    ['outcomes of connections', all(outcomes), total],
    ['attacks by kind', all(exposure.attacks_delivered_by_kind), exposure.attacks_delivered],
    ['attacks in the series', inSeries('attacks_delivered'), exposure.attacks_delivered],
    ['verdicts by cause', verdicts, exposure.legitimate_dropped],
    ['verdicts in the series', inSeries('legitimate_dropped_by_engine'), exposure.legitimate_dropped],
    ['drops by place', dropped, verdicts + all(exposure.legitimate_lost_by_cause)],
    ['wrongly accepted by cause', all(exposure.wrongly_accepted_by_cause), exposure.wrongly_accepted],
    ['wrongly dropped by cause', all(exposure.wrongly_dropped_by_cause), exposure.wrongly_dropped],
    ['probes in the series', inSeries('probes_sent'), run.rows.probes.length],
  ];
  return pairs.flatMap(([what, one, other]) => (one === other ? [] : [`${what}: ${one} and ${other}`]));
}

/** What the control beside itself says of a move that there was none of. */
function atPeace({ connections, exposure, migrations, transparent }: RunSummary): string[] {
  const harmed = connections.total - connections.untouched;
  const { wrongly_accepted, wrongly_dropped, consequent, spared } = exposure;
  const parted = wrongly_accepted + wrongly_dropped + consequent + spared;
  const quiet = parted === 0 && migrations.length === 0 && transparent;
  return quiet ? [] : [`${harmed} connections, ${parted} divergences, transparent: ${transparent}`];
}
