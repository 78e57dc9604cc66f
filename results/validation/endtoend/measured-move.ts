import { z } from 'zod';
import { isKnownProbe } from '../handover/attack-probes.ts';
import { kernelProblem } from '../handover/followed-kernel.ts';
import type { NotScored } from '../handover/read-handover.ts';
import { flowNames } from './flow-table.ts';

/*
 * Whole migrations of real guests behind real firewalls: the form of results/reference/golden-endtoend.json.gz.
 * Of each run only what a simulator may know (`params`, the guest's page rate before, entries of others in the
 * kernel's hash) and what it is held against are read. `meta` of the file explains the fields.
 */

const measuredScheme = z.strictObject({
  id: z.string(),
  /** Policy at the destination; the source has `open` where this is `open`, else `restricted`. */
  pol: z.enum(['restricted', 'open', 'dropall', 'none']),
  loose: z.union([z.literal(0), z.literal(1)]).default(1),
  copy: z.enum(['strict', 'liberal']).optional(),
  when: z.enum(['stop', 'rounds', 'start', 'late']).optional(),
  gate: z.union([z.literal(0), z.literal(1)]).default(0),
  late_ms: z.number().nonnegative().default(0),
  /** With `late`: policy at the destination until then. */
  before: z.enum(['restricted', 'dropall', 'none']).optional(),
  skip: z.union([z.literal(0), z.literal(1)]).default(0),
});

const scheme = measuredScheme.refine(
  ({ copy, when, before, pol }) =>
    (copy === undefined) === (when === undefined) &&
    (before === undefined || when === 'late') &&
    (before !== 'restricted' || pol === 'restricted'),
  { message: 'a scheme that is not known: its parts do not go together' },
);

const params = z.object({
  scheme,
  ram: z.number().positive(),
  dl: z.number().positive(),
  guest: z.object({ w: z.number().positive(), r: z.number().nonnegative() }),
  workload: z.string(),
  link: z.string(),
  mig_mbit: z.number().positive(),
  cli_mbit: z.number().positive(),
  bw: z.number().positive(),
  fill: z.number().nonnegative().default(0),
  prio: z.union([z.literal(0), z.literal(1)]).default(0),
});

const gap = z.tuple([z.number(), z.number()]).nullish();

/** A flow or probe that the recording names otherwise than we do. */
const named = z.looseObject({
  flows: z.array(z.looseObject({ flow: z.string() })).optional(),
  probes: z.record(z.string(), z.unknown()).optional(),
});

const flow = z.object({
  flow: z.enum(flowNames),
  alive: z.boolean(),
  max_gap: z.object({ client: gap, guest_wall: gap }).nullish(),
  first_rx_after_ms: z.object({ client: z.number().nullish(), guest: z.number().nullish() }).nullish(),
});

/** The longest pause in what a side sends, in ms at the other end; null where none was recorded. */
export function longestGapMs(
  sender: 'client' | 'vm',
  recorded: z.infer<typeof flow>['max_gap'],
): number | null {
  return (sender === 'vm' ? recorded?.client : recorded?.guest_wall)?.[0] ?? null;
}

const shots = z.object({ sent: z.number(), guest_saw: z.number() });

const common = {
  id: z.string(),
  rep: z.number(),
  params,
  foreign_entries_in_hash: z
    .number()
    .nonnegative()
    .nullish()
    .transform((entries) => entries ?? 0),
};

const completedRun = z.object({
  ...common,
  status: z.literal('completed'),
  derived: z.object({
    blackout_ms: z.number().positive(),
    qemu_downtime_ms: z.number(),
    context_copy: z.object({ loaded_after_stop_ms: z.number().nullish() }).nullish(),
  }),
  query_migrate: z.object({ 'total-time': z.number().positive() }),
  guest: z.object({ writes_per_s: z.object({ before: z.number().nonnegative() }) }),
  flows: z.array(flow).min(1),
  probes: z.record(z.string(), z.record(z.string(), shots)),
  usable: z.boolean().default(true),
});

/** A run that was cancelled since it did not converge has neither times nor flows after it. */
const cancelledRun = z.object({
  ...common,
  status: z.literal('cancelled'),
  t_ms: z.object({ src_cancelled: z.number().positive() }),
});

const move = z.discriminatedUnion('status', [completedRun, cancelledRun]);

export type MeasuredMove = z.infer<typeof move>;
export type CompletedMove = z.infer<typeof completedRun>;
export type MoveParams = z.infer<typeof params>;
export type MeasuredScheme = z.infer<typeof scheme>;

/**
 * Reads a file of such runs. Those whose form, scheme or flows are unknown are named, not guessed at. Throws a
 * RangeError where the file is of another kind altogether.
 */
export function readMeasuredMoves(data: unknown): { moves: MeasuredMove[]; notScored: NotScored[] } {
  const file = z.object({ runs: z.array(z.unknown()) }).safeParse(data);
  if (!file.success) throw new RangeError('not a recording of whole migrations: it has no list "runs"');
  const moves: MeasuredMove[] = [];
  const notScored: NotScored[] = [];
  const other = versionProblem(data);
  file.data.runs.forEach((run, index) => {
    if (other !== null) {
      notScored.push({ place: nameOf(run, index), why: other });
      return;
    }
    const { known, unknown } = sortedOut(run);
    for (const name of unknown)
      notScored.push({ place: nameOf(run, index), why: `${name} is not known and left out` });
    const read = move.safeParse(known);
    if (!read.success) notScored.push({ place: nameOf(run, index), why: reasons(read.error) });
    else if (read.data.status === 'completed' && !read.data.usable)
      notScored.push({ place: nameOf(run, index), why: 'marked as not usable' });
    else moves.push(read.data);
  });
  return { moves, notScored };
}

/** Why runs of this rig are not scored; null where they are, or where the file does not say what it was recorded on. */
function versionProblem(data: unknown): string | null {
  const rig = z.object({ meta: z.object({ rig: z.object({ host_kernel: z.string(), qemu: z.string() }) }) });
  const read = rig.safeParse(data);
  if (!read.success) return null;
  const { host_kernel: kernel, qemu } = read.data.meta.rig;
  const version = qemu.split(' ')[0] ?? '';
  return (
    kernelProblem(kernel) ??
    (version.startsWith('7.2.') ? null : `recorded on QEMU ${version}; the models follow 7.2`)
  );
}

/** The run without flows and probes that are not known, and the names of these. */
function sortedOut(run: unknown): { readonly known: unknown; readonly unknown: readonly string[] } {
  const read = named.safeParse(run);
  if (!read.success) return { known: run, unknown: [] };
  const { flows = [], probes = {}, ...rest } = read.data;
  const isKnown = ({ flow: name }: { readonly flow: string }): boolean =>
    flowNames.some((one) => one === name);
  const strangers = flows.filter((one) => !isKnown(one)).map(({ flow: name }) => `flow "${name}"`);
  const strange = Object.keys(probes).filter((name) => !isKnownProbe(name));
  if (strangers.length + strange.length === 0) return { known: run, unknown: [] };
  const knownProbes = Object.fromEntries(Object.entries(probes).filter(([name]) => isKnownProbe(name)));
  return {
    known: { ...rest, flows: flows.filter(isKnown), probes: knownProbes },
    unknown: [...strangers, ...strange.map((name) => `probe "${name}"`)],
  };
}

function nameOf(run: unknown, index: number): string {
  const named = z.object({ id: z.string(), rep: z.number() }).safeParse(run);
  return named.success ? `${named.data.id}, repeat ${named.data.rep}` : `runs[${index}]`;
}

function reasons(error: z.ZodError): string {
  const places = error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`);
  const more = error.issues.length > 3 ? `; and ${error.issues.length - 3} more` : '';
  return `${places.join('; ')}${more}`;
}
