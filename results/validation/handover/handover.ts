import { firstPayloadScore, type FirstPayloadScore } from './first-payload.ts';
import { flowCells, probeCells, type Cell, type ProbeCell } from './handover-cells.ts';
import type { HandoverMeta } from './handover-file.ts';
import { simulateHandover } from './handover-run.ts';
import { inHashOrder } from './hash-order.ts';
import { lookupBaseline } from './lookup-baseline.ts';
import { readHandovers, type NotScored, type ReadRun } from './read-handover.ts';
import { entryScore, ftpScore, newConnectionScore, type AgreementCount } from './table-score.ts';
import { strictCopyScore, type StrictCopyScore } from './strict-copy-score.ts';
import { stopsLoading, survivorShares, type SeedOutcome, type SurvivorShare } from './survivor-share.ts';

/** One cell in which simulation and recording differ. */
export interface HandoverDisagreement {
  readonly scheme: string;
  readonly blackout_ms: number;
  readonly flow: string;
  readonly expected: unknown;
  readonly simulated: unknown;
}

export interface HandoverValidation {
  readonly runs: number;
  readonly flows: number;
  readonly flows_agreeing: number;
  /** Share of the flows that a table of the other blackouts gets right. */
  readonly lookup_baseline: number | null;
  readonly by_distribution: readonly SurvivorShare[];
  readonly strict_copy: StrictCopyScore;
  readonly probes: number;
  readonly probes_agreeing: number;
  readonly probes_lookup_baseline: number | null;
  readonly first_payload: FirstPayloadScore;
  /** Of those: the flows whose state at the cut was recorded, and the others. */
  readonly first_payload_with_cut: FirstPayloadScore;
  readonly first_payload_without_cut: FirstPayloadScore;
  readonly entries: number;
  readonly entries_agreeing: number;
  readonly ftp: AgreementCount;
  readonly new_connections: AgreementCount;
  readonly disagreements: readonly HandoverDisagreement[];
  readonly not_scored: readonly NotScored[];
}

/** Seeds over which the share of survivors is taken where the loader stops. */
const seedsOfShare = 200;

/**
 * Holds the models against recorded handovers (`data` as in golden-handover.json.gz): every run is simulated from
 * its parameters, its blackout and the state of its flows at the cut. Throws a ScenarioError for a file of another
 * form; runs that are not understood are listed as not scored.
 */
export function validateHandovers(data: unknown): HandoverValidation {
  const { meta, runs, notScored } = readHandovers(data);
  const certain = runs.filter(({ plan }) => !stopsLoading(plan));
  const stopping = runs.filter(({ plan }) => stopsLoading(plan));
  const simulated = certain.map((one) => ({ run: one.run, outcome: simulateHandover(one, meta, 1) }));
  const allFlows = flowCells(simulated);
  const flows = allFlows.filter(replicatesAgree);
  const wrongFlows = flows.filter((cell) => !flowFits(cell));
  const allProbes = probeCells(simulated);
  const probes = allProbes.filter(probeCounts);
  const entries = entryScore(simulated);
  const wrongProbes = probes.filter((cell) => !probeFits(median(cell.simulated), cell));
  return {
    runs: runs.length,
    flows: flows.length,
    flows_agreeing: flows.length - wrongFlows.length,
    lookup_baseline: lookupBaseline(flows, allFlows, (answer, cell) => answer === cell.measured[0]),
    by_distribution: schemesOf(stopping).flatMap(([scheme, members]) => sharesOf(scheme, members, meta)),
    strict_copy: strictCopyScore(certain, simulated),
    probes: probes.length,
    probes_agreeing: probes.length - wrongProbes.length,
    probes_lookup_baseline: lookupBaseline(probes, allProbes, (answer, cell) => probeFits(answer, cell)),
    first_payload: firstPayloadScore(simulated, 'all'),
    first_payload_with_cut: firstPayloadScore(simulated, 'cut recorded'),
    first_payload_without_cut: firstPayloadScore(simulated, 'cut not recorded'),
    entries: entries.recorded,
    entries_agreeing: entries.agreeing,
    ftp: ftpScore(simulated),
    new_connections: newConnectionScore(simulated),
    disagreements: [...wrongFlows, ...wrongProbes].map(disagreement),
    not_scored: notScored,
  };
}

export function replicatesAgree<T>({ measured }: Cell<T>): boolean {
  return measured.every((one) => one === measured[0]);
}

/** All replicates of the simulation came out as all measured ones did. */
export function flowFits({ measured, simulated }: Cell<boolean>): boolean {
  return simulated.every((one) => one === measured[0]);
}

/** One shot counts where the replicates agree; six always do, since what agreement means depends on how many pass. */
export function probeCounts(cell: ProbeCell): boolean {
  return cell.shots > 1 || replicatesAgree(cell);
}

/** Exactly where all or none of the shots pass, within 2 where some do. */
export function probeFits(answer: number, cell: Cell<number>): boolean {
  const shots = 'shots' in cell && typeof cell.shots === 'number' ? cell.shots : 1;
  const mean = cell.measured.reduce((sum, one) => sum + one, 0) / cell.measured.length;
  if (shots === 1 || mean === 0 || mean === shots) return answer === mean;
  return Math.abs(answer - mean) <= 2;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

function disagreement(cell: Cell<unknown>): HandoverDisagreement {
  return {
    scheme: cell.scheme,
    blackout_ms: cell.blackoutMs,
    flow: cell.name,
    expected: oneOrAll(cell.measured),
    simulated: oneOrAll(cell.simulated),
  };
}

/** What all replicates have in common, or what each of them has. */
function oneOrAll(values: readonly unknown[]): unknown {
  return values.every((value) => value === values[0]) ? values[0] : values;
}

function schemesOf(runs: readonly ReadRun[]): [string, ReadRun[]][] {
  const found = new Map<string, ReadRun[]>();
  for (const one of runs) found.set(one.run.scheme, [...(found.get(one.run.scheme) ?? []), one]);
  return [...found];
}

/**
 * Survivors over seeds, each of which draws another order of the dump. In one run a flow's fate hangs on whether its
 * own entry was loaded: a run is simulated anew only for a seed that loads something whose outcome is not known yet.
 */
function sharesOf(scheme: string, runs: readonly ReadRun[], meta: HandoverMeta): SurvivorShare[] {
  const known = runs.map(() => new Map<string, boolean>());
  const dumps = runs.map((run) => simulateHandover(run, meta, 1).copied);
  const seeds: SeedOutcome[][] = [];
  for (let seed = 1; seed <= seedsOfShare; seed++) {
    const index = Math.floor((seed - 1) / 2) % runs.length;
    const { run } = runs[index]!;
    const ordered = inHashOrder(dumps[index]!, seed, runs[index]!.index);
    const loaded = new Set(
      ordered
        .slice(
          0,
          ordered.findIndex(({ expected }) => expected),
        )
        .map(({ flow }) => flow),
    );
    const key = (flow: string): string => `${flow} ${loaded.has(flow)}`;
    const outcomes = known[index]!;
    if (run.flows.some(({ flow }) => !outcomes.has(key(flow))))
      for (const { flow, survives } of simulateHandover(runs[index]!, meta, seed).flows)
        outcomes.set(key(flow), survives);
    seeds.push(
      run.flows.map(({ flow }) => ({
        flow,
        loaded: loaded.has(flow),
        survives: outcomes.get(key(flow)) === true,
      })),
    );
  }
  return survivorShares(
    scheme,
    runs.map(({ run }) => run),
    seeds,
  );
}
