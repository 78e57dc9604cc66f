import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ms, s } from '../sim/time.ts';
import { inward, outward } from '../models/compute/guest-port.ts';
import { ipv4 } from '../models/network/address.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../models/network/packet.ts';
import { Observations } from '../models/observations.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import type { Passage } from '../models/security/nse.ts';
import { Reference } from '../models/security/reference.ts';
import type { Policy } from '../models/security/security-engine.ts';
import { linuxDefaults } from '../models/security/tracking-settings.ts';
import { buildCluster } from './build-cluster.ts';
import { wholeRuleset } from './import/imported-ruleset.ts';
import { importNftText } from './import/nft-text.ts';
import { PacketTaps, tapPoints } from './packet-taps.ts';
import { schemePresets } from './presets/scheme-presets.ts';
import { randomScenario } from './random-scenario.fixture.ts';
import type { Scenario } from './scenario.ts';
import type { Scheme } from '../models/migration/scheme.ts';

const policy = wholeRuleset(
  importNftText(
    `table inet filter {
       chain forward {
         type filter hook forward priority filter; policy drop;
         ct state established,related accept
         iifname "ext0" tcp dport 80 ct state new accept
         iifname "ext0" udp dport { 7, 53, 5004, 8080 } accept
         iifname "int0" ct state new accept
       }
     }`,
    'policy',
  ),
);

/** Refuses packets of connections that are tracked, which leave their trace all the same. */
const halfOpen = wholeRuleset(
  importNftText(
    `table inet filter {
       chain forward {
         type filter hook forward priority filter; policy drop;
         iifname "ext0" tcp dport 80 tcp flags & (fin | syn | rst | ack) == syn accept
         iifname "ext0" tcp dport 80 ct state established accept
         iifname "int0" tcp flags & (rst | fin) == 0x0 ct state established accept
       }
     }`,
    'half open',
  ),
);

// A scenario whose engines are tapped has a reference with tables of its own from the start.
test('a run publishes the same whether the reference follows the first host or is apart from the start', () => {
  let observations = 0;
  for (const seed of [2, 3, 5]) {
    const scenario = randomScenario(seed, policy, halfOpen);
    for (const scheme of ['as-written' as const, schemePresets[seed]!.scheme]) {
      const following = published(scenario, scheme, false);
      expect(published(scenario, scheme, true)).toEqual(following);
      observations += following.length;
    }
  }
  expect(observations).toBeGreaterThan(1000);
}, 300_000);

function published(scenario: Scenario, scheme: Scheme | 'as-written', tapped: boolean): readonly string[] {
  const taps = tapped ? new PacketTaps(new Set(tapPoints(scenario)), () => undefined) : null;
  const cluster = buildCluster(scenario, {
    ...{ seed: scenario.seed, repetition: 0, scheme, replayCommand: '' },
    instruments: { taps, sampler: null },
  });
  const seen: string[] = [];
  const { divergence, exposureChanged, contextCompared, packetDropped, connectionState } =
    cluster.observations;
  divergence.subscribe((one) => seen.push(JSON.stringify(one)));
  exposureChanged.subscribe((one) => seen.push(JSON.stringify(one)));
  contextCompared.subscribe((one) => seen.push(JSON.stringify(one)));
  packetDropped.subscribe((one) => seen.push(JSON.stringify(one)));
  connectionState.subscribe((one) => seen.push(JSON.stringify(one)));
  cluster.run();
  return seen;
}

const vm = { name: 'guest', number: 1, addresses: [ipv4(0x0a00_000a)] };

interface Arrival {
  readonly port: number;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly payloadBytes: number;
  readonly inbound: boolean;
  readonly afterNs: number;
}

const { syn, ack, rst, fin } = TcpFlag;
const arrivals = fc.record({
  port: fc.integer({ min: 1000, max: 1003 }),
  flags: fc.constantFrom(syn, syn | ack, ack, ack, ack, rst, rst | ack, fin | ack),
  sequence: fc.constantFrom(0, 1, 1, 2, 90_000),
  acknowledgement: fc.constantFrom(0, 1, 1, 2, 90_000),
  payloadBytes: fc.constantFrom(0, 0, 1),
  inbound: fc.boolean(),
  // Of all walks of the collector a question foresees one: at most one is due before 61 s.
  afterNs: fc.constantFrom(0, ms, s),
});

test.each([
  ['established connections pass', policy],
  ['packets of tracked connections are refused too', halfOpen],
])('after any packets both references would let the same pass, where %s', (_, ruleset) => {
  fc.assert(
    fc.property(fc.array(arrivals, { minLength: 3, maxLength: 40 }), fc.nat(40), (sequence, partsAt) => {
      const world = referencesOf({ kind: 'rules', ruleset, version: 0 });
      let nowNs = 0;
      sequence.forEach((arrival, index) => {
        nowNs += arrival.afterNs;
        if (index === partsAt) world.home.forget(vm, 'interface', 'all', nowNs);
        judge(world, arrival, nowNs);
        for (const probe of sequence) {
          const [packet, passage] = packetOf(probe);
          const [follows, apart] = world.references;
          expect(follows.wouldPass(packet, passage, nowNs)).toBe(apart.wouldPass(packet, passage, nowNs));
        }
      });
      expect(world.divergences[0]).toEqual(world.divergences[1]);
    }),
    { numRuns: 150 },
  );
});

interface World {
  readonly home: FirewallEngine;
  readonly references: readonly [Reference, Reference];
  readonly divergences: readonly [string[], string[]];
}

/** One that follows the engine of the first host, and one that is apart from it; with room for three entries. */
function referencesOf(rules: Policy): World {
  const home = engine();
  const divergences: [string[], string[]] = [[], []];
  const made = divergences.map((seen) => {
    const observations = new Observations();
    observations.divergence.subscribe((one) => seen.push(JSON.stringify(one)));
    const reference = new Reference(vm, [engine()], observations);
    reference.setPolicy(rules);
    return reference;
  });
  home.setPolicy(vm, rules);
  const [follows, apart] = made;
  expect(follows!.follow([home])).toBe(true);
  return { home, references: [follows!, apart!], divergences };
}

function engine(): FirewallEngine {
  const tracking = { ...linuxDefaults, entriesMax: 3 };
  return new FirewallEngine(
    { name: 'firewall', table: 'per-vm', tracking, packetNs: 0, ruleNs: 0, newEntryNs: 0 },
    1,
  );
}

/** As an interface puts a packet to the engine and to the references. */
function judge({ home, references }: World, arrival: Arrival, nowNs: number): void {
  const [packet, passage] = packetOf(arrival);
  const judgement = home.inspect(vm, packet, passage, nowNs);
  for (const reference of references) {
    const difference = reference.compare(home, judgement, packet, passage, nowNs);
    if (difference !== null) reference.publish(difference, 'host', packet, nowNs);
  }
}

function packetOf(arrival: Arrival): [Packet, Passage] {
  const { port, flags, sequence, acknowledgement, payloadBytes, inbound } = arrival;
  const client = { address: ipv4(0x0a01_0001), port };
  const server = { address: vm.addresses[0]!, port: 80 };
  const [from, to] = inbound ? [client, server] : [server, client];
  const packet = makePacket({
    ...{ source: from.address, sourcePort: from.port, destination: to.address, destinationPort: to.port },
    ...{ protocol: Protocol.tcp, tcpFlags: flags, sequence, acknowledgement, payloadBytes, window: 100 },
  });
  return [packet, inbound ? inward : outward];
}
