import type { Writable } from '../sim/writable.ts';
import { ipv4, type Address } from '../models/network/address.ts';
import { makePacket, TcpFlag, type Packet } from '../models/network/packet.ts';
import { ConnectionTracker } from '../models/security/connection-tracker.ts';
import { RuleTable } from '../models/security/rule-table.ts';
import { StateBit } from '../models/security/rule-field.ts';
import { makeRuleset, type Expression, type Rule, type Ruleset } from '../models/security/ruleset.ts';
import { sharedPlace, StatefulFirewall } from '../models/security/stateful-firewall.ts';
import { linuxDefaults } from '../models/security/tracking-settings.ts';
import { ResultHash, type Benchmark, type BenchmarkResult } from './benchmark.ts';
import { Generator } from './generator.ts';

const passage = { inInterface: 'uplink', outInterface: 'vm' };
const vm = ipv4(0x0a00_0001);

/**
 * Data segments on established connections, through a firewall whose first of 1,001 rules is `ct state
 * established accept`. `hot` of the `live` connections are used, picked at random. Opening them is measured too.
 */
export function establishedPackets(live: number, hot: number): Benchmark {
  return {
    name: hot === live ? `conntrack-${live}` : `conntrack-${live}-hot-${hot}`,
    operation: 'packet',
    size: 10_000_000,
    sizeSmall: 20_000,
    run: (size) => runEstablished(Math.min(live, size), Math.min(hot, size), size),
  };
}

/** New connections: one SYN each, all of them live at the end. */
export const newConnections: Benchmark = {
  name: 'conntrack-new',
  operation: 'connection',
  size: 2_000_000,
  sizeSmall: 20_000,
  run: runNew,
};

function runEstablished(live: number, hot: number, size: number): BenchmarkResult {
  const firewall = makeFirewall();
  const opener = new Opener();
  for (let flow = 0; flow < live; flow++) {
    firewall.inspect(opener.syn(flow), passage, 0);
    firewall.inspect(opener.synAck(flow), passage, 0);
  }
  const generator = new Generator(1);
  const stride = Math.floor(live / hot);
  const hash = new ResultHash();
  let operations = 0;
  for (let i = 0; i < size; i++) {
    const packet = opener.data(generator.below(hot) * stride);
    const { verdict, rulesEvaluated } = firewall.inspect(packet, passage, 1000 * i);
    hash.add(rulesEvaluated, i);
    if (verdict === 'accept') operations++;
  }
  return { operations, hash: hash.text, remark: bytesPerEntry(firewall) };
}

function runNew(size: number): BenchmarkResult {
  const firewall = makeFirewall();
  const opener = new Opener();
  const hash = new ResultHash();
  let operations = 0;
  for (let flow = 0; flow < size; flow++) {
    const { entryCreated } = firewall.inspect(opener.syn(flow), passage, 1000 * flow);
    hash.add(firewall.tracker.count, flow);
    if (entryCreated) operations++;
  }
  return { operations, hash: hash.text, remark: bytesPerEntry(firewall) };
}

function bytesPerEntry({ tracker }: StatefulFirewall): string {
  return `${(tracker.bytes / tracker.count).toFixed(1)} B per entry`;
}

function makeFirewall(): StatefulFirewall {
  const tracker = new ConnectionTracker({ ...linuxDefaults, entriesMax: 0, buckets: 1 << 24 });
  const firewall = new StatefulFirewall('fw', tracker, sharedPlace);
  firewall.setRules(new RuleTable(ruleset()));
  return firewall;
}

function ruleset(): Ruleset {
  const established: Expression = {
    kind: 'match',
    selectors: [{ field: 'ct state', mask: null }],
    operator: 'any-bit',
    keys: { kind: 'inline', keys: [[number(StateBit.established)]] },
  };
  const port = (value: number): Expression => ({
    kind: 'match',
    selectors: [{ field: 'tcp dport', mask: null }],
    operator: 'in',
    keys: { kind: 'inline', keys: [[number(value)]] },
  });
  const others = Array.from({ length: 1000 }, (_, i) => accept(port(i + 80)));
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' } as const;
  const chains = [{ name: 'forward', base, rules: [accept(established), ...others] }];
  const table = { name: 'filter', chains, sets: [], maps: [], counters: [], helpers: [] };
  return makeRuleset([{ ...table, family: 'inet' }]);
}

function accept(match: Expression): Rule {
  return { expressions: [match, { kind: 'verdict', verdict: { kind: 'accept' } }], comment: '', place: '' };
}

function number(value: number): { kind: 'numbers'; low: number; high: number } {
  return { kind: 'numbers', low: value, high: value };
}

/** Packets that are sent again and again with other ends: making packets is not what is measured. */
class Opener {
  private readonly synPacket: Writable<Packet> = makePacket({
    destination: vm,
    destinationPort: 80,
    tcpFlags: TcpFlag.syn,
    sequence: 1000,
    window: 60_000,
  });
  private readonly synAckPacket: Writable<Packet> = makePacket({
    source: vm,
    sourcePort: 80,
    tcpFlags: TcpFlag.syn | TcpFlag.ack,
    sequence: 5000,
    acknowledgement: 1001,
    window: 60_000,
  });

  private readonly dataPacket: Writable<Packet> = makePacket({
    destination: vm,
    destinationPort: 80,
    tcpFlags: TcpFlag.ack | TcpFlag.psh,
    sequence: 1001,
    acknowledgement: 5001,
    window: 60_000,
    payloadBytes: 100,
  });

  syn(flow: number): Packet {
    this.synPacket.source = peer(flow);
    this.synPacket.sourcePort = port(flow);
    return this.synPacket;
  }

  data(flow: number): Packet {
    this.dataPacket.source = peer(flow);
    this.dataPacket.sourcePort = port(flow);
    return this.dataPacket;
  }

  synAck(flow: number): Packet {
    this.synAckPacket.destination = peer(flow);
    this.synAckPacket.destinationPort = port(flow);
    return this.synAckPacket;
  }
}

/** Packets of one peer share its address, as those of a simulated host do. */
function peer(flow: number): Address {
  const number = flow >>> 14;
  return (peers[number] ??= ipv4(0x0b00_0000 + number));
}

const peers: Address[] = [];

function port(flow: number): number {
  return 1024 + (flow & 16_383);
}
