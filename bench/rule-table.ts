import { ipv4 } from '../models/network/address.ts';
import { makePacket, type Packet } from '../models/network/packet.ts';
import { bareContext } from '../models/security/rule-context.ts';
import type { Field } from '../models/security/rule-field.ts';
import { RuleTable } from '../models/security/rule-table.ts';
import { makeRuleset } from '../models/security/ruleset.ts';
import type { Match, Range, Rule } from '../models/security/ruleset.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark } from './benchmark.ts';
import { Generator } from './generator.ts';

/**
 * New packets judged by one chain of ordered rules that its author did not index: prefixes, hosts, protocols
 * and ports, of which the first match decides. Nine packets in ten are aimed at a rule drawn at random, the
 * others at anything; the hash takes in verdict and position of the match, so that no rule can be skipped.
 */
export function ruleChain(rulesCount: number): Benchmark {
  return {
    name: `rules-${rulesCount}`,
    operation: 'new packet',
    size: 4_000_000,
    sizeSmall: 2_000,
    run(size) {
      const chance = new Generator(1);
      const classes = Array.from({ length: rulesCount }, () => drawClass(chance));
      const table = new RuleTable(rulesetOf(classes));
      const packets = Array.from({ length: 16_384 }, () => drawPacket(classes, chance));
      const context = bareContext(packets[0]!);
      context.inInterface = 'ext0';
      context.outInterface = 'int0';
      context.connectionState = 'new';
      const hash = new ResultHash();
      let evaluated = 0;
      for (let i = 0; i < size; i++) {
        context.packet = packets[i % packets.length]!;
        const outcome = table.evaluate('forward', context);
        evaluated += outcome.rulesEvaluated;
        hash.add(outcome.verdict === 'accept' ? 1 : 0, outcome.rulesEvaluated);
      }
      const mean = Math.round(evaluated / size);
      return { operations: size, hash: hash.text, remark: `linear search: ${mean} rules a packet` };
    },
  };
}

/** One rule: what it asks of addresses, protocol and port, and what it says. */
interface PacketClass {
  readonly source: Prefix;
  readonly destination: Prefix;
  readonly protocol: 6 | 17;
  readonly ports: { readonly low: number; readonly high: number };
  readonly accepts: boolean;
}

interface Prefix {
  readonly value: number;
  readonly bits: number;
}

const sourceBits: readonly number[] = [0, 8, 16, 24, 32];
const destinationBits: readonly number[] = [24, 28, 32];

/** Lengths of prefixes and widths of ports as access lists mix them: any, subnets, hosts; one, some or all. */
function drawClass(chance: Generator): PacketClass {
  const low = chance.below(60_000);
  const width = [0, 0, 10, 1000][chance.below(4)]!;
  return {
    source: drawPrefix(sourceBits, chance),
    destination: drawPrefix(destinationBits, chance),
    protocol: chance.below(4) === 0 ? 17 : 6,
    ports: { low, high: low + width },
    accepts: chance.below(2) === 0,
  };
}

/** All addresses are within 10.0.0.0/12, so that prefixes of different lengths overlap. */
function drawPrefix(lengths: readonly number[], chance: Generator): Prefix {
  const bits = lengths[chance.below(lengths.length)]!;
  const value = 0x0a00_0000 + chance.below(2 ** 20);
  return { value: (value & maskOf(bits)) >>> 0, bits };
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : -1 << (32 - bits);
}

function drawPacket(classes: readonly PacketClass[], chance: Generator): Packet {
  const aim = classes[chance.below(classes.length)]!;
  const stray = chance.below(10) === 0;
  return makePacket({
    source: ipv4(inside(aim.source, chance)),
    destination: ipv4(stray ? 0x0a00_0000 + chance.below(2 ** 20) : inside(aim.destination, chance)),
    protocol: aim.protocol,
    sourcePort: 1024 + chance.below(60_000),
    destinationPort: stray ? chance.below(65_536) : aim.ports.low,
  });
}

function inside({ value, bits }: Prefix, chance: Generator): number {
  return (value | (chance.nextWord() & ~maskOf(bits))) >>> 0;
}

function rulesetOf(classes: readonly PacketClass[]): ReturnType<typeof makeRuleset> {
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' } as const;
  const chain = { name: 'forward', base, rules: classes.map(ruleOf) };
  return makeRuleset([
    { family: 'ip', name: 'fw', chains: [chain], sets: [], maps: [], counters: [], helpers: [] },
  ]);
}

function ruleOf({ source, destination, protocol, ports, accepts }: PacketClass): Rule {
  const matches = [
    match('ip saddr', prefix(source)),
    match('ip daddr', prefix(destination)),
    match(protocol === 6 ? 'tcp dport' : 'udp dport', { kind: 'numbers', ...ports }),
  ];
  const verdict = { kind: accepts ? 'accept' : 'drop' } as const;
  return { expressions: [...matches, { kind: 'verdict', verdict }], comment: '', place: '' };
}

function prefix({ value, bits }: Prefix): Range {
  return { kind: 'addresses', low: ipv4(value), high: ipv4(value | ~maskOf(bits)) };
}

function match(field: Field, range: Range): Match {
  return {
    kind: 'match',
    selectors: [{ field, mask: null }],
    operator: 'in',
    keys: { kind: 'inline', keys: [[range]] },
  };
}
