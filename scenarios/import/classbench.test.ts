import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../models/network/address.ts';
import { makePacket } from '../../models/network/packet.ts';
import { bareContext } from '../../models/security/rule-context.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import { wholeRuleset } from './imported-ruleset.ts';
import { importClassbench } from './classbench.ts';

const filters = `@10.0.0.0/8\t192.168.1.1/32\t0 : 65535\t80 : 80\t0x06/0xFF\t0x0000/0x0200\t
@0.0.0.0/0\t192.168.1.0/24\t1024 : 65535\t53 : 53\t0x11/0xFF\t0x0000/0x0000
@1.2.3.4/32 0.0.0.0/0 0 : 65535 0 : 65535 0x00/0x00
`;

describe('the reader of ClassBench filter sets', () => {
  it('gives one rule a filter, and the first that matches decides', () => {
    const table = new RuleTable(wholeRuleset(importClassbench(filters, 'acl1')));
    const at = (fields: Parameters<typeof makePacket>[0]): [string, number] => {
      const packet = makePacket({
        source: parseAddress('10.9.9.9')!,
        destination: parseAddress('192.168.1.1')!,
        ...fields,
      });
      const outcome = table.evaluate('forward', {
        ...bareContext(packet),
        connectionState: 'new',
        counted: false,
      });
      return [outcome.verdict, outcome.rulesEvaluated];
    };
    expect(at({ destinationPort: 80, tcpFlags: 16 })).toEqual(['accept', 1]);
    // 0x0200 in the mask is SYN, which must not be set.
    expect(at({ destinationPort: 80, tcpFlags: 2 })).toEqual(['drop', 3]);
    expect(at({ protocol: 17, sourcePort: 2000, destinationPort: 53 })).toEqual(['accept', 2]);
    expect(at({ protocol: 17, sourcePort: 1000, destinationPort: 53 })).toEqual(['drop', 3]);
    expect(at({ protocol: 47, source: parseAddress('1.2.3.4')! })).toEqual(['accept', 3]);
  });

  it.each([
    '@10.0.0.0/8 192.168.1.1/32 0 : 65535 90 : 80 0x06/0xFF',
    '@10.0.0.0/40 192.168.1.1/32 0 : 65535 80 : 80 0x06/0xFF',
    '@10.0.0.0/8 192.168.1.1/32 0 : 65535 80 : 80 0x06/0x0F',
    'permit ip any any',
  ])('names a line that is no filter: %s', (line) => {
    const { ruleset, problems } = importClassbench(`\n${line}\n`, 'acl1');
    expect(ruleset.rulesCount).toBe(0);
    expect(problems.map(({ place }) => place)).toEqual(['acl1:2']);
  });
});
