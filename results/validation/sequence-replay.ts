import { formatAddress } from '../../models/network/address.ts';
import { Protocol, type Packet } from '../../models/network/packet.ts';
import { ConnectionTracker } from '../../models/security/connection-tracker.ts';
import type { ConnectionSnapshot, Tuple } from '../../models/security/connection-snapshot.ts';
import type { Judgement, Passage } from '../../models/security/nse.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import type { LoadMode } from '../../models/security/security-engine.ts';
import { sharedPlace, StatefulFirewall } from '../../models/security/stateful-firewall.ts';
import { linuxDefaults } from '../../models/security/tracking-settings.ts';
import { ScenarioError } from '../../sim/assert.ts';
import { clientSide, entryView } from './entry-view.ts';
import { goldenAddress, goldenPacket, type PacketTuple } from './golden-packet.ts';
import { goldenRuleset } from './golden-ruleset.ts';
import type { EntryView, GoldenRules, GoldenSequence, GoldenStep } from './golden-sequence.ts';
import { settingsWith } from './golden-settings.ts';

/** What the model did at a step; the fields are those of an expectation. */
export interface SimulatedStep extends Partial<EntryView> {
  verdict: string | null;
  ct_state: string | null;
  entries: number;
  table: readonly EntryView[];
  errno?: number | readonly number[];
  forwarded?: number;
}

/** Plays a sequence through a firewall of the models, step by step. */
export function replaySequence(sequence: GoldenSequence, hashSeed: number): SimulatedStep[] {
  const replay = new SequenceReplay(sequence, hashSeed);
  return sequence.packets.map((step, index) => replay.play(step, index));
}

class SequenceReplay {
  readonly #sequence: GoldenSequence;
  readonly #family: 4 | 6;
  readonly #nat: boolean;
  readonly #firewall: StatefulFirewall;
  readonly #tracker: ConnectionTracker;
  #rules: GoldenRules;
  /** Packets by the step that sent them. */
  readonly #sent = new Map<number, Packet>();

  constructor(sequence: GoldenSequence, hashSeed: number) {
    this.#sequence = sequence;
    this.#family = sequence.family === 'ip' ? 4 : 6;
    this.#nat = sequence.category.startsWith('nat') || sequence.category === 'v6-nat';
    this.#tracker = new ConnectionTracker(settingsWith({ ...linuxDefaults, hashSeed }, sequence.sysctls));
    this.#firewall = new StatefulFirewall('fw', this.#tracker, sharedPlace);
    this.#rules = sequence.rules;
    this.#setRules(sequence.rules);
  }

  play(step: GoldenStep, index: number): SimulatedStep {
    const nowNs = step.t_ms * 1e6;
    return step.op === undefined ? this.#packet(step, index, nowNs) : this.#operate(step, step.op, nowNs);
  }

  #packet(step: GoldenStep, index: number, nowNs: number): SimulatedStep {
    const quoted = step.inner === undefined ? null : this.#sent.get(step.inner)!;
    const packet = goldenPacket(step, tupleOf(step), quoted);
    this.#sent.set(index, packet);
    const judgement = this.#firewall.inspect(packet, passageOf(step), nowNs);
    const verdict = judgement.verdict === 'accept' ? 'forward' : judgement.verdict;
    const state = judgement.connectionState;
    const table = this.#tracker.entries.dump({ kind: 'all' }, nowNs);
    const entry = this.#entryOf(packet, step, table);
    return {
      verdict,
      ct_state: state === null ? null : state.toUpperCase(),
      ...(entry === undefined ? { state: null, timeout_s: null, flags: [] } : entryView(entry, this.#nat)),
      entries: table.length,
      table: table.map((one) => entryView(one, this.#nat)),
    };
  }

  #operate(step: GoldenStep, op: string, nowNs: number): SimulatedStep {
    const outcome: Pick<SimulatedStep, 'errno' | 'forwarded'> = {};
    const { entries } = this.#tracker;
    switch (op) {
      case 'observe':
        break;
      case 'sysctl':
        this.#tracker.configure(settingsWith(this.#tracker.settings, step.set ?? {}));
        break;
      case 'flush':
        entries.delete({ kind: 'all' }, nowNs);
        outcome.errno = 0;
        break;
      case 'delete':
        entries.delete({ kind: 'all' }, nowNs);
        break;
      case 'rules':
        this.#setRules(this.#rulesNamed(step));
        break;
      case 'reload': {
        const dump = entries.dump({ kind: 'all' }, nowNs);
        entries.delete({ kind: 'all' }, nowNs);
        outcome.errno = entries.load(dump, loadMode(step), nowNs + reloadNs);
        break;
      }
      case 'fill':
        outcome.forwarded = this.#fill(step, nowNs);
        break;
      default:
        throw new ScenarioError([{ place: 'packets', message: `op "${op}" is not known`, allowed: '' }]);
    }
    const table = entries.dump({ kind: 'all' }, nowNs);
    return {
      verdict: null,
      ct_state: null,
      ...outcome,
      entries: table.length,
      table: table.map((one) => entryView(one, this.#nat)),
    };
  }

  /** Many datagrams at once, each of a flow of its own, answered or not; how many came through. */
  #fill(step: GoldenStep, nowNs: number): number {
    let forwarded = 0;
    for (let k = 0; k < (step.n ?? 0); k++) {
      const sport = (step.sport0 ?? 0) + (k % 50_000);
      const ports = { sport, dport: step.dport0 ?? 0 };
      const out = this.#datagram({ t_ms: step.t_ms, dir: 'c2s', ...ports, src: client, dst: server }, nowNs);
      if (out.verdict === 'accept') forwarded++;
      if (step.kind !== 'replied') continue;
      const answer = { sport: ports.dport, dport: sport };
      this.#datagram({ t_ms: step.t_ms, dir: 's2c', ...answer, src: server, dst: client }, nowNs);
    }
    return forwarded;
  }

  #datagram(fields: GoldenStep, nowNs: number): Judgement {
    const step: GoldenStep = { ...fields, proto: 'udp', len: 4 };
    return this.#firewall.inspect(goldenPacket(step, tupleOf(step), null), passageOf(step), nowNs);
  }

  #setRules(rules: GoldenRules): void {
    this.#rules = rules;
    this.#firewall.setRules(new RuleTable(goldenRuleset(rules, this.#family)));
  }

  #rulesNamed(step: GoldenStep): GoldenRules {
    const named = step.rules;
    if (named !== undefined && typeof named !== 'string') return named;
    const { rules, other_rules: others } = this.#sequence;
    const found = named === rules.id ? rules : others[named ?? ''];
    if (found === undefined)
      throw new ScenarioError([
        {
          place: `${this.#sequence.name}: rules`,
          message: `"${named ?? ''}" is not known`,
          allowed: Object.keys(others).join(', '),
        },
      ]);
    return found;
  }

  /** The entry that the recorder shows beside a packet: that of its tuple, or of the packet an error quotes. */
  #entryOf(
    packet: Packet,
    step: GoldenStep,
    table: readonly ConnectionSnapshot[],
  ): ConnectionSnapshot | undefined {
    const tuple = packet.quoted ?? packet;
    const hits = table.filter((entry) => sameTuple(entry.original, tuple) || sameTuple(entry.reply, tuple));
    if (hits.length < 2) return hits[0];
    const side = step.dir === 'c2s' ? 'c' : 's';
    const raw = (this.#rules.raw ?? []).find(
      (one) => one.zone !== undefined && (one.match.iif ?? side) === side,
    );
    return hits.find((entry) => entry.zone === (raw?.zone ?? 0)) ?? hits[0];
  }
}

/**
 * Between the dump and the load of a reload lie the dump's and the flush's walk over 262,144 buckets, 3 to 5 ms
 * each (measured on the machine of the recording).
 */
const reloadNs = 8_000_000;

const client = '10.0.1.2';
const server = '10.0.2.2';

function passageOf(step: GoldenStep): Passage {
  return step.dir === 's2c'
    ? { inInterface: 's0', outInterface: 'c0' }
    : { inInterface: 'c0', outInterface: 's0' };
}

function loadMode(step: GoldenStep): LoadMode {
  const { mode } = step;
  const known = loadModes.find((one) => one === mode);
  if (known === undefined)
    throw new ScenarioError([
      { place: 'packets', message: `mode "${mode ?? ''}" is not known`, allowed: loadModes.join(', ') },
    ]);
  return known;
}

const loadModes = [
  'save',
  'savefix',
  'naive',
  'noflags',
  'flags',
  'liberal',
  'natattr',
  'nat',
  'liberalnat',
  'full',
] as const satisfies readonly LoadMode[];

function tupleOf(step: GoldenStep): PacketTuple {
  return {
    source: goldenAddress(step.src ?? ''),
    destination: goldenAddress(step.dst ?? ''),
    sourcePort: step.sport ?? 0,
    destinationPort: step.dport ?? 0,
    icmpId: step.id ?? 0,
  };
}

function sameTuple(tuple: Tuple, packet: Packet): boolean {
  if (tuple.protocol !== packet.protocol) return false;
  if (formatAddress(tuple.source) !== formatAddress(packet.source)) return false;
  if (formatAddress(tuple.destination) !== formatAddress(packet.destination)) return false;
  if (packet.protocol === Protocol.icmp || packet.protocol === Protocol.icmpv6)
    return tuple.icmpId === packet.icmpId && tuple.icmpType === packet.icmpType;
  return tuple.sourcePort === packet.sourcePort && tuple.destinationPort === packet.destinationPort;
}

void clientSide;
