import { expect, it } from 'vitest';
import { Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { FirewallEngine } from './firewall-engine.ts';
import { fromPeer, fromVm, inwards, outwards, vm, whole } from './hand-made-traffic.fixture.ts';
import { makeRuleset, type Rule, type Ruleset } from './ruleset.ts';
import type { Passage } from './nse.ts';
import { linuxDefaults } from './tracking-settings.ts';

const costs = { packetNs: 1, ruleNs: 1, newEntryNs: 1 };

function firewall(ruleset: Ruleset): FirewallEngine {
  const engine = new FirewallEngine({ name: 'f', table: 'per-vm', tracking: linuxDefaults, ...costs }, 1);
  engine.setPolicy(vm, { kind: 'rules', ruleset, version: 0 });
  return engine;
}

const fromInside: Rule = {
  expressions: [
    {
      kind: 'match',
      selectors: [{ field: 'meta iifname', mask: null }],
      operator: 'in',
      keys: { kind: 'inline', keys: [[{ kind: 'name', pattern: 'int0' }]] },
    },
    { kind: 'verdict', verdict: { kind: 'accept' } },
  ],
  comment: '',
  place: '',
};

/** All that the VM sends may open a connection, and what comes to it as `inward` says. */
function rules(inward: 'accept' | 'drop'): Ruleset {
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: inward } as const;
  const chains = [{ name: 'forward', base, rules: [fromInside] }];
  return makeRuleset([{ name: 't', family: 'inet', chains, sets: [], maps: [], counters: [], helpers: [] }]);
}

it('lets entries in whose first packet the rules would let through, whichever end sent it', () => {
  const source = firewall(rules('accept'));
  const icmp = { protocol: Protocol.icmp, sourcePort: 0, destinationPort: 0, tcpFlags: 0, icmpType: 8 };
  const udp = { protocol: Protocol.udp, tcpFlags: 0 };
  const syn = { tcpFlags: TcpFlag.syn };
  const firsts: readonly (readonly [Packet, Passage])[] = [
    [fromPeer({ ...syn, sourcePort: 1 }), inwards],
    [fromPeer({ ...udp, sourcePort: 2 }), inwards],
    [fromPeer(icmp), inwards],
    [fromVm({ ...syn, sourcePort: 3 }), outwards],
    [fromVm({ ...udp, sourcePort: 4 }), outwards],
    [fromVm(icmp), outwards],
  ];
  for (const [packet, passage] of firsts) source.inspect(vm, packet, passage, 1);
  const batch = source.snapshot(vm, 'interface', 2);
  expect(batch.entries).toHaveLength(6);
  const loaded = (inward: 'accept' | 'drop', mustOpen: boolean): [number, number] => {
    const destination = firewall(rules(inward));
    const result = destination.load(vm, { ...whole, batch, mustOpen }, 3);
    return [result.loaded, result.refused];
  };
  expect(loaded('drop', false)).toEqual([6, 0]);
  expect(loaded('accept', true)).toEqual([6, 0]);
  expect(loaded('drop', true)).toEqual([3, 3]);
});
