import { describe, expect, it } from 'vitest';
import { parseAddress } from '../network/address.ts';
import { TcpFlag, makePacket } from '../network/packet.ts';
import { bareContext, type RuleContext } from './rule-context.ts';
import type { Field } from './rule-field.ts';
import { RuleTable } from './rule-table.ts';
import { makeRuleset } from './ruleset.ts';
import type {
  Chain,
  ChainBase,
  Expression,
  Match,
  Rule,
  Ruleset,
  Statement,
  Table,
  Verdict,
} from './ruleset.ts';

describe('a rule table', () => {
  it('lets the first matching rule decide and counts what a linear search looks at', () => {
    const table = new RuleTable(
      ruleset(
        forward('drop', [
          rule(ports('tcp dport', 80, 80), verdict('drop')),
          rule(ports('tcp dport', 79, 90), verdict('accept')),
        ]),
      ),
    );
    const at80 = table.evaluate('forward', context({ destinationPort: 80 }));
    expect(at80).toMatchObject({ verdict: 'drop', rulesEvaluated: 1 });
    const at81 = table.evaluate('forward', context({ destinationPort: 81 }));
    expect(at81).toMatchObject({ verdict: 'accept', rulesEvaluated: 2 });
    const at22 = table.evaluate('forward', context({ destinationPort: 22 }));
    expect(at22).toMatchObject({ verdict: 'drop', rule: null, rulesEvaluated: 2 });
  });

  it('does not take a UDP packet for one to a TCP port', () => {
    const table = new RuleTable(
      ruleset(forward('drop', [rule(ports('tcp dport', 53, 53), verdict('accept'))])),
    );
    expect(table.evaluate('forward', context({ protocol: 17, destinationPort: 53 })).verdict).toBe('drop');
  });

  // From 128.0.0.0 and 8000:: on a word of an address is 2^31 or more.
  it.each([
    [
      'ip saddr',
      '126.0.0.1',
      '198.18.0.1',
      ['127.0.0.1', '128.0.0.1', '198.18.0.1'],
      ['198.18.0.2', '10.0.0.1'],
    ],
    ['ip6 saddr', '7fff::1', '8000::1', ['7fff:8000::', '8000::'], ['8000::2', '7fff::', '::1']],
  ] as const)(
    'takes a range of %s for one of whole numbers: %s to %s',
    (field, low, high, inside, outside) => {
      const addresses = { kind: 'addresses', low: parseAddress(low)!, high: parseAddress(high)! } as const;
      const selectors = [{ field, mask: null }];
      const keys = { kind: 'inline', keys: [[addresses]] } as const;
      const inRange: Expression = { kind: 'match', selectors, operator: 'in', keys };
      const table = new RuleTable(ruleset(forward('drop', [rule(inRange, verdict('accept'))]), [], 'inet'));
      const verdictFor = (source: string): string =>
        table.evaluate('forward', context({ source: parseAddress(source)! })).verdict;
      expect(inside.map(verdictFor)).toEqual(inside.map(() => 'accept'));
      expect(outside.map(verdictFor)).toEqual(outside.map(() => 'drop'));
    },
  );

  it('compares the part of an address that a mask leaves', () => {
    const selectors = [{ field: 'ip saddr', mask: 0xff00_0000 }] as const;
    const part = parseAddress('198.0.0.0')!;
    const keys = { kind: 'inline', keys: [[{ kind: 'addresses', low: part, high: part }]] } as const;
    const matches: Expression = { kind: 'match', selectors, operator: 'in', keys };
    const table = new RuleTable(ruleset(forward('drop', [rule(matches, verdict('accept'))])));
    for (const [source, expected] of [
      ['198.18.0.1', 'accept'],
      ['70.18.0.1', 'drop'],
    ] as const)
      expect(table.evaluate('forward', context({ source: parseAddress(source)! })).verdict).toBe(expected);
  });

  it('looks a TCP port up in a map for TCP packets only', () => {
    const accept: Statement = {
      kind: 'verdict-map',
      selectors: [{ field: 'tcp dport', mask: null }],
      map: {
        kind: 'inline',
        elements: [
          {
            key: [{ kind: 'numbers', low: 53, high: 53 }],
            value: { kind: 'verdict', verdict: { kind: 'accept' } },
          },
        ],
      },
    };
    const table = new RuleTable(ruleset(forward('drop', [rule(accept)])));
    expect(table.evaluate('forward', context({ protocol: 6, destinationPort: 53 })).verdict).toBe('accept');
    expect(table.evaluate('forward', context({ protocol: 17, destinationPort: 53 })).verdict).toBe('drop');
  });

  it('compares flags under a mask', () => {
    const synOnly: Match = {
      kind: 'match',
      selectors: [{ field: 'tcp flags', mask: 0x17 }],
      operator: 'in',
      keys: { kind: 'inline', keys: [[{ kind: 'numbers', low: 2, high: 2 }]] },
    };
    const table = new RuleTable(ruleset(forward('drop', [rule(synOnly, verdict('accept'))])));
    const { syn, ack, psh } = TcpFlag;
    expect(table.evaluate('forward', context({ tcpFlags: syn })).verdict).toBe('accept');
    expect(table.evaluate('forward', context({ tcpFlags: syn | psh })).verdict).toBe('accept');
    expect(table.evaluate('forward', context({ tcpFlags: syn | ack })).verdict).toBe('drop');
  });

  it('comes back from a jump, and not from a goto', () => {
    const inner: Chain = {
      name: 'inner',
      base: null,
      rules: [rule(ports('tcp dport', 80, 80), verdict('accept'))],
    };
    const jump: Statement = { kind: 'verdict', verdict: { kind: 'jump', chain: 'inner' } };
    const go: Statement = { kind: 'verdict', verdict: { kind: 'goto', chain: 'inner' } };
    const after = rule(verdict('accept'));
    const jumping = new RuleTable(ruleset(forward('drop', [rule(jump), after]), [inner]));
    const going = new RuleTable(ruleset(forward('drop', [rule(go), after]), [inner]));
    const away = context({ destinationPort: 22 });
    // The jump itself, the rule inside, the rule after it.
    expect(jumping.evaluate('forward', away)).toMatchObject({ verdict: 'accept', rulesEvaluated: 3 });
    expect(going.evaluate('forward', away)).toMatchObject({ verdict: 'drop', rulesEvaluated: 2 });
  });

  it('tells zone, notrack and helper from the raw stage', () => {
    const raw: Chain = {
      name: 'raw',
      base: { type: 'filter', hook: 'prerouting', priority: -300, policy: 'accept' },
      rules: [
        rule(interfaceName('c0'), {
          kind: 'set',
          field: 'ct zone',
          value: {
            kind: 'constant',
            value: { kind: 'values', ranges: [{ kind: 'numbers', low: 7, high: 7 }] },
          },
        }),
        rule(interfaceName('s*'), { kind: 'notrack' }),
      ],
    };
    const table = new RuleTable(ruleset(raw));
    expect(table.filters.forward).toBeNull();
    expect(table.evaluate('prerouting-raw', context({}))).toMatchObject({ zone: 7, notrack: false });
    const other = { ...context({}), inInterface: 's0' };
    expect(table.evaluate('prerouting-raw', other)).toMatchObject({ zone: -1, notrack: true });
  });
});

function interfaceName(pattern: string): Match {
  return {
    kind: 'match',
    selectors: [{ field: 'meta iifname', mask: null }],
    operator: 'in',
    keys: { kind: 'inline', keys: [[{ kind: 'name', pattern }]] },
  };
}

function ports(field: Field, low: number, high: number): Match {
  return {
    kind: 'match',
    selectors: [{ field, mask: null }],
    operator: 'in',
    keys: { kind: 'inline', keys: [[{ kind: 'numbers', low, high }]] },
  };
}

function verdict(kind: Exclude<Verdict['kind'], 'jump' | 'goto'>): Statement {
  return { kind: 'verdict', verdict: { kind } };
}

function rule(...expressions: Expression[]): Rule {
  return { expressions, comment: '', place: '' };
}

function forward(policy: ChainBase['policy'], rules: Rule[]): Chain {
  return { name: 'forward', base: { type: 'filter', hook: 'forward', priority: 0, policy }, rules };
}

function ruleset(base: Chain, others: Chain[] = [], family: Table['family'] = 'ip'): Ruleset {
  const table: Table = {
    family,
    name: 'fw',
    chains: [base, ...others],
    sets: [],
    maps: [],
    counters: [],
    helpers: [],
  };
  return makeRuleset([table]);
}

function context(fields: Parameters<typeof makePacket>[0]): RuleContext {
  const packet = makePacket({
    source: parseAddress('10.0.1.2')!,
    destination: parseAddress('10.0.2.2')!,
    sourcePort: 40000,
    destinationPort: 80,
    ...fields,
  });
  return { ...bareContext(packet), inInterface: 'c0', outInterface: 's0', connectionState: 'new' };
}
