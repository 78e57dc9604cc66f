import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../models/network/address.ts';
import { makePacket } from '../../models/network/packet.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import { bareContext, type RuleContext } from '../../models/security/rule-context.ts';
import { ScenarioError } from '../../sim/assert.ts';
import { wholeRuleset } from './imported-ruleset.ts';
import { importNftJson } from './nft-json.ts';

interface RecordedRuleset {
  readonly name: string;
  readonly json: unknown;
}

// Rule sets that ran on Linux 6.18.44, with what nft 1.0.6 printed of each.
const recorded = JSON.parse(
  gunzipSync(
    readFileSync(new URL('../../results/reference/nft-rulesets.json.gz', import.meta.url)),
  ).toString(),
) as RecordedRuleset[];

describe('the reader of nft -j', () => {
  it('understands every rule set of the measurements', () => {
    expect(recorded).toHaveLength(44);
    for (const { name, json } of recorded) {
      const { ruleset, problems } = importNftJson(JSON.stringify(json), name);
      expect(problems).toEqual([]);
      expect(ruleset.rulesCount).toBe(countRules(json));
      expect(() => new RuleTable(ruleset)).not.toThrow();
    }
  });

  it('gives rules that decide as they read', () => {
    const restricted = recorded.find(({ name }) => name === 'restricted')!;
    const table = new RuleTable(wholeRuleset(importNftJson(JSON.stringify(restricted.json), 'restricted')));
    // iifname "ext0" ip daddr 10.0.2.2 tcp dport 7001-7020 ct state new accept
    const inward = {
      source: parseAddress('10.0.1.2')!,
      destination: parseAddress('10.0.2.2')!,
      destinationPort: 7020,
    };
    expect(table.evaluate('forward', context(inward, 'ext0')).verdict).toBe('accept');
    expect(table.evaluate('forward', context({ ...inward, destinationPort: 7021 }, 'ext0')).verdict).toBe(
      'drop',
    );
    expect(table.evaluate('forward', context(inward, 'int0')).verdict).toBe('drop');
    // tcp dport 21 … ct helper set "ftp-std" accept
    expect(table.evaluate('forward', context({ ...inward, destinationPort: 21 }, 'ext0'))).toMatchObject({
      verdict: 'accept',
      helper: 'ftp',
    });
    // Two of these packets went on to `counter name pol drop`.
    expect(table.counter('ip', 'sg', 'pol').packets).toBe(2);
  });

  it('names what it does not understand, and leaves that rule out', () => {
    const text = `{"nftables": [
      {"table": {"family": "ip", "name": "t"}},
      {"chain": {"family": "ip", "table": "t", "name": "c", "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
      {"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 7, "expr": [{"limit": {"rate": 10}}, {"accept": null}]}},
      {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"jump": {"target": "nowhere"}}]}},
      {"table": {"family": "bridge", "name": "b"}}
    ]}`;
    const { ruleset, problems } = importNftJson(text, 'rules.json');
    expect(ruleset.rulesCount).toBe(0);
    expect(problems.map(({ place }) => place)).toEqual(['rules.json:4', 'rules.json:6', 'rules.json:5']);
    expect(problems[0]!.message).toContain('with handle 7 in chain "c"');
    expect(problems[0]!.message).toContain('limit');
    expect(problems[2]!.message).toContain('nowhere');
    expect(() => wholeRuleset({ ruleset, problems })).toThrow(ScenarioError);
  });

  it.each(['', '{', '[1,]', '{"nftables": 3}', '{"nftables": [{"rule": 3}, 4, {}]}', '['.repeat(100_000)])(
    'refuses broken text with a line: %j',
    (text) => {
      const { problems } = importNftJson(text.slice(0, 200_000), 'broken.json');
      expect(problems.length).toBeGreaterThan(0);
      expect(problems[0]!.place).toBe('broken.json:1');
    },
  );
});

function countRules(json: unknown): number {
  return (json as { nftables: object[] }).nftables.filter((entry) => 'rule' in entry).length;
}

function context(fields: Parameters<typeof makePacket>[0], inInterface: string): RuleContext {
  return { ...bareContext(makePacket(fields)), inInterface, connectionState: 'new' };
}
