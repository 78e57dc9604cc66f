import { readForm } from '../read-form.ts';
import { kernelProblem } from '../handover/followed-kernel.ts';
import { isFlowKind } from '../handover/handover-file.ts';
import type { HandoverValidation } from '../handover/handover.ts';
import { strictCopyScore } from '../handover/strict-copy-score.ts';
import { lookupBaseline } from '../handover/lookup-baseline.ts';
import type { NotScored } from '../handover/read-handover.ts';
import type { Cell } from '../handover/handover-cells.ts';
import { eastWestFile, eastWestRun, type EastWestFlow, type EastWestMeta } from './east-west-file.ts';
import { eastWestPlan } from './east-west-plan.ts';
import {
  simulateEastWest,
  type EastWestOutcome,
  type EastWestReadRun,
  type EndEntry,
} from './east-west-run.ts';
import type { EastWestSetup } from './east-west-world.ts';

/**
 * Holds the models against recorded moves of a VM away from, to, or together with one it talks to (`data` as in
 * golden-eastwest.json.gz): flow outcomes, and each flow's entries on both hosts at the end. There are no probes,
 * first payloads or other blackouts; the lookup table knows what flows most often do.
 */
export function validateEastWest(data: unknown): HandoverValidation {
  const { runs, notScored } = readEastWest(data);
  const outcomes = runs.map((run) => simulateEastWest(run));
  const allFlows = cells(runs, outcomes, (flow, outcome, index) => [flow.survives, outcome.survives[index]!]);
  const allEntries = cells(runs, outcomes, (flow, outcome, index) => [
    text({
      A: flow.entries_end.A.map(([state, , direction, zone, mark]) => [state, direction, zone, mark]),
      B: flow.entries_end.B.map(([state, , direction, zone, mark]) => [state, direction, zone, mark]),
    }),
    text(outcome.entries[index]!),
  ]);
  const flows = allFlows.filter(replicatesAgree);
  const entries = allEntries.filter(replicatesAgree);
  const wrongFlows = flows.filter((cell) => !fits(cell));
  const wrongEntries = entries.filter((cell) => !fits(cell));
  return {
    runs: runs.length,
    flows: flows.length,
    flows_agreeing: flows.length - wrongFlows.length,
    lookup_baseline: lookupBaseline(flows, allFlows, (answer, cell) => answer === cell.measured[0]),
    by_distribution: [],
    strict_copy: strictCopyScore([], []),
    probes: 0,
    probes_agreeing: 0,
    probes_lookup_baseline: null,
    first_payload: noFirstPayload,
    first_payload_with_cut: noFirstPayload,
    first_payload_without_cut: noFirstPayload,
    entries: entries.length,
    entries_agreeing: entries.length - wrongEntries.length,
    ftp: { recorded: 0, agreeing: 0 },
    new_connections: { recorded: 0, agreeing: 0 },
    disagreements: [...wrongFlows, ...wrongEntries].map((cell) => ({
      scheme: cell.scheme,
      blackout_ms: cell.blackoutMs,
      flow: cell.name,
      expected: cell.measured[0],
      simulated: cell.simulated[0],
    })),
    not_scored: notScored,
  };
}

/** Reads a file of east-west moves; what is not understood is listed. */
export function readEastWest(data: unknown): { runs: EastWestReadRun[]; notScored: NotScored[] } {
  const file = readForm(eastWestFile, data, 'the form of results/reference/golden-eastwest.json.gz');
  const notScored: NotScored[] = [];
  const runs = file.runs.flatMap((run, index) => {
    const read = readRun(run, index, file.meta);
    if (typeof read !== 'string') return [read];
    notScored.push({ place: `runs.${index}`, why: read });
    return [];
  });
  return { runs, notScored };
}

/** The run, or why it cannot be simulated. */
function readRun(data: unknown, index: number, meta: EastWestMeta): EastWestReadRun | string {
  const parsed = eastWestRun.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return issue === undefined ? 'not understood' : `${issue.path.join('.')}: ${issue.message}`;
  }
  const run = parsed.data;
  const kernel = kernelProblem(meta.kernel);
  if (kernel !== null) return kernel;
  const plan = eastWestPlan(run, meta);
  if (typeof plan === 'string') return plan;
  const flows: EastWestSetup[] = [];
  for (const recorded of run.flows) {
    if (!isFlowKind(recorded.kind)) return `${run.case}: flow kind "${recorded.kind}" is not known`;
    flows.push({ recorded, kind: recorded.kind });
  }
  return { run, index, plan, flows };
}

type Reading<T> = (
  flow: EastWestFlow,
  outcome: EastWestOutcome,
  index: number,
) => readonly [measured: T, simulated: T];

/** One cell for each flow of each case, with all replicates. */
function cells<T>(
  runs: readonly EastWestReadRun[],
  outcomes: readonly EastWestOutcome[],
  read: Reading<T>,
): Cell<T>[] {
  const found = new Map<string, Cell<T> & { measured: T[]; simulated: T[] }>();
  runs.forEach(({ run }, position) => {
    run.flows.forEach((flow, index) => {
      const key = JSON.stringify([run.case, flow.flow]);
      let cell = found.get(key);
      if (cell === undefined) {
        cell = {
          scheme: run.case,
          blackoutMs: run.blackout_ms,
          set: '',
          name: flow.flow,
          measured: [],
          simulated: [],
        };
        found.set(key, cell);
      }
      const [measured, simulated] = read(flow, outcomes[position]!, index);
      cell.measured.push(measured);
      cell.simulated.push(simulated);
    });
  });
  return [...found.values()];
}

function replicatesAgree<T>({ measured }: Cell<T>): boolean {
  return measured.every((one) => one === measured[0]);
}

function fits<T>({ measured, simulated }: Cell<T>): boolean {
  return simulated.every((one) => one === measured[0]);
}

/** In one order, so that two texts are the same if the entries are. */
function text(entries: Readonly<Record<'A' | 'B', readonly (readonly unknown[] | EndEntry)[]>>): string {
  const side = (list: readonly (readonly unknown[])[]): string =>
    list
      .map((entry) => entry.join(' '))
      .sort()
      .join(', ');
  return `A: ${side(entries.A)}; B: ${side(entries.B)}`;
}

const noFirstPayload = { flows: 0, within_40_ms_or_3_percent: null, within_one_step: null };
