import { readFileSync } from 'node:fs';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { makePacket } from '../../models/network/packet.ts';
import { bareContext, type RuleContext } from '../../models/security/rule-context.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import { importConntrack } from './conntrack.ts';
import { ruleImporters } from './import-rules.ts';
import { exportIptables } from './iptables-writer.ts';
import { exportNftJson } from './nft-json-writer.ts';
import { exportNftText } from './nft-text-writer.ts';
import { importNftText } from './nft-text.ts';

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const nft = file('everything.nft');
const json = exportNftJson(importNftText(nft, 'nft').ruleset);
const originals = [
  ['nft', nft],
  ['nft', file('handwritten.nft')],
  ['nft-json', json],
  ['iptables', file('everything.iptables')],
  ['classbench', '@10.0.0.0/8 192.168.1.1/32 0 : 65535 80 : 80 0x06/0xFF 0x0000/0x0200\n'],
] as const;

// Pieces are cut out, doubled or put elsewhere, and single characters replaced.
const mutation = fc.record({
  at: fc.nat(),
  length: fc.nat(40),
  to: fc.nat(),
  kind: fc.constantFrom('cut', 'double', 'move', 'replace'),
  text: fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom('{', '}', '"', '@', '!', '-', '/', '99999999999', '\n'),
  ),
});

describe('a broken rule set', () => {
  // nft 1.0.6 says of both: unknown identifier.
  it.each([
    ['define a = { 1, $a }\n', 'mutant:1', '$a'],
    ['define a = $b\ndefine b = $a\n', 'mutant:1', '$b'],
  ])('that defines a name by itself is refused: %j', (text, place, name) => {
    const [problem] = importNftText(
      `${text}table ip t { chain c { tcp dport $a accept; } }\n`,
      'mutant',
    ).problems;
    expect(problem?.place).toBe(place);
    expect(problem?.message).toBe(`defines a by ${name}, which is not defined before it`);
  });

  test.prop([fc.constantFrom(...originals), fc.array(mutation, { minLength: 1, maxLength: 6 })], {
    numRuns: 400,
  })(
    'is read without an accident, and what is left of it can be compiled, asked and exported',
    ([format, original], mutations) => {
      const { ruleset, problems } = ruleImporters[format](mutate(original, mutations), 'mutant');
      for (const { place, message } of problems) {
        expect(place).not.toBe('');
        expect(message).not.toBe('');
      }
      const table = new RuleTable(ruleset);
      for (const stage of ['prerouting-raw', 'forward', 'prerouting-nat', 'postrouting-nat'] as const)
        expect(['accept', 'drop', 'reject']).toContain(table.evaluate(stage, context).verdict);
      exportNftText(ruleset);
      exportNftJson(ruleset);
      exportIptables(ruleset, 'ip');
    },
  );

  test.prop([fc.array(mutation, { minLength: 1, maxLength: 4 })])(
    'of entries is read line by line',
    (mutations) => {
      const line =
        '-A -t 29 -u UNSET -w 7 -s 10.0.1.3 -d 10.0.2.2 -r 10.0.2.2 -q 10.0.1.3 -p tcp --sport 4000 --dport 53 --reply-port-src 53 --reply-port-dst 4000 --state SYN_SENT\n';
      const other =
        'tcp      6 2999 ESTABLISHED src=10.0.1.9 dst=10.0.2.2 sport=40000 dport=80 src=10.0.2.2 dst=10.0.2.50 sport=80 dport=40000 [ASSURED] mark=0 use=1\n';
      const text = mutate(line + other, mutations);
      const { entries, problems } = importConntrack(text, 'mutant', 0);
      const lines = text.split('\n').filter((each) => each.trim() !== '' && !each.trim().startsWith('#'));
      expect(entries.length + problems.length).toBeLessThanOrEqual(lines.length);
    },
  );
});

function mutate(
  original: string,
  mutations: readonly { at: number; length: number; to: number; kind: string; text: string }[],
): string {
  let text = original;
  for (const { at, length, to, kind, text: inserted } of mutations) {
    const start = at % Math.max(text.length, 1);
    const piece = text.slice(start, start + length);
    const without = text.slice(0, start) + text.slice(start + length);
    if (kind === 'cut') text = without;
    else if (kind === 'double') text = text.slice(0, start) + piece + text.slice(start);
    else if (kind === 'replace') text = text.slice(0, start) + inserted + text.slice(start + inserted.length);
    else {
      const target = to % Math.max(without.length, 1);
      text = without.slice(0, target) + piece + without.slice(target);
    }
  }
  return text;
}

const context: RuleContext = {
  ...bareContext(makePacket({ sourcePort: 1, destinationPort: 80 })),
  inInterface: 'eth0',
  outInterface: 'eth1',
  connectionState: 'new',
};
