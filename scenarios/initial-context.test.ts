import { expect, it, vi } from 'vitest';
import { formatAddress, parseAddress, type Address } from '../models/network/address.ts';
import { Field, rowWords } from '../models/security/entry-layout.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import { inwards, outwards } from '../models/security/hand-made-traffic.fixture.ts';
import type { Subject } from '../models/security/security-engine.ts';
import { linuxDefaults, type TrackingSettings } from '../models/security/tracking-settings.ts';
import { changedPacket, makePacket, Protocol, TcpFlag } from '../models/network/packet.ts';
import { s } from '../sim/time.ts';
import { wholeRuleset } from './import/imported-ruleset.ts';
import { importNftText } from './import/nft-text.ts';
import { openConnections } from './initial-context.ts';
import { TappedEngine } from './tapped-engine.ts';

const opens = 'tcp dport { 80, 443 } tcp flags & (fin | syn | rst | ack) == syn ct state new';
const known = 'ct state established,related';

it('copies, where no rule asks who the client is, what its packets would have left', () => {
  const policies = [
    [`${known} accept`, 'ct state invalid drop', `${opens} accept`],
    [`${known} accept`, 'jump services'],
    ['iifname "int0" accept', 'tcp dport 443 accept'],
  ];
  const trackings: Partial<TrackingSettings>[] = [
    {},
    { windowTest: 'four-way' },
    { windowTest: 'linux-3.6', tcpBeLiberal: true, entriesMax: 2000 },
    { buckets: 4096, hashSeed: 77 },
  ];
  for (const rules of policies) {
    for (const tracking of trackings) {
      const [copied, sent] = [filled(rules, tracking, false), filled(rules, tracking, true)];
      expect([copied.inspected, sent.inspected]).toEqual([3, 3600]);
      expect(copied.engine.entriesHeld).toBe(1200);
      expect(rows(copied.engine)).toEqual(rows(sent.engine));
      expect(judgements(copied.engine)).toEqual(judgements(sent.engine));
    }
  }
});

it('sends the packets of each client where a rule asks for it, counts or translates, or the table may fill up', () => {
  const cases: [string[], Partial<TrackingSettings>][] = [
    [[`${known} accept`, `ip saddr 198.18.0.1 tcp sport < 10500 ${opens} accept`], {}],
    [[`${known} accept`, 'ip saddr . tcp sport { 198.18.0.1 . 10000-10700 } accept'], {}],
    [['iifname "int0" tcp dport < 10500 accept', 'iifname "ext0" accept'], {}],
    [[`${known} counter accept`, `${opens} accept`], {}],
    [[`${known} accept`, `${opens} ct mark set tcp sport accept`], {}],
    [[`${known} accept`, `${opens} accept`], { entriesMax: 700 }],
    [[`${known} accept`, `${opens} accept`], { buckets: 1024 }],
  ];
  for (const [rules, tracking] of cases) {
    const [own, sent] = [filled(rules, tracking, false), filled(rules, tracking, true)];
    expect(own.inspected).toBe(3600);
    expect(rows(own.engine)).toEqual(rows(sent.engine));
  }
});

it('sends the packets where the VM has connections already, more than one address, or no rules', () => {
  const rules = [`${known} accept`, `${opens} accept`];
  const twice = filled(rules, {}, false);
  const inspect = vi.spyOn(twice.engine, 'inspect');
  openConnections([twice.engine], vm, { vm: 'web', entries: 10, port: 80 });
  expect(inspect).toHaveBeenCalledTimes(30);
  expect(twice.engine.entriesHeld).toBe(1210);

  const aliased = engineWith(rules, {});
  const subject = { ...vm, addresses: [own, parseAddress('10.0.0.11')!] };
  aliased.setPolicy(subject, policyOf(rules));
  openConnections([aliased], subject, { vm: 'web', entries: 10, port: 80 });
  const destinations = aliased.peek(subject, 0).map((entry) => entry.original.destination.w3 & 255);
  expect(destinations).toEqual([10, 11, 10, 11, 10, 11, 10, 11, 10, 11]);

  const open = engineWith(rules, {});
  open.setPolicy(vm, { kind: 'no-engine' });
  openConnections([open], vm, { vm: 'web', entries: 10, port: 80 });
  expect(open.entriesHeld).toBe(0);
});

it('opens connections of an IPv6 client to a VM with an IPv6 address', () => {
  const subject = { ...vm, addresses: [parseAddress('2001:db8::10')!] };
  const engine = engineWith([], {});
  engine.setPolicy(subject, policyOf(['jump services']));
  openConnections([engine], subject, { vm: 'web', entries: 3, port: 443 });
  const tuples = engine.peek(subject, 0).map(({ original, reply, tcpState }) => {
    const ends = [original.source, original.destination, reply.source, reply.destination];
    return [...ends.map(formatAddress), original.sourcePort, reply.destinationPort, tcpState];
  });
  const [client, server] = ['2001:2::1', '2001:db8::10'];
  expect(tuples).toEqual(
    [10_000, 10_001, 10_002].map((port) => [
      ...[client, server, server, client],
      ...[port, port, 'ESTABLISHED'],
    ]),
  );
});

const own: Address = parseAddress('10.0.0.10')!;
const vm: Subject = { name: 'web', number: 1, addresses: [own] };

/** An engine with 1,200 connections; `apart` behind another that hides what it is. */
function filled(
  rules: readonly string[],
  tracking: Partial<TrackingSettings>,
  apart: boolean,
): { engine: FirewallEngine; inspected: number } {
  const engine = engineWith(rules, tracking);
  const inspect = vi.spyOn(engine, 'inspect');
  const asked = apart ? new TappedEngine(engine, () => undefined) : engine;
  openConnections([asked], vm, { vm: 'web', entries: 1200, port: 443 });
  const inspected = inspect.mock.calls.length;
  inspect.mockRestore();
  return { engine, inspected };
}

function engineWith(rules: readonly string[], tracking: Partial<TrackingSettings>): FirewallEngine {
  const engine = new FirewallEngine(
    {
      ...{ name: 'firewall', table: 'per-vm', packetNs: 0, ruleNs: 0, newEntryNs: 0 },
      tracking: { ...linuxDefaults, ...tracking },
    },
    1,
  );
  engine.setPolicy(vm, policyOf(rules));
  return engine;
}

function policyOf(rules: readonly string[]): {
  kind: 'rules';
  ruleset: ReturnType<typeof wholeRuleset>;
  version: number;
} {
  const text = `table inet filter {
    chain services { ${opens} accept; }
    chain forward { type filter hook forward priority filter; policy drop; ${rules.join('; ')}; }
  }`;
  return { kind: 'rules', ruleset: wholeRuleset(importNftText(text, 'policy')), version: 0 };
}

/** All that the table says of its connections, but how their rows are linked. */
function rows(engine: FirewallEngine): number[][] {
  return engine.peek(vm, 0).map(({ words, base, family }) => {
    const row = [...words.slice(base, base + rowWords(family))];
    return row.filter((_, word) => word !== Field.nextOriginal && word !== Field.nextReply);
  });
}

/** Of a request of every tenth client and the answer to it, and of data out of window, a second later. */
function judgements(engine: FirewallEngine): unknown[] {
  return Array.from({ length: 120 }, (_, tenth) => {
    const port = 10_000 + 10 * tenth;
    const request = makePacket({
      ...{ protocol: Protocol.tcp, source: parseAddress('198.18.0.1')!, sourcePort: port },
      ...{ destination: own, destinationPort: 443, tcpFlags: TcpFlag.ack, window: 502 },
      ...{ sequence: 1, acknowledgement: 1, payloadBytes: 100 },
    });
    const answer = makePacket({
      ...{ protocol: Protocol.tcp, source: own, sourcePort: 443, tcpFlags: TcpFlag.ack, window: 502 },
      ...{ destination: request.source, destinationPort: port },
      ...{ sequence: 1, acknowledgement: request.sequence + 100, payloadBytes: 1000 },
    });
    const wild = changedPacket(request, { sequence: 10_000_000 });
    return [
      engine.inspect(vm, request, inwards, 1 * s).connectionState,
      engine.inspect(vm, answer, outwards, 1 * s).connectionState,
      engine.inspect(vm, wild, inwards, 1 * s).connectionState,
    ];
  });
}
