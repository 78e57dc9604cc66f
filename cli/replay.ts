import { writeFileSync } from 'node:fs';
import type { Command } from '@commander-js/extra-typings';
import { formatAddress } from '../models/network/address.ts';
import { Protocol, TcpFlag } from '../models/network/packet.ts';
import type { Packet } from '../models/network/packet.ts';
import type { Ruleset } from '../models/security/ruleset.ts';
import { linuxDefaults } from '../models/security/tracking-settings.ts';
import { replay } from '../results/replay.ts';
import type { Replay, ReplayedPacket } from '../results/replay.ts';
import { replayCapture } from '../results/trace/replay-capture.ts';
import { readTrace } from '../results/trace/read-trace.ts';
import { settingsWith } from '../results/validation/golden-settings.ts';
import { importConntrack } from '../scenarios/import/conntrack.ts';
import { ruleFormatOf, ruleImporters } from '../scenarios/import/import-rules.ts';
import { ScenarioError } from '../sim/assert.ts';
import { describeProblems } from './describe-problems.ts';
import { readTextFile } from './import-ruleset.ts';
import { readUserFile } from './user-file.ts';
import type { Screen } from './screen.ts';

/** `nseh replay TRACE --rules FILE`: what one firewall would have said to every packet of a trace. */
export function register(program: Command, screen: Screen): void {
  program
    .command('replay')
    .description('send a packet trace through one firewall: verdict, reason and connection state per packet')
    .argument('<trace>', 'pcap, pcapng, or a recorded sequence (JSON, also .gz)')
    .requiredOption('--rules <file>', 'rules: nft (text or JSON), iptables-save, ClassBench')
    .option('--entries <file>', 'connection table to begin with: conntrack -L, or conntrack -L -o save')
    .option(
      '--interface <name=prefix>',
      'addresses behind an interface, such as int0=10.0.2.0/24',
      append,
      [],
    )
    .option('--sysctl <name=value>', 'setting of connection tracking, such as tcp_loose=0', append, [])
    .option('--sequence <name>', 'which sequence of a recorded file (default: the first)')
    .option('--verify-checksums', 'take wrong transport checksums of a capture as wrong')
    .option('--pcapng <file>', 'write the packets with their verdicts as comments')
    .option('--json', 'print one JSON object')
    .action((file, options) => {
      const trace = readTrace(readUserFile(file), {
        file,
        sequence: options.sequence ?? null,
        interfaces: options.interface,
        checksums: options.verifyChecksums === true ? 'verify' : 'trust',
      });
      const entries =
        options.entries === undefined
          ? null
          : importConntrack(readTextFile(options.entries), options.entries, 0);
      if (entries !== null && entries.problems.length > 0) throw new ScenarioError(entries.problems);
      const result = replay({
        packets: trace.packets,
        ruleset: readRules(options.rules, screen),
        settings: settingsWith(linuxDefaults, readSysctls(options.sysctl)),
        addressing: trace.addressing,
        entries: entries?.entries ?? [],
      });
      if (options.pcapng !== undefined)
        writeFileSync(options.pcapng, replayCapture(result.packets, trace.startNs));
      screen.print(options.json === true ? json(result, trace.faults) : result.packets.map(line).join('\n'));
      screen.note(summary(result, trace.faults));
    });
}

/** The rules of a file; what was not understood is left out and named. */
function readRules(file: string, screen: Screen): Ruleset {
  const text = readTextFile(file);
  const { ruleset, problems } = ruleImporters[ruleFormatOf(text)](text, file);
  if (problems.length > 0) screen.note(describeProblems(problems, screen, 'warning'));
  return ruleset;
}

function readSysctls(list: readonly string[]): Record<string, number> {
  const sysctls: Record<string, number> = {};
  for (const text of list) {
    const [, name = '', value = ''] = /^(?:net\.netfilter\.nf_conntrack_)?(\w+)=(\d+)$/.exec(text) ?? [];
    if (name === '')
      throw new ScenarioError([
        { place: '--sysctl', message: `"${text}" is not understood`, allowed: 'tcp_loose=0' },
      ]);
    sysctls[name] = Number(value);
  }
  return sysctls;
}

function line(each: ReplayedPacket): string {
  const { record, timeNs, packet, passage, verdict, cause, connectionState, tcpState, rulesEvaluated } = each;
  return [
    String(record).padStart(6),
    (timeNs / 1e6).toFixed(3).padStart(12),
    (passage.inInterface === '' ? '-' : passage.inInterface).padEnd(6),
    describe(packet).padEnd(48),
    verdict.toUpperCase().padEnd(6),
    (cause ?? '-').padEnd(10),
    (connectionState ?? '-').padEnd(11),
    (tcpState ?? '-').padEnd(11),
    String(rulesEvaluated),
  ]
    .join(' ')
    .trimEnd();
}

function describe(packet: Packet): string {
  const { protocol, sourcePort, destinationPort, icmpType, tcpFlags } = packet;
  const source = formatAddress(packet.source);
  const destination = formatAddress(packet.destination);
  if (protocol === Protocol.icmp || protocol === Protocol.icmpv6)
    return `icmp ${source} > ${destination} type ${icmpType}`;
  const ends = `${source}:${sourcePort} > ${destination}:${destinationPort}`;
  if (protocol !== Protocol.tcp) return `${protocol === Protocol.udp ? 'udp' : protocol} ${ends}`;
  const flags = Object.entries(TcpFlag).flatMap(([name, bit]) =>
    (tcpFlags & bit) === 0 ? [] : [name.charAt(0).toUpperCase()],
  );
  return `tcp ${ends} ${flags.join('')}`;
}

function json(result: Replay, faults: Readonly<Record<string, number>>): string {
  const packets = result.packets.map((each) => ({
    record: each.record,
    time_ms: each.timeNs / 1e6,
    in_interface: each.passage.inInterface,
    packet: describe(each.packet),
    packet_out: describe(each.packetOut),
    verdict: each.verdict,
    cause: each.cause,
    connection_state: each.connectionState,
    tcp_state: each.tcpState,
    rules_evaluated: each.rulesEvaluated,
  }));
  const { entriesRefused: entries_refused, entriesAtEnd: entries_at_end } = result;
  return JSON.stringify({ packets, not_read: faults, entries_refused, entries_at_end }, null, 1);
}

function summary(
  { packets, entriesRefused, entriesAtEnd }: Replay,
  faults: Readonly<Record<string, number>>,
): string {
  const counts = new Map<string, number>();
  for (const { verdict, cause } of packets) {
    const name = cause === null ? verdict : `${verdict} (${cause})`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const verdicts = [...counts].map(([name, count]) => `${count} ${name}`);
  const unread = Object.entries(faults).map(([cause, count]) => `${count} not read: ${cause}`);
  const refused = entriesRefused === 0 ? [] : [`${entriesRefused} entries refused`];
  return [
    `${packets.length} packets`,
    ...verdicts,
    ...unread,
    ...refused,
    `${entriesAtEnd} entries at the end`,
  ].join(', ');
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
