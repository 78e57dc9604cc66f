import { assert } from '../../sim/assert.ts';
import { packetBytes } from '../network/packet.ts';
import type { BoxTable } from './box-table.ts';
import { Slot, fields } from './rule-field.ts';
import type { NatRequest, RuleContext, RuleOutcome } from './rule-context.ts';
import type { Row, RowFiller } from './rule-row.ts';
import type {
  Key,
  MapElement,
  MapSource,
  MapValue,
  NatStatement,
  Selector,
  SettableField,
  Statement,
  ValueSource,
  Verdict,
} from './ruleset.ts';

/** What a rule's walk goes on with after one statement. */
export type Flow = 'next' | 'break' | 'accept' | 'drop' | 'reject' | 'return' | Leave;

/** Into another chain, to come back (`jump`) or not (`goto`). */
export interface Leave {
  readonly chain: number;
  readonly comesBack: boolean;
}

/** One packet on its way through the chains of one stage. */
export interface Walk {
  context: RuleContext;
  readonly outcome: RuleOutcome;
  readonly filler: RowFiller;
}

export type Step = (walk: Walk) => Flow;

/** A counter as it runs; the rule set holds only where it started. */
export interface CounterState {
  packets: number;
  bytes: number;
}

/** What statements refer to by name within their table. */
export interface TableNames {
  chain(name: string): number;
  counter(name: string): CounterState;
  helperType(name: string): string;
  map(name: string): readonly MapElement[];
  /** Notes that a statement reads a slot. */
  use(slot: number): void;
  lookup(elements: readonly MapElement[], selectors: readonly Selector[]): BoxTable;
}

/** What a statement does to a walk. */
export function compileStep(statement: Statement, names: TableNames): Step {
  switch (statement.kind) {
    case 'verdict': {
      const flow = flowOf(statement.verdict, names);
      return () => flow;
    }
    case 'verdict-map':
      return verdictMapStep(statement, names);
    case 'reject':
      return ({ outcome }) => {
        outcome.rejection = statement.rejection;
        return 'reject';
      };
    case 'counter':
      return counterStep({ packets: statement.packets, bytes: statement.bytes });
    case 'named-counter':
      return counterStep(names.counter(statement.counter));
    case 'log':
      return () => 'next';
    case 'notrack':
      return ({ outcome }) => {
        outcome.notrack = true;
        return 'next';
      };
    case 'set':
      return setStep(statement.field, compileValue(statement.value, names, numberOf));
    case 'helper': {
      const type = names.helperType(statement.helper);
      return ({ outcome }) => {
        outcome.helper = type;
        return 'next';
      };
    }
    case 'nat':
      return natStep(statement, names);
  }
}

function flowOf(verdict: Verdict, names: TableNames): Flow {
  switch (verdict.kind) {
    case 'jump':
    case 'goto':
      return { chain: names.chain(verdict.chain), comesBack: verdict.kind === 'jump' };
    case 'continue':
      return 'break';
    case 'accept':
    case 'drop':
    case 'return':
      return verdict.kind;
  }
}

function verdictMapStep({ selectors, map }: Statement & { kind: 'verdict-map' }, names: TableNames): Step {
  const elements = elementsOf(map, names);
  const table = names.lookup(elements, selectors);
  const flows = elements.map(({ value }) => {
    assert(value.kind === 'verdict', 'a verdict map holds verdicts');
    return flowOf(value.verdict, names);
  });
  return ({ filler }) => flows[table.first(filler.row, 0)] ?? 'break';
}

function counterStep(counter: CounterState): Step {
  return ({ context }) => {
    if (context.counted) {
      counter.packets++;
      counter.bytes += packetBytes(context.packet);
    }
    return 'next';
  };
}

/** The value for a row; undefined when a map has no element for it, which ends the rule. */
type Value<T> = (row: Row) => T | undefined;

function compileValue<T>(source: ValueSource, names: TableNames, read: (value: MapValue) => T): Value<T> {
  switch (source.kind) {
    case 'constant': {
      const value = read(source.value);
      return () => value;
    }
    case 'field': {
      const { slot } = fields[source.field];
      names.use(slot);
      const { and, xor } = source;
      // Only numbers are computed from fields; `read` turns the number into what is wanted.
      return (row) => {
        const number = ((row[slot]! & and) ^ xor) >>> 0;
        return read({ kind: 'values', ranges: [{ kind: 'numbers', low: number, high: number }] });
      };
    }
    case 'map': {
      const elements = elementsOf(source.map, names);
      const table = names.lookup(elements, source.selectors);
      const values = elements.map(({ value }) => read(value));
      return (row) => values[table.first(row, 0)];
    }
  }
}

function elementsOf(map: MapSource, names: TableNames): readonly MapElement[] {
  return map.kind === 'inline' ? map.elements : names.map(map.map);
}

function setStep(field: SettableField, value: Value<number>): Step {
  return ({ outcome, filler }) => {
    const number = value(filler.row);
    if (number === undefined) return 'break';
    assign(field, number, outcome, filler);
    return 'next';
  };
}

function assign(field: SettableField, number: number, outcome: RuleOutcome, filler: RowFiller): void {
  switch (field) {
    case 'meta mark':
      outcome.mark = number;
      filler.set(Slot.mark, number);
      return;
    case 'ct mark':
      outcome.connectionMark = number;
      filler.set(Slot.connectionMark, number);
      return;
    case 'ct zone':
    case 'ct original zone':
    case 'ct reply zone':
      outcome.zone = number;
      outcome.zoneDirection = zoneDirections[field];
  }
}

const zoneDirections = {
  'ct zone': 'both',
  'ct original zone': 'original',
  'ct reply zone': 'reply',
} as const;

function natStep(statement: NatStatement, names: TableNames): Step {
  const { action, flags } = statement;
  const addresses = statement.addresses && compileValue(statement.addresses, names, rangesOf);
  const ports = statement.ports && compileValue(statement.ports, names, rangesOf);
  const requests = new Map<Key | null, Map<Key | null, NatRequest>>();
  return ({ outcome, context, filler: { row } }) => {
    const to = addresses === null ? null : addresses(row);
    const at = ports === null ? null : ports(row);
    if (to === undefined || at === undefined) return 'break';
    const target = to?.[0];
    // In an inet table a translation to the other family does nothing (nft_nat_inet_eval in nft_nat.c).
    if (target?.kind === 'addresses' && target.low.family !== context.packet.source.family) return 'next';
    outcome.nat = remembered(requests, to, at, () => natRequest(action, flags, to, at));
    return 'accept';
  };
}

/** One object per pair of ranges, so that translating allocates nothing after the first packet. */
function remembered(
  requests: Map<Key | null, Map<Key | null, NatRequest>>,
  to: Key | null,
  at: Key | null,
  make: () => NatRequest,
): NatRequest {
  const byPort = requests.get(to) ?? new Map<Key | null, NatRequest>();
  if (byPort.size === 0) requests.set(to, byPort);
  const request = byPort.get(at) ?? make();
  byPort.set(at, request);
  return request;
}

function natRequest(
  action: NatRequest['action'],
  flags: NatRequest['flags'],
  to: Key | null,
  at: Key | null,
): NatRequest {
  const ranges = [...(to ?? []), ...(at ?? [])];
  const address = ranges.find((range) => range.kind === 'addresses');
  const port = ranges.find((range) => range.kind === 'numbers');
  return {
    action,
    addresses: address === undefined ? null : { low: address.low, high: address.high },
    ports: port === undefined ? null : { low: port.low, high: port.high },
    flags,
  };
}

function numberOf(value: MapValue): number {
  const range = rangesOf(value)[0];
  assert(range?.kind === 'numbers', 'a number was asked for');
  return range.low;
}

function rangesOf(value: MapValue): Key {
  assert(value.kind === 'values', 'a value was asked for, not a verdict');
  return value.ranges;
}
