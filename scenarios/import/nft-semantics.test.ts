import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../models/network/address.ts';
import { Protocol, makePacket } from '../../models/network/packet.ts';
import { bareContext } from '../../models/security/rule-context.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import { wholeRuleset } from './imported-ruleset.ts';
import { importNftText } from './nft-text.ts';

const countersCount = 24;

// Every rule that can decide counts first, so that the counters tell which one did. What is asked: intervals
// and prefixes, both ways of negation, sets, concatenations, maps of verdicts and of marks, masks, jump, goto,
// return, a counter before a match that fails, and a second base chain after one that accepts.
const rules = `table ip t {
${Array.from({ length: countersCount }, (_, i) => `  counter c${i} {\n  }\n`).join('')}
  set ports { type inet_service; flags interval; elements = { 100-119, 150, 160-169 } }
  set pairs { type ipv4_addr . inet_service; flags interval; elements = { 127.0.0.2 . 100-139, 127.0.0.8/30 . 170 } }
  map where { type inet_service : verdict; elements = { 121 : jump inner, 122 : goto inner, 123 : accept, 124 : drop } }
  map marks { type ipv4_addr : mark; flags interval; elements = { 127.0.0.0/30 : 0x11, 127.0.0.4 : 0x22 } }
  chain inner {
    udp sport 1000-1009 counter name c0 return
    ip saddr 127.0.0.5 counter name c1 accept
    udp sport != { 1010-1019 } counter name c2
  }
  chain first { type filter hook input priority -10; policy accept;
    meta l4proto != udp counter name c3 accept
    ip saddr . udp dport @pairs counter name c4 accept
    udp dport vmap @where
    counter name c5 udp dport 125 counter name c6 drop
    udp dport @ports udp sport 1005 counter name c7 drop
    udp dport != @ports ip saddr 127.0.0.3 counter name c8 accept
    ip saddr 127.0.0.4/30 jump inner
    meta mark set ip saddr map @marks
    meta mark & 0xf0 == 0x20 counter name c9 accept
    meta mark 0x11 udp dport 130-139 counter name c10 drop
    udp dport 140 udp sport { 1000, 1002, 1004 } counter name c11 goto inner
    udp sport 1015-1017 counter name c12 reject
    ip daddr != 127.0.0.1 counter name c13 accept
  }
  chain second { type filter hook input priority 0; policy drop;
    udp dport 100-109 counter name c14 accept
    udp dport >= 160 counter name c15 accept
    meta mark 0x11 counter name c16 drop
    meta l4proto udp counter name c17
  }
}
`;

// Sends one datagram for each line "source sport destination dport" of its input.
const sender = `
import socket, sys
for line in sys.stdin:
    source, sport, destination, dport = line.split()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((source, int(sport)))
    s.sendto(b'x', (destination, int(dport)))
    s.close()
`;

const probe = spawnSync('unshare', [
  '-n',
  'bash',
  '-c',
  'ip link set lo up && nft list ruleset && python3 -c ""',
]);
const unable =
  probe.status === 0 ? '' : ' (skipped: needs nft, python3 and the right to make a network namespace)';

describe.skipIf(unable !== '')(`the kernel${unable}`, () => {
  it('counts the same packets at the same rules', () => {
    const datagrams = drawDatagrams(3000);
    const table = new RuleTable(wholeRuleset(importNftText(rules, 'rules.nft')));
    for (const { source, sport, destination, dport } of datagrams) {
      table.evaluate('input', {
        ...bareContext(
          makePacket({
            source: parseAddress(source)!,
            destination: parseAddress(destination)!,
            protocol: Protocol.udp,
            sourcePort: sport,
            destinationPort: dport,
            payloadBytes: 1,
          }),
        ),
        inInterface: 'lo',
      });
    }
    const names = Array.from({ length: countersCount }, (_, i) => `c${i}`);
    const simulated = Object.fromEntries(names.map((name) => [name, table.counter('ip', 't', name).packets]));
    expect(simulated).toEqual(kernelCounters(datagrams));
    // Nothing is compared that never happens: each rule but the one for other protocols met a packet.
    expect(names.slice(0, 18).filter((name) => simulated[name] === 0)).toEqual(['c3']);
  });
});

interface Datagram {
  readonly source: string;
  readonly sport: number;
  readonly destination: string;
  readonly dport: number;
}

/** Addresses and ports around the edges of what the rules ask; a linear congruence draws them. */
function drawDatagrams(count: number): Datagram[] {
  let state = 1;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  return Array.from({ length: count }, () => ({
    source: `127.0.0.${1 + below(12)}`,
    sport: 1000 + below(22),
    destination: `127.0.0.${below(4) === 0 ? 2 : 1}`,
    dport: 98 + below(75),
  }));
}

function kernelCounters(datagrams: readonly Datagram[]): Record<string, number> {
  const script = 'ip link set lo up && nft -f - <<<"$RULES" && python3 -c "$SENDER" && nft -j list counters';
  const run = spawnSync('unshare', ['-n', 'bash', '-c', script], {
    encoding: 'utf8',
    input: datagrams
      .map(({ source, sport, destination, dport }) => `${source} ${sport} ${destination} ${dport}\n`)
      .join(''),
    env: { ...process.env, RULES: rules, SENDER: sender },
  });
  expect(run.stderr).toBe('');
  const { nftables } = JSON.parse(run.stdout) as {
    nftables: { counter?: { name: string; packets: number } }[];
  };
  return Object.fromEntries(
    nftables.flatMap(({ counter }) => {
      if (counter === undefined) return [];
      // c3 counts the ICMP errors that come back; the table sees datagrams only.
      return [[counter.name, counter.name === 'c3' ? 0 : counter.packets]];
    }),
  );
}
