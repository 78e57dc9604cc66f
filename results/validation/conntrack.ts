import { goldenFile, type EntryView, type Expectation, type GoldenSequence } from './golden-sequence.ts';
import { replaySequence, type SimulatedStep } from './sequence-replay.ts';

/** One field of one step in which model and kernel differ. */
export interface Disagreement {
  readonly sequence: string;
  readonly step: number;
  readonly field: string;
  readonly expected: unknown;
  readonly simulated: unknown;
}

/** How far the model agrees with a recording; packets count packets and operations alike. */
export interface ConntrackValidation {
  readonly sequences: number;
  readonly sequences_agreeing: number;
  readonly packets: number;
  readonly packets_agreeing: number;
  /** Steps that show internals of the kernel, and those of them in which all agree. */
  readonly internals: number;
  readonly internals_agreeing: number;
  readonly disagreements: readonly Disagreement[];
}

/** Replays every sequence of a golden file, and compares each step with what the kernel did. */
export function validateConntrack(data: unknown): ConntrackValidation {
  const results = goldenFile.parse(data).map(compareSequence);
  const sum = (pick: (result: SequenceResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  return {
    sequences: results.length,
    sequences_agreeing: sum((result) => (result.disagreements.length === 0 ? 1 : 0)),
    packets: sum((result) => result.packets),
    packets_agreeing: sum((result) => result.packetsAgreeing),
    internals: sum((result) => result.internals),
    internals_agreeing: sum((result) => result.internalsAgreeing),
    disagreements: results.flatMap((result) => result.disagreements),
  };
}

interface SequenceResult {
  packets: number;
  packetsAgreeing: number;
  internals: number;
  internalsAgreeing: number;
  disagreements: Disagreement[];
}

function compareSequence(sequence: GoldenSequence): SequenceResult {
  const steps = replaySequence(sequence, 1);
  const result: SequenceResult = {
    packets: 0,
    packetsAgreeing: 0,
    internals: 0,
    internalsAgreeing: 0,
    disagreements: [],
  };
  sequence.expect.forEach((expected, step) => {
    const simulated = steps[step]!;
    const note = (field: string, wanted: unknown, got: unknown): Disagreement => ({
      sequence: sequence.name,
      step,
      field,
      expected: wanted,
      simulated: got,
    });
    const outside = compareFields(expected, simulated, note);
    const inside = compareInternals(expected, simulated, note);
    result.packets++;
    if (outside.length === 0) result.packetsAgreeing++;
    if (inside !== null) {
      result.internals++;
      if (inside.length === 0) result.internalsAgreeing++;
      result.disagreements.push(...inside);
    }
    result.disagreements.push(...outside);
  });
  return result;
}

type Note = (field: string, expected: unknown, simulated: unknown) => Disagreement;

function compareFields(expected: Expectation, simulated: SimulatedStep, note: Note): Disagreement[] {
  const differences: Disagreement[] = [];
  for (const field of comparedFields) {
    const wanted = expected[field];
    if (wanted === undefined) continue;
    const got = simulated[field];
    if (field === 'timeout_s' ? !nearTimeout(wanted, got) : !same(wanted, got))
      differences.push(note(field, wanted, got));
  }
  const [low, high] = expected.entries_range ?? [expected.entries, expected.entries];
  if (simulated.entries < low || simulated.entries > high)
    differences.push(note('entries', expected.entries_range ?? expected.entries, simulated.entries));
  return differences;
}

/** Differences in what only the kernel knows; null when the recording shows nothing of it at this step. */
function compareInternals(
  expected: Expectation,
  simulated: SimulatedStep,
  note: Note,
): Disagreement[] | null {
  const differences: Disagreement[] = [];
  let any = false;
  for (const field of internalFields) {
    const wanted = expected[field];
    if (wanted === undefined) continue;
    any = true;
    if (!same(wanted, simulated[field])) differences.push(note(field, wanted, simulated[field]));
  }
  if (expected.table !== undefined) {
    any = true;
    if (!sameTable(expected.table, simulated.table))
      differences.push(note('table', expected.table, simulated.table));
  }
  return any ? differences : null;
}

const comparedFields = [
  'verdict',
  'ct_state',
  'state',
  'timeout_s',
  'flags',
  'orig_dir',
  'errno',
  'forwarded',
] as const;

const internalFields = ['tcp_flags', 'wscale', 'zone', 'zone_orig', 'zone_reply'] as const;

/** Times are read some milliseconds after the packet, in whole seconds. */
function nearTimeout(wanted: unknown, got: unknown): boolean {
  if (typeof wanted !== 'number' || typeof got !== 'number') return wanted === got;
  return Math.abs(wanted - got) <= 1;
}

function same(wanted: unknown, got: unknown): boolean {
  return JSON.stringify(wanted ?? null) === JSON.stringify(got ?? null);
}

/** A table has no order: the kernel dumps by hash. */
function sameTable(wanted: readonly EntryView[], got: readonly EntryView[]): boolean {
  if (wanted.length !== got.length) return false;
  const left = [...got];
  return wanted.every((view) => {
    const found = left.findIndex((candidate) => sameView(view, candidate));
    if (found < 0) return false;
    left.splice(found, 1);
    return true;
  });
}

function sameView(wanted: EntryView, got: EntryView): boolean {
  return (Object.keys(wanted) as (keyof EntryView)[]).every((field) =>
    field === 'timeout_s' ? nearTimeout(wanted[field], got[field]) : same(wanted[field], got[field]),
  );
}
