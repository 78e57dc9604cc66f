import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../models/network/address.ts';
import { makePacket } from '../../models/network/packet.ts';
import type { RuleContext } from '../../models/security/rule-context.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import type { Ruleset } from '../../models/security/ruleset.ts';
import { wholeRuleset } from './imported-ruleset.ts';
import { importIptables } from './iptables.ts';
import { exportIptables } from './iptables-writer.ts';
import { importNftText } from './nft-text.ts';

// What iptables-save 1.8.9 printed of a rule set that uses all that is understood.
const everything = readFileSync(new URL('everything.iptables', import.meta.url), 'utf8');
const everythingNft = readFileSync(new URL('everything.nft', import.meta.url), 'utf8');
const handwritten = readFileSync(new URL('handwritten.nft', import.meta.url), 'utf8');
const recorded = JSON.parse(
  gunzipSync(
    readFileSync(new URL('../../results/reference/nft-rulesets.json.gz', import.meta.url)),
  ).toString(),
) as readonly { readonly name: string; readonly written: string }[];

describe('the reader of iptables-save', () => {
  it('understands what iptables printed, and gives a table that can be compiled', () => {
    const ruleset = wholeRuleset(importIptables(everything, 'rules'));
    const rules = everything.split('\n').filter((line) => line.includes('-A '));
    expect(ruleset.rulesCount).toBe(rules.length);
    expect(() => new RuleTable(ruleset)).not.toThrow();
  });

  it('reads the same from text of its own', () => {
    const ruleset = wholeRuleset(importIptables(everything, 'rules'));
    const { text, problems } = exportIptables(ruleset, 'ip');
    expect(problems).toEqual([]);
    expect(meaning(wholeRuleset(importIptables(text, 'again')))).toEqual(meaning(ruleset));
  });

  it('writes one rule for each pair of elements of two maps, and none for pairs that exclude each other', () => {
    const chain = 'type nat hook prerouting priority dstnat';
    const maps = 'tcp dport map { 1 : 1.1.1.1, 2 : 1.1.1.2 } : udp sport map { 3 : 80 }';
    const both = 'tcp dport map { 1 : 1.1.1.1, 2 : 1.1.1.2 } : tcp sport map { 3 : 80 }';
    const rules = `table ip t {\n chain c {\n ${chain}\n dnat to ${maps}\n dnat to ${both}\n }\n}\n`;
    const { text, problems } = exportIptables(wholeRuleset(importNftText(rules, 'rules.nft')), 'ip');
    expect(problems).toEqual([]);
    const to = '-m multiport --sports 3 -j DNAT --to-destination';
    expect(text.split('\n').filter((line) => line.startsWith('-A'))).toEqual([
      `-A PREROUTING -p tcp -m multiport --dports 1 ${to} 1.1.1.1:80`,
      `-A PREROUTING -p tcp -m multiport --dports 2 ${to} 1.1.1.2:80`,
    ]);
  });

  it('keeps the meaning of nft rules that it writes', () => {
    const original = wholeRuleset(importNftText(handwritten, 'handwritten.nft'));
    const { text, problems } = exportIptables(original, 'ip');
    expect(problems).toEqual([]);
    const [before, after] = [original, wholeRuleset(importIptables(text, 'again'))].map(
      (set) => new RuleTable(set),
    );
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const context = drawContext(i);
      for (const stage of ['input', 'forward', 'prerouting-nat', 'postrouting-nat'] as const) {
        const { verdict, nat } = before!.evaluate(stage, context);
        const outcome = after!.evaluate(stage, context);
        expect({ i, stage, verdict: outcome.verdict, nat: outcome.nat }).toEqual({ i, stage, verdict, nat });
        seen.add(`${stage} ${verdict} ${nat?.action ?? ''}`);
      }
    }
    // All answers that the rules can give were given: 2 at input, where `drop` hides `reject`, 2 at forward, 3 and 3 by translation.
    expect(seen.size).toBe(10);
  });

  it('names what it does not understand with its line', () => {
    const text = [
      '*filter',
      ':FORWARD DROP [0:0]',
      '-A FORWARD -m limit --limit 5/min -j ACCEPT',
      '-A FORWARD -p tcp --dport 80 -j NOWHERE',
      '-A FORWARD --dport 80 -j ACCEPT',
      '-A MISSING -j ACCEPT',
      '-A FORWARD -s 300.0.0.1 -j DROP',
      '-X FORWARD',
    ].join('\n');
    const { ruleset, problems } = importIptables(text, 'rules');
    expect(ruleset.rulesCount).toBe(0);
    const places = problems.map(({ place }) => place);
    expect(places).toEqual(['rules:1', 'rules:3', 'rules:4', 'rules:5', 'rules:6', 'rules:7', 'rules:8']);
    expect(problems[1]!.message).toContain('limit');
    expect(problems[2]!.message).toContain('NOWHERE');
  });

  it('refuses a loop of jumps', () => {
    const text = '*filter\n:FORWARD ACCEPT\n:a -\n:b -\n-A FORWARD -j a\n-A a -j b\n-A b -j a\nCOMMIT\n';
    const { problems } = importIptables(text, 'rules');
    expect(problems).toMatchObject([
      { place: 'rules:7', message: expect.stringContaining('loop') as string },
    ]);
  });
});

/** The i-th of a fixed list of packets on which rules of the script depend. */
function drawContext(i: number): RuleContext {
  let state = i + 1;
  const pick = <T>(list: readonly T[]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return list[Math.floor((state / 2 ** 32) * list.length)]!;
  };
  const hosts = [
    '10.0.0.1',
    '10.1.0.7',
    '10.2.0.1',
    '192.168.1.1',
    '172.16.3.3',
    '127.0.0.1',
    '1.2.3.4',
    '8.8.8.8',
  ];
  const ports = [22, 53, 67, 80, 99, 443, 1000, 1001, 1002, 1003, 2222, 8050, 8080, 40_000];
  return {
    packet: makePacket({
      source: parseAddress(pick(hosts))!,
      destination: parseAddress(pick([...hosts, '5.6.7.8']))!,
      protocol: pick([1, 6, 6, 6, 17, 17, 47]),
      sourcePort: pick(ports),
      destinationPort: pick(ports),
      tcpFlags: pick([2, 16, 18, 41]),
      icmpType: pick([0, 3, 8]),
    }),
    inInterface: pick(['lo', 'eth0', 'eth1', 'eth3', 'vm7', 'other']),
    outInterface: pick(['lo', 'eth0', 'other']),
    connectionState: pick(['new', 'established', 'related', 'invalid', 'untracked'] as const),
    mark: pick([0, 1, 2]),
    ...{ connectionStatus: 0, connectionMark: 0, direction: 'original', zone: 0, helper: '', counted: false },
  };
}

const probe = spawnSync('unshare', ['-n', 'iptables-restore', '--test'], { input: '' });
const unable =
  probe.status === 0 ? '' : ' (skipped: needs iptables and the right to make a network namespace)';

describe.skipIf(unable !== '')(`iptables itself${unable}`, () => {
  it('accepts the export, and saves what was exported', () => {
    const ruleset = wholeRuleset(importIptables(everything, 'rules'));
    const { text } = exportIptables(ruleset, 'ip');
    const saved = run(
      'iptables-restore --test <<<"$RULES" && iptables-restore -c <<<"$RULES" && iptables-save -c',
      text,
    );
    expect(sorted(meaning(wholeRuleset(importIptables(saved, 'saved'))))).toEqual(sorted(meaning(ruleset)));
  });

  it('accepts what nft rule sets become', () => {
    for (const text of [everythingNft, ...recorded.map(({ written }) => written)]) {
      const ruleset = wholeRuleset(importNftText(text, 'rules.nft'));
      for (const family of ['ip', 'ip6'] as const) {
        const exported = exportIptables(ruleset, family);
        const command = family === 'ip' ? 'iptables-restore' : 'ip6tables-restore';
        run(`${command} --test <<<"$RULES"`, exported.text);
        const { problems } = importIptables(exported.text, 'again', family);
        expect(problems).toEqual([]);
      }
    }
  });
});

function run(script: string, rules: string): string {
  const done = spawnSync('unshare', ['-n', 'bash', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, RULES: rules },
  });
  expect(done.stderr).toBe('');
  expect(done.status).toBe(0);
  return done.stdout;
}

/** Without places, and without the order in which iptables keeps options, protocols and tables. */
function meaning(ruleset: Ruleset): { name: string; chains: { name: string; rules: string[] }[] }[] {
  return ruleset.tables.map(({ name, chains }) => ({
    name,
    chains: chains.map((chain) => ({
      name: chain.name,
      base: chain.base,
      rules: chain.rules.map(({ expressions }) =>
        expressions
          .map((expression) => JSON.stringify(expression))
          .sort()
          .join(),
      ),
    })),
  }));
}

function sorted<T extends { name: string }>(tables: T[]): T[] {
  return tables.sort((a, b) => (a.name < b.name ? -1 : 1));
}
