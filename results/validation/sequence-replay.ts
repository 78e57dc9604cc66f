import { formatAddress } from '../../models/network/address.ts';
import { changedPacket, packetBytes, Protocol, type Packet } from '../../models/network/packet.ts';
import { ConnectionTracker } from '../../models/security/connection-tracker.ts';
import type { ConnectionSnapshot, Tuple } from '../../models/security/connection-snapshot.ts';
import type { Judgement, Passage } from '../../models/security/nse.ts';
import { inLoadOrder } from '../../models/security/dump-order.ts';
import { invertible, portsOf } from '../../models/security/flow-key.ts';
import { RuleTable } from '../../models/security/rule-table.ts';
import type { LoadMode } from '../../models/security/security-engine.ts';
import { sharedPlace, StatefulFirewall } from '../../models/security/stateful-firewall.ts';
import { linuxDefaults } from '../../models/security/tracking-settings.ts';
import { ScenarioError } from '../../sim/assert.ts';
import { entryView } from './entry-view.ts';
import { goldenAddress, goldenPacket, type PacketTuple } from './golden-packet.ts';
import { goldenRuleset } from './golden-ruleset.ts';
import type { EntryView, GoldenRules, GoldenSequence, GoldenStep } from './golden-sequence.ts';
import { settingsWith } from './golden-settings.ts';
import { hostAnswer, RecorderHost } from './recorder-host.ts';
import { saveText } from './save-text.ts';
import { wireView, type WireView } from './wire-view.ts';

/** What the model did at a step; the fields are those of an expectation. */
export interface SimulatedStep extends Partial<EntryView> {
  verdict: string | null;
  ct_state: string | null;
  entries: number;
  table: readonly EntryView[];
  errno?: number | readonly number[];
  forwarded?: number;
  out?: WireView | null;
  fw_sent?: readonly WireView[];
  cli_rc?: number;
  saved_text?: readonly string[];
}

type LoadOutcome = Pick<SimulatedStep, 'errno' | 'forwarded' | 'cli_rc' | 'saved_text'>;

/** Plays a sequence through a firewall of the models, step by step. */
export function replaySequence(sequence: GoldenSequence, hashSeed: number): SimulatedStep[] {
  const replay = new SequenceReplay(sequence, hashSeed);
  return sequence.packets.map((step, index) => replay.play(step, index));
}

class SequenceReplay {
  private readonly sequence: GoldenSequence;
  private readonly family: 4 | 6;
  private readonly nat: boolean;
  private readonly firewall: StatefulFirewall;
  private readonly tracker: ConnectionTracker;
  private readonly host = new RecorderHost();
  private rules: GoldenRules;
  /** Packets by the step that sent them: as sent, and as they left on the other side. */
  private readonly sent = new Map<number, Packet>();
  private readonly left = new Map<number, { readonly packet: Packet; readonly side: 'c' | 's' }>();
  private saved: readonly ConnectionSnapshot[] = [];

  constructor(sequence: GoldenSequence, hashSeed: number) {
    this.sequence = sequence;
    this.family = sequence.family === 'ip' ? 4 : 6;
    this.nat = sequence.category.startsWith('nat') || sequence.category === 'v6-nat';
    this.tracker = new ConnectionTracker(settingsWith({ ...linuxDefaults, hashSeed }, sequence.sysctls));
    this.firewall = new StatefulFirewall('fw', this.tracker, sharedPlace);
    this.firewall.setAddressing(this.host);
    this.rules = sequence.rules;
    this.setRules(sequence.rules);
  }

  play(step: GoldenStep, index: number): SimulatedStep {
    const nowNs = step.t_ms * 1e6;
    return step.op === undefined ? this.packet(step, index, nowNs) : this.operate(step, step.op, nowNs);
  }

  private packet(step: GoldenStep, index: number, nowNs: number): SimulatedStep {
    const packet = this.packetOf(step, index);
    this.sent.set(index, packet);
    const pieces = fragmentsOf(packet, step);
    let judgement = this.firewall.inspect(pieces[0]!, passageOf(step), nowNs);
    for (const piece of pieces.slice(1)) judgement = this.firewall.inspect(piece, passageOf(step), nowNs);
    const { verdict, connectionState: state, packet: left, cause } = judgement;
    const answers = verdict === 'local' && cause === null ? this.answer(left, nowNs) : [];
    const out = verdict === 'accept' ? this.leave(left, index, framesOf(packet, step)) : null;
    const table = this.tracker.entries.dump({ kind: 'all' }, nowNs + walkNs);
    const entry = this.entryOf(packet, step, table);
    return {
      verdict: verdict === 'accept' ? 'forward' : verdict,
      ct_state: state === null || verdict === 'hold' ? null : state.toUpperCase(),
      ...(entry === undefined ? { state: null, timeout_s: null, flags: [] } : entryView(entry, this.nat)),
      entries: table.length,
      table: table.map((one) => entryView(one, this.nat)),
      out,
      ...(answers.length > 0 ? { fw_sent: answers } : {}),
    };
  }

  /** The packet of a step; a reply goes to where the packet it answers seemed to come from. */
  private packetOf(step: GoldenStep, index: number): Packet {
    const side = step.dir === 'c2s' ? 'c' : 's';
    let quoted: Packet | null = null;
    if (step.inner !== undefined) {
      const left = this.left.get(step.inner);
      const asSeen = left?.side === side && step.inner_as_sent !== true;
      quoted = asSeen ? left.packet : this.sent.get(step.inner)!;
    }
    const answered = step.reply === undefined ? null : this.answeredBy(step, index, side);
    return goldenPacket(step, tupleOf(step, answered, quoted), quoted);
  }

  private answeredBy(step: GoldenStep, index: number, side: 'c' | 's'): Packet {
    const { packets } = this.sequence;
    const sameFlow = (other: number): boolean => {
      const { reply, inner, flow } = packets[other]!;
      return reply === undefined && inner === undefined && (flow ?? 0) === (step.flow ?? 0);
    };
    const seen = [...this.left].filter(
      ([other, left]) => other < index && left.side === side && sameFlow(other),
    );
    const found = step.reply === 'first' ? seen[0] : seen[seen.length - 1];
    if (found !== undefined) return found[1].packet;
    const sent = [...this.sent].filter(([other]) => other < index && sameFlow(other));
    return sent[sent.length - 1]![1];
  }

  private leave(packet: Packet, index: number, frames: number): WireView {
    const side = this.host.outInterface(packet.destination) === 'c0' ? 'c' : 's';
    this.left.set(index, { packet, side });
    return wireView(packet, side, frames);
  }

  /** What the firewall's own stack sends back. */
  private answer(packet: Packet, nowNs: number): WireView[] {
    const answer = hostAnswer(packet);
    if (answer === null) return [];
    const outInterface = this.host.outInterface(answer.destination);
    const { verdict, packet: left } = this.firewall.emit(answer, { inInterface: '', outInterface }, nowNs);
    return verdict === 'accept' ? [wireView(left, outInterface.slice(0, 1), 1)] : [];
  }

  private operate(step: GoldenStep, op: string, nowNs: number): SimulatedStep {
    const outcome: LoadOutcome = {};
    const elapsedNs = op === 'reload' || op === 'load' ? 2 * walkNs : 0;
    const { entries } = this.tracker;
    switch (op) {
      case 'observe':
        break;
      case 'sysctl':
        this.tracker.configure(settingsWith(this.tracker.settings, step.set ?? {}));
        break;
      case 'flush':
        entries.delete({ kind: 'all' }, nowNs);
        outcome.errno = 0;
        break;
      case 'delete':
        this.delete(nowNs);
        break;
      case 'rules':
        this.setRules(this.rulesNamed(step));
        break;
      case 'reload': {
        const dump = entries.dump({ kind: 'all' }, nowNs + walkNs);
        entries.delete({ kind: 'all' }, nowNs);
        Object.assign(outcome, this.load(dump, step, nowNs));
        break;
      }
      case 'save':
        this.saved = entries.dump({ kind: 'all' }, nowNs + walkNs);
        break;
      case 'load':
        Object.assign(outcome, this.load(this.saved, step, nowNs));
        break;
      case 'ip':
        this.host.command(step.cmd ?? '', this.tracker, nowNs);
        break;
      case 'fill':
        outcome.forwarded = this.fill(step, nowNs);
        break;
      default:
        throw new ScenarioError([{ place: 'packets', message: `op "${op}" is not known`, allowed: '' }]);
    }
    const table = entries.dump({ kind: 'all' }, nowNs + elapsedNs + walkNs);
    return {
      verdict: null,
      ct_state: null,
      ...outcome,
      entries: table.length,
      table: table.map((one) => entryView(one, this.nat)),
    };
  }

  /** The recorder deletes by original tuple, zone of that direction included, and names no zone for both. */
  private delete(nowNs: number): void {
    const { entries } = this.tracker;
    for (const entry of entries.dump({ kind: 'all' }, nowNs))
      if (entry.zone === 0 || entry.zoneDirection !== 'both') entries.deleteEntry(entry, nowNs);
  }

  private load(masterFirst: readonly ConnectionSnapshot[], step: GoldenStep, nowNs: number): LoadOutcome {
    const mode = loadMode(step);
    const dump = inLoadOrder(masterFirst, mode);
    const errno = this.tracker.entries.load(dump, mode, nowNs + 2 * walkNs);
    if (step.mode !== 'save') return { errno };
    const cli_rc = errno.every((one) => one === 0) ? 0 : 1;
    return { errno, cli_rc, saved_text: dump.length === 0 ? [''] : dump.slice(0, 4).map(saveText) };
  }

  /** Many datagrams at once, each of a flow of its own, answered or not; how many came through. */
  private fill(step: GoldenStep, nowNs: number): number {
    let forwarded = 0;
    for (let k = 0; k < (step.n ?? 0); k++) {
      const sport = (step.sport0 ?? 0) + (k % 50_000);
      const ports = { sport, dport: step.dport0 ?? 0 };
      const { verdict } = this.datagram(
        { t_ms: step.t_ms, dir: 'c2s', ...ports, src: client, dst: server },
        nowNs,
      );
      if (verdict === 'accept') forwarded++;
      if (step.kind !== 'replied') continue;
      const answer = { sport: ports.dport, dport: sport };
      this.datagram({ t_ms: step.t_ms, dir: 's2c', ...answer, src: server, dst: client }, nowNs);
    }
    return forwarded;
  }

  private datagram(fields: GoldenStep, nowNs: number): Judgement {
    const step: GoldenStep = { ...fields, proto: 'udp', len: 4 };
    return this.firewall.inspect(goldenPacket(step, tupleOf(step, null, null), null), passageOf(step), nowNs);
  }

  private setRules(rules: GoldenRules): void {
    this.rules = rules;
    this.firewall.setRules(new RuleTable(goldenRuleset(rules, this.family)));
  }

  private rulesNamed(step: GoldenStep): GoldenRules {
    const named = step.rules;
    if (named !== undefined && typeof named !== 'string') return named;
    const { rules, other_rules: others } = this.sequence;
    const found = named === rules.id ? rules : others[named ?? ''];
    if (found === undefined)
      throw new ScenarioError([
        {
          place: `${this.sequence.name}: rules`,
          message: `"${named ?? ''}" is not known`,
          allowed: Object.keys(others).join(', '),
        },
      ]);
    return found;
  }

  /** The entry that the recorder shows beside a packet: that of its tuple, or of the packet an error quotes. */
  private entryOf(
    packet: Packet,
    step: GoldenStep,
    table: readonly ConnectionSnapshot[],
  ): ConnectionSnapshot | undefined {
    const tuple = packet.quoted ?? packet;
    const hits = table.filter(
      (entry) =>
        sameTuple(entry.original, tuple) ||
        sameTuple(entry.reply, tuple) ||
        (packet.quoted !== null && (inverseTuple(entry.original, tuple) || inverseTuple(entry.reply, tuple))),
    );
    if (hits.length < 2) return hits[0];
    const side = step.dir === 'c2s' ? 'c' : 's';
    const raw = (this.rules.raw ?? []).find(
      (one) => one.zone !== undefined && (one.match.iif ?? side) === side,
    );
    const zone = raw?.zone ?? 0;
    return hits.find((entry) => (entry.zoneDirection === 'both' ? entry.zone : 0) === zone) ?? hits[0];
  }
}

/**
 * How long the kernel walks over its 262,144 buckets, 3 to 5 ms on the machine of the recordings: a table is
 * read so long after a packet, and a reload loads after its dump and its flush.
 */
const walkNs = 4_000_000;

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

/** Fields that a step leaves open are those of the packet it answers, or of the one it quotes. */
function tupleOf(step: GoldenStep, answered: Packet | null, quoted: Packet | null): PacketTuple {
  const destination = step.dst ?? null;
  const source = step.src ?? null;
  return {
    source: source !== null ? goldenAddress(source) : answered!.destination,
    destination: destination !== null ? goldenAddress(destination) : (quoted?.source ?? answered!.source),
    sourcePort: step.sport ?? answered?.destinationPort ?? 0,
    destinationPort: step.dport ?? answered?.sourcePort ?? 0,
    icmpId: step.id ?? answered?.icmpId ?? 0,
  };
}

/**
 * In how many frames a datagram leaves that came in fragments. IPv6 sends it whole if it is no longer than the longest
 * of them, whose fragment header takes eight bytes (Linux 6.18, net/ipv6/ip6_output.c, `ip6_finish_output`).
 */
function framesOf(packet: Packet, step: GoldenStep): number {
  const { frag } = step;
  if (frag === undefined) return 1;
  const pieces = fragmentsOf(packet, { ...step, frag: { ...frag, parts: null } });
  const headerBytes = packet.source.family === 4 ? 20 : 40;
  const whole = packet.source.family === 6 && packetBytes(packet) - headerBytes <= frag.size + 8;
  return whole ? 1 : pieces.length;
}

/** The packet, or the fragments of it that a step sends. */
function fragmentsOf(packet: Packet, step: GoldenStep): Packet[] {
  const { frag } = step;
  if (frag === undefined) return [packet];
  const headerBytes = packetBytes(packet) - packet.payloadBytes - (packet.source.family === 4 ? 20 : 40);
  const total = headerBytes + packet.payloadBytes;
  const pieces: Packet[] = [];
  for (let offset = 0; offset < total; offset += frag.size) {
    const bytes = Math.min(frag.size, total - offset);
    pieces.push(
      changedPacket(packet, {
        payloadBytes: offset === 0 ? bytes - headerBytes : bytes,
        fragmentOffsetBytes: offset,
        moreFragments: offset + bytes < total,
        fragmentId: frag.id,
      }),
    );
  }
  return frag.parts === null ? pieces : frag.parts.map((part) => pieces[part]!);
}

function sameTuple(tuple: Tuple, packet: Packet): boolean {
  if (tuple.protocol !== packet.protocol) return false;
  if (formatAddress(tuple.source) !== formatAddress(packet.source)) return false;
  if (formatAddress(tuple.destination) !== formatAddress(packet.destination)) return false;
  if (packet.protocol === Protocol.icmp || packet.protocol === Protocol.icmpv6)
    return tuple.icmpId === packet.icmpId && tuple.icmpType === packet.icmpType;
  return tuple.sourcePort === packet.sourcePort && tuple.destinationPort === packet.destinationPort;
}

function inverseTuple(tuple: Tuple, packet: Packet): boolean {
  if (tuple.protocol !== packet.protocol) return false;
  if (formatAddress(tuple.source) !== formatAddress(packet.destination)) return false;
  if (formatAddress(tuple.destination) !== formatAddress(packet.source)) return false;
  if (packet.protocol === Protocol.icmp || packet.protocol === Protocol.icmpv6)
    return tuple.icmpId === packet.icmpId && answers(packet) && tuple.icmpType !== packet.icmpType;
  return tuple.sourcePort === packet.destinationPort && tuple.destinationPort === packet.sourcePort;
}

/** Whether an ICMP message is one half of a query. */
function answers(packet: Packet): boolean {
  const ports = portsOf(packet);
  return invertible(packet.protocol, ports);
}
