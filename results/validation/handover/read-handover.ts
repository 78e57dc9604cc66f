import { readForm } from '../read-form.ts';
import { kernelProblem } from './followed-kernel.ts';
import { isKnownProbe, missingVictim } from './attack-probes.ts';
import {
  handoverFile,
  handoverRun,
  isFlowKind,
  type HandoverMeta,
  type HandoverRun,
} from './handover-file.ts';
import { handoverPlan, namedRules, type HandoverPlan, type NamedRules } from './handover-plan.ts';
import { isOpenedLate, portOfFlow, type WorldFlowSetup } from './handover-world.ts';

/** A run that can be simulated. */
export interface ReadRun {
  readonly run: HandoverRun;
  /** Its place in the file: what is drawn for it is drawn for it alone. */
  readonly index: number;
  readonly plan: HandoverPlan;
  readonly flows: readonly WorldFlowSetup[];
}

/** What is in the file and is not held against anything, and why. */
export interface NotScored {
  readonly place: string;
  readonly why: string;
}

export interface ReadHandovers {
  readonly meta: HandoverMeta;
  readonly runs: readonly ReadRun[];
  readonly notScored: readonly NotScored[];
}

/** Reads a file of handovers. Runs that it does not understand are listed; a file of another form is an error. */
export function readHandovers(data: unknown): ReadHandovers {
  const file = readForm(handoverFile, data, 'the form of results/reference/golden-handover.json.gz');
  const notScored: NotScored[] = [];
  const meta = knownProbes(file.meta, notScored);
  const rules = namedRules(meta);
  const runs = file.runs.flatMap((run, index) => {
    const read = readRun(run, index, meta, rules);
    const place = `runs.${index}`;
    if (typeof read === 'string') {
      notScored.push({ place, why: read });
      return [];
    }
    for (const { name } of meta.probe_order) {
      const victim = missingVictim(name, read.run);
      if (victim !== null)
        notScored.push({ place, why: `probe "${name}" is left out: the run has no flow "${victim}"` });
    }
    return [read];
  });
  return { meta, runs, notScored };
}

function knownProbes(meta: HandoverMeta, notScored: NotScored[]): HandoverMeta {
  for (const { name } of meta.probe_order) {
    if (!isKnownProbe(name))
      notScored.push({ place: 'meta.probe_order', why: `probe "${name}" is not known` });
  }
  return { ...meta, probe_order: meta.probe_order.filter(({ name }) => isKnownProbe(name)) };
}

/** The run, or why it cannot be simulated. */
function readRun(data: unknown, index: number, meta: HandoverMeta, rules: NamedRules): ReadRun | string {
  const parsed = handoverRun.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return issue === undefined ? 'not understood' : `${issue.path.join('.')}: ${issue.message}`;
  }
  const run = parsed.data;
  const kernel = kernelProblem(meta.kernel);
  if (kernel !== null) return kernel;
  const plan = handoverPlan(run, meta, rules);
  if (typeof plan === 'string') return `${run.scheme}: ${plan}`;
  const flows: WorldFlowSetup[] = [];
  for (const recorded of run.flows) {
    const port = portOfFlow(recorded.flow, meta);
    if (!isFlowKind(recorded.kind)) return `flow kind "${recorded.kind}" is not known`;
    if (port === null) return `meta.ports.${recorded.flow}: missing`;
    const runningAtCutNs = isOpenedLate(recorded.flow) ? plan.lateRunningAtCutNs : plan.runningAtCutNs;
    flows.push({ recorded, kind: recorded.kind, port, runningAtCutNs });
  }
  return { run, index, plan, flows };
}
