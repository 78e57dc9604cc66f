import type { EntryView, Expectation } from './golden-sequence.ts';
import { fieldOf, type RandomValues } from './random-values.ts';
import type { SimulatedStep } from './sequence-replay.ts';

/** A field in which a step of the model differs from the recording. */
export interface FieldDifference {
  readonly field: string;
  readonly expected: unknown;
  readonly simulated: unknown;
}

/** Compares what the model did at one step with what the kernel did. */
export class StepComparison {
  private readonly expected: Expectation;
  private readonly simulated: SimulatedStep;
  private readonly random: RandomValues;

  constructor(expected: Expectation, simulated: SimulatedStep, random: RandomValues) {
    this.expected = expected;
    this.simulated = simulated;
    this.random = random;
  }

  /** Differences in what anyone can see. Call it first: it learns which random numbers are meant. */
  outside(): FieldDifference[] {
    const expected = this.expected;
    const simulated = this.simulated;
    const differences: FieldDifference[] = [];
    const check = (field: string, wanted: unknown, got: unknown, agree: boolean): void => {
      if (wanted !== undefined && !agree) differences.push({ field, expected: wanted, simulated: got });
    };
    check('out', expected.out, simulated.out, this.sameOut());
    for (const field of plainFields) check(field, expected[field], simulated[field], this.sameField(field));
    check('errno', expected.errno, simulated.errno, sameErrno(expected.errno, simulated.errno));
    for (const field of tupleFields) check(field, expected[field], simulated[field], this.sameField(field));
    check('fw_sent', expected.fw_sent, simulated.fw_sent, this.sameField('fw_sent'));
    const [low, high] = expected.entries_range ?? [expected.entries, expected.entries];
    const { entries } = simulated;
    check('entries', expected.entries_range ?? expected.entries, entries, entries >= low && entries <= high);
    return differences;
  }

  /** Differences in what only the kernel knows; null when the recording shows nothing of it at this step. */
  inside(): FieldDifference[] | null {
    const shown = internalFields.filter((field) => this.expected[field] !== undefined);
    if (shown.length === 0) return null;
    return shown
      .filter((field) => !this.sameInternal(field))
      .map((field) => ({ field, expected: this.expected[field], simulated: this.simulated[field] }));
  }

  private sameField(field: (typeof plainFields)[number] | (typeof tupleFields)[number] | 'fw_sent'): boolean {
    const wanted = this.expected[field];
    const got = this.simulated[field];
    return field === 'timeout_s' ? nearTimeout(wanted, got) : this.same(wanted, got);
  }

  private sameInternal(field: (typeof internalFields)[number]): boolean {
    const expected = this.expected;
    const simulated = this.simulated;
    if (field === 'table')
      return this.sameSet(expected.table ?? [], simulated.table, (a, b) => this.sameView(a, b));
    if (field === 'saved_text')
      return this.sameSet(expected.saved_text ?? [], simulated.saved_text ?? [], (a, b) =>
        this.random.matches(a, b),
      );
    return this.same(expected[field], simulated[field]);
  }

  /** The packet on the other wire; fields drawn at random only have to lie in their range. */
  private sameOut(): boolean {
    const { out: wanted, out_random: drawn } = this.expected;
    const { out: got } = this.simulated;
    if (wanted === undefined) return true;
    if (wanted === null || got === undefined || got === null) return wanted === (got ?? null);
    for (const [path, [low, high]] of drawn ?? []) {
      const recorded = at(wanted, path);
      const simulated = at(got, path);
      if (typeof recorded !== 'number' || typeof simulated !== 'number') return false;
      if (simulated < low || simulated > high) return false;
      this.random.bind(recorded, simulated);
    }
    return this.same(wanted, got);
  }

  private same(wanted: unknown, got: unknown): boolean {
    return this.random.matches(canonical(wanted), canonical(got));
  }

  /** A table has no order: the kernel dumps by hash. */
  private sameSet<T>(wanted: readonly T[], got: readonly T[], same: (wanted: T, got: T) => boolean): boolean {
    if (wanted.length !== got.length) return false;
    const left = [...got];
    return wanted.every((one) => {
      const found = left.findIndex((candidate) => same(one, candidate));
      if (found >= 0) left.splice(found, 1);
      return found >= 0;
    });
  }

  private sameView(wanted: EntryView, got: EntryView): boolean {
    // A recording leaves zone 0 and mark 0 out, and flows of the same name in two zones would pass for each other.
    const { zone, zone_orig, zone_reply, mark } = wanted;
    return Object.entries({ ...wanted, zone, zone_orig, zone_reply, mark }).every(([field, value]) =>
      field === 'timeout_s' ? nearTimeout(value, got.timeout_s) : this.same(value, fieldOf(got, field)),
    );
  }
}

const plainFields = [
  'verdict',
  'ct_state',
  'state',
  'timeout_s',
  'flags',
  'orig_dir',
  'forwarded',
  'nat',
] as const;

const tupleFields = ['orig', 'reply'] as const;

const internalFields = [
  'tcp_flags',
  'wscale',
  'zone',
  'zone_orig',
  'zone_reply',
  'mark',
  'nat_done',
  'cli_rc',
  'saved_text',
  'table',
] as const;

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce(fieldOf, value);
}

/** Times are read some milliseconds after the packet, in whole seconds. */
function nearTimeout(wanted: unknown, got: unknown): boolean {
  if (typeof wanted !== 'number' || typeof got !== 'number') return wanted === got;
  return Math.abs(wanted - got) <= 1;
}

/** One part of the recordings writes error numbers without their sign. */
function sameErrno(wanted: Expectation['errno'], got: SimulatedStep['errno']): boolean {
  if (wanted === undefined) return true;
  const plain = (errno: SimulatedStep['errno']): string =>
    JSON.stringify(
      [errno ?? []]
        .flat()
        .map((one) => Math.abs(one))
        .sort(),
    );
  return plain(wanted) === plain(got);
}

/** JSON with the keys in order, so that records compare as text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${name}:${canonical(field)}`).join(',')}}`;
}
