import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../models/network/address.ts';
import { TcpFlag, makePacket } from '../models/network/packet.ts';
import { bridgeAddressing } from '../models/security/addressing.ts';
import { linuxDefaults } from '../models/security/tracking-settings.ts';
import { importConntrack } from '../scenarios/import/conntrack.ts';
import { wholeRuleset } from '../scenarios/import/imported-ruleset.ts';
import { importNftText } from '../scenarios/import/nft-text.ts';
import { replay } from './replay.ts';
import type { ReplayRequest } from './replay.ts';
import { replayComment, replayCapture } from './trace/replay-capture.ts';
import { goldenTrace } from './trace/golden-trace.ts';
import { readCapture } from '../scenarios/capture/read-capture.ts';
import { goldenFile } from './validation/golden-sequence.ts';
import { settingsWith } from './validation/golden-settings.ts';

const rules = wholeRuleset(
  importNftText(
    `table ip fw {
      chain forward { type filter hook forward priority filter; policy drop;
        ct state invalid drop
        ct state established,related accept
        iifname "c0" ct state new tcp dport 80 accept
      }
    }`,
    'rules.nft',
  ),
);
const client = {
  source: parseAddress('10.0.1.2')!,
  destination: parseAddress('10.0.2.2')!,
  sourcePort: 40_000,
  destinationPort: 80,
};
const server = {
  source: client.destination,
  destination: client.source,
  sourcePort: 80,
  destinationPort: 40_000,
};
const inward = { inInterface: 'c0', outInterface: 's0' };
const outward = { inInterface: 's0', outInterface: 'c0' };

describe('a replay', () => {
  it('says verdict, cause and state of each packet', () => {
    const { syn, ack } = TcpFlag;
    const request = requestOf([
      [0, inward, makePacket({ ...client, tcpFlags: syn, sequence: 99, window: 1000 })],
      [
        1,
        outward,
        makePacket({ ...server, tcpFlags: syn | ack, sequence: 499, acknowledgement: 100, window: 1000 }),
      ],
      [
        2,
        inward,
        makePacket({ ...client, tcpFlags: ack, sequence: 100, acknowledgement: 500, window: 1000 }),
      ],
      [3, outward, makePacket({ ...server, sourcePort: 22, tcpFlags: syn, window: 1000 })],
    ]);
    expect(replay(request).packets).toMatchObject([
      {
        verdict: 'accept',
        connectionState: 'new',
        tcpState: 'SYN_SENT',
        rulesEvaluated: 3,
        entryCreated: true,
      },
      { verdict: 'accept', connectionState: 'established', tcpState: 'SYN_RECV', rulesEvaluated: 2 },
      { verdict: 'accept', connectionState: 'established', tcpState: 'ESTABLISHED' },
      { verdict: 'drop', connectionState: 'new', tcpState: null, cause: 'rule', rulesEvaluated: 3 },
    ]);
  });

  it('loads entries first', () => {
    const data: [number, ReplayPassage, ReturnType<typeof makePacket>][] = [
      [
        0,
        outward,
        makePacket({
          ...server,
          tcpFlags: TcpFlag.ack,
          sequence: 1,
          acknowledgement: 1,
          window: 1000,
          payloadBytes: 10,
        }),
      ],
    ];
    expect(replay(requestOf(data)).packets[0]!.verdict).toBe('drop');
    const { entries } = importConntrack(
      'tcp 6 300 ESTABLISHED src=10.0.1.2 dst=10.0.2.2 sport=40000 dport=80 src=10.0.2.2 dst=10.0.1.2 sport=80 dport=40000 [ASSURED] mark=0 use=1',
      'entries',
      0,
    );
    expect(replay({ ...requestOf(data), entries })).toMatchObject({
      packets: [{ verdict: 'accept', connectionState: 'established' }],
      entriesRefused: 0,
      entriesAtEnd: 1,
    });
  });

  it('does to recorded packets what Linux did, where they do not depend on commands or translations', () => {
    const path = new URL('reference/golden-conntrack.json.gz', import.meta.url);
    const document: unknown = JSON.parse(gunzipSync(readFileSync(path)).toString());
    const sequences = goldenFile.parse(document);
    // The rules are read from the nft text that ran, which stands beside their parsed form.
    const all = document as readonly { readonly name: string; readonly rules: { readonly nft: string } }[];
    const texts = new Map(all.map(({ name, rules: { nft } }) => [name, nft]));
    // The recorder read the table after each packet, which frees the slots of expired entries: a full table shows it.
    const plain = sequences.filter(
      ({ packets, category }) => category !== 'full' && packets.every(({ op }) => op === undefined),
    );
    let compared = 0;
    for (const sequence of plain) {
      const { packets } = goldenTrace(sequence);
      const ruleset = wholeRuleset(importNftText(texts.get(sequence.name)!, sequence.name));
      const settings = settingsWith(linuxDefaults, sequence.sysctls);
      const { packets: judged } = replay({
        packets,
        ruleset,
        settings,
        addressing: bridgeAddressing,
        entries: [],
      });
      for (const { record, verdict, connectionState } of judged) {
        const { verdict: expected, ct_state } = sequence.expect[record - 1]!;
        expect([sequence.name, record, verdict === 'accept' ? 'forward' : verdict]).toEqual([
          sequence.name,
          record,
          expected,
        ]);
        expect(connectionState?.toUpperCase() ?? null).toBe(ct_state);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });
});

describe('the capture of a replay', () => {
  it('carries verdicts as comments that our reader passes over', () => {
    const request = requestOf([[5, inward, makePacket({ ...client, tcpFlags: TcpFlag.syn })]]);
    const { packets } = replay(request);
    expect(replayComment(packets[0]!)).toBe('verdict=ACCEPT conntrack=NEW state=SYN_SENT rules=3');
    const bytes = replayCapture(packets, 0n);
    expect(new TextDecoder().decode(bytes)).toContain('verdict=ACCEPT conntrack=NEW');
    const again = readCapture(bytes, { checksums: 'verify' })!;
    expect(again.packets).toMatchObject([{ interface: 'c0', packet: packets[0]!.packet }]);
  });

  it('is read by tcpdump and tshark, packets of both families on two interfaces', () => {
    const v6 = { source: parseAddress('fd00:1::2')!, destination: parseAddress('fd00:2::2')! };
    const { packets } = replay(
      requestOf([
        [5, inward, makePacket({ ...client, tcpFlags: TcpFlag.syn })],
        [6, outward, makePacket({ ...client, ...v6, payloadBytes: 900 })],
      ]),
    );
    const file = join(mkdtempSync(join(tmpdir(), 'nseh-')), 'replay.pcapng');
    writeFileSync(file, replayCapture(packets, 0n));
    const dumped = spawnSync('tcpdump', ['-r', file, '-n'], { encoding: 'utf8' });
    if (dumped.error === undefined) {
      expect(dumped.stdout).toContain('10.0.1.2.40000 > 10.0.2.2.80: Flags [S]');
      expect(dumped.stdout).toContain('fd00:1::2.40000 > fd00:2::2.80: Flags');
      expect(dumped.status).toBe(0);
    }
    const shark = ['-r', file, '-T', 'fields', '-e', 'frame.interface_name', '-e', 'frame.comment'];
    const shown = spawnSync('tshark', shark, { encoding: 'utf8' });
    if (shown.error === undefined)
      expect(shown.stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['c0', 's0', '']);
    if (shown.error === undefined) expect(shown.stdout).toContain('verdict=ACCEPT conntrack=NEW');
  });
});

type ReplayPassage = typeof inward;

function requestOf(
  list: readonly (readonly [number, ReplayPassage, ReturnType<typeof makePacket>])[],
): ReplayRequest {
  const packets = list.map(([timeMs, passage, packet], i) => ({
    timeNs: timeMs * 1e6,
    record: i + 1,
    passage,
    packet,
  }));
  return { packets, ruleset: rules, settings: linuxDefaults, addressing: bridgeAddressing, entries: [] };
}
