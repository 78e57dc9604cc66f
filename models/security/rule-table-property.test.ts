import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { ipv4 } from '../network/address.ts';
import { makePacket } from '../network/packet.ts';
import type { RuleContext } from './rule-context.ts';
import { StateBit } from './rule-field.ts';
import { RuleTable } from './rule-table.ts';
import { makeRuleset } from './ruleset.ts';
import type { Chain, Expression, Match, Range, Rule, Verdict } from './ruleset.ts';

// Few values, so that rules and packets meet.
const address = fc.nat(40).map((value) => 0x0a00_0000 + value);
const port = fc.nat(12);
const mark = fc.nat(3);

function among(
  field: Match['selectors'][number]['field'],
  operator: Match['operator'],
  keys: Range[],
  mask: number | null = null,
): Match {
  return {
    kind: 'match',
    selectors: [{ field, mask }],
    operator,
    keys: { kind: 'inline', keys: keys.map((key) => [key]) },
  };
}

const addresses = fc
  .tuple(address, fc.nat(9))
  .map(([low, width]): Range => ({ kind: 'addresses', low: ipv4(low), high: ipv4(low + width) }));
const ports = fc
  .tuple(port, fc.nat(3))
  .map(([low, width]): Range => ({ kind: 'numbers', low, high: low + width }));
const negatable = fc.constantFrom('in' as const, 'not-in' as const);
const match: fc.Arbitrary<Match> = fc.oneof(
  fc
    .tuple(negatable, fc.array(addresses, { minLength: 1, maxLength: 3 }))
    .map(([how, keys]) => among('ip saddr', how, keys)),
  fc
    .tuple(negatable, fc.array(addresses, { minLength: 1, maxLength: 2 }))
    .map(([how, keys]) => among('ip daddr', how, keys)),
  fc
    .tuple(negatable, fc.array(ports, { minLength: 1, maxLength: 3 }))
    .map(([how, keys]) => among('tcp dport', how, keys)),
  fc.tuple(negatable, ports).map(([how, key]) => among('udp sport', how, [key])),
  fc
    .tuple(negatable, mark)
    .map(([how, low]) => among('meta mark', how, [{ kind: 'numbers', low, high: low }], 1)),
  fc
    .tuple(fc.constantFrom('any-bit' as const, 'no-bit' as const), fc.integer({ min: 1, max: 15 }))
    .map(([how, low]) => among('ct state', how, [{ kind: 'numbers', low, high: low }])),
  fc
    .constantFrom('tap0', 'tap1', 'tap*', 'eth*')
    .map((pattern) => among('meta iifname', 'in', [{ kind: 'name', pattern }])),
);
const statement: fc.Arbitrary<Expression> = fc.oneof(
  mark.map((low): Expression => ({
    kind: 'set',
    field: 'meta mark',
    value: { kind: 'constant', value: { kind: 'values', ranges: [{ kind: 'numbers', low, high: low }] } },
  })),
  fc.constant<Expression>({ kind: 'counter', packets: 0, bytes: 0 }),
);
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constantFrom<Verdict>({ kind: 'accept' }, { kind: 'drop' }, { kind: 'return' }, { kind: 'continue' }),
  fc.constantFrom<Verdict>({ kind: 'jump', chain: 'b' }, { kind: 'goto', chain: 'b' }),
);
const rule = (deciding: fc.Arbitrary<Verdict>): fc.Arbitrary<Rule> =>
  fc
    .tuple(
      fc.array(match, { maxLength: 3 }),
      fc.array(statement, { maxLength: 1 }),
      fc.array(match, { maxLength: 1 }),
      deciding,
    )
    .map(([before, statements, after, decided]) => ({
      expressions: [...before, ...statements, ...after, { kind: 'verdict', verdict: decided }],
      comment: '',
      place: '',
    }));
const leaf = fc.constantFrom<Verdict>(
  { kind: 'accept' },
  { kind: 'drop' },
  { kind: 'return' },
  { kind: 'continue' },
);
const packet = fc.record({
  source: address.map(ipv4),
  destination: address.map(ipv4),
  protocol: fc.constantFrom(6, 17),
  sourcePort: port,
  destinationPort: port,
});

describe('a rule table', () => {
  test.prop(
    [
      fc.array(rule(verdict), { minLength: 1, maxLength: 60 }),
      fc.array(rule(leaf), { maxLength: 30 }),
      fc.array(
        fc.tuple(
          packet,
          fc.constantFrom('tap0', 'tap1', 'eth0'),
          fc.constantFrom('new' as const, 'established' as const, 'invalid' as const),
          mark,
        ),
        { minLength: 1, maxLength: 20 },
      ),
    ],
    { numRuns: 300 },
  )('decides as reading the rules from the top does, and counts as many', (main, side, packets) => {
    const chains: Chain[] = [
      { name: 'a', base: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' }, rules: main },
      { name: 'b', base: null, rules: side },
    ];
    const table = new RuleTable(
      makeRuleset([{ family: 'ip', name: 't', chains, sets: [], maps: [], counters: [], helpers: [] }]),
    );
    for (const [fields, inInterface, connectionState, marked] of packets) {
      const context = {
        ...circumstances,
        packet: makePacket(fields),
        inInterface,
        connectionState,
        mark: marked,
      };
      const { verdict: decided, rulesEvaluated, mark: left } = table.evaluate('forward', context);
      const expected = read(chains, context);
      expect({ decided, rulesEvaluated, left }).toEqual(expected);
    }
  });
});

/** The rules read one by one, as nft(8) describes them; nothing of the table's own code is used. */
function read(
  chains: readonly Chain[],
  context: RuleContext,
): { decided: string; rulesEvaluated: number; left: number } {
  let { mark: left } = context;
  let rulesEvaluated = 0;
  const walk = (name: string): string => {
    const chain = chains.find((candidate) => candidate.name === name)!;
    for (const { expressions } of chain.rules) {
      rulesEvaluated++;
      const last = expressions.at(-1)!;
      const reached = expressions.every((expression) => {
        if (expression.kind === 'match') return holds(expression, context, left);
        if (
          expression.kind === 'set' &&
          expression.value.kind === 'constant' &&
          expression.value.value.kind === 'values'
        ) {
          const range = expression.value.value.ranges[0]!;
          if (range.kind === 'numbers') left = range.low;
        }
        return true;
      });
      if (!reached || last.kind !== 'verdict' || last.verdict.kind === 'continue') continue;
      const { verdict: said } = last;
      if (said.kind === 'accept' || said.kind === 'drop' || said.kind === 'return') return said.kind;
      const inner = walk('chain' in said ? said.chain : '');
      if (inner !== 'return') return inner;
      if (said.kind === 'goto') return 'return';
    }
    return 'return';
  };
  const end = walk('a');
  return { decided: end === 'return' ? 'drop' : end, rulesEvaluated, left };
}

function holds(
  { selectors, operator, keys }: Match,
  { packet: each, inInterface, connectionState }: RuleContext,
  marked: number,
): boolean {
  const { field, mask } = selectors[0]!;
  if (field === 'tcp dport' && each.protocol !== 6) return false;
  if (field === 'udp sport' && each.protocol !== 17) return false;
  const values: Partial<Record<typeof field, number>> = {
    'ip saddr': each.source.w3,
    'ip daddr': each.destination.w3,
    'tcp dport': each.destinationPort,
    'udp sport': each.sourcePort,
    'meta mark': marked,
    'ct state': StateBit[connectionState],
  };
  const value = (values[field] ?? 0) & (mask ?? -1);
  const list = keys.kind === 'inline' ? keys.keys.map((key) => key[0]!) : [];
  const inList = list.some((range) => {
    if (range.kind === 'name')
      return range.pattern.endsWith('*')
        ? inInterface.startsWith(range.pattern.slice(0, -1))
        : inInterface === range.pattern;
    const [low, high] = range.kind === 'numbers' ? [range.low, range.high] : [range.low.w3, range.high.w3];
    if (operator === 'any-bit' || operator === 'no-bit') return (value & low) !== 0;
    return value >= low && value <= high;
  });
  return operator === 'in' || operator === 'any-bit' ? inList : !inList;
}

const circumstances = {
  outInterface: 'out',
  connectionStatus: 0,
  connectionMark: 0,
  direction: 'original',
  zone: 0,
  helper: '',
  counted: true,
} as const;
