import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../models/network/address.ts';
import { TcpFlag, makePacket } from '../models/network/packet.ts';
import { readCapture } from '../scenarios/capture/read-capture.ts';
import { writePcapng } from '../results/trace/write-capture.ts';
import { ScenarioError } from '../sim/assert.ts';
import { register as registerImport } from './import-ruleset.ts';
import { register as registerReplay } from './replay.ts';
import type { Screen } from './screen.ts';

const folder = mkdtempSync(join(tmpdir(), 'nseh-replay-'));
const rules = join(folder, 'rules.nft');
writeFileSync(
  rules,
  `table ip fw {
  chain forward { type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "ext0" tcp dport 80 ct state new accept
    limit rate 5/second accept
  }
}
`,
);
const trace = join(folder, 'trace.pcapng');
const client = { source: parseAddress('10.0.1.2')!, destination: parseAddress('10.0.2.2')! };
writeFileSync(
  trace,
  writePcapng([
    traced(makePacket({ ...client, sourcePort: 4000, destinationPort: 80, tcpFlags: TcpFlag.syn })),
    traced(makePacket({ ...client, sourcePort: 4000, destinationPort: 22, tcpFlags: TcpFlag.syn })),
  ]),
);

describe('nseh replay', () => {
  it('prints a verdict per packet and writes a capture with the verdicts', () => {
    const out = join(folder, 'out.pcapng');
    const interfaces = ['--interface', 'ext0=10.0.1.0/24', '--interface', 'int0=10.0.2.0/24'];
    const { printed, noted } = run(
      'replay',
      trace,
      '--rules',
      rules,
      ...interfaces,
      '--json',
      '--pcapng',
      out,
    );
    const { packets } = JSON.parse(printed) as { packets: unknown[] };
    expect(packets).toMatchObject([
      { record: 1, in_interface: 'ext0', verdict: 'accept', connection_state: 'new', tcp_state: 'SYN_SENT' },
      { record: 2, verdict: 'drop', cause: 'rule', connection_state: 'new' },
    ]);
    expect(noted).toContain('limit');
    expect(noted).toContain('rules.nft:5');
    expect(noted).toContain('2 packets, 1 accept, 1 drop (rule), 1 entries at the end');
    expect(readCapture(readFileSync(out), { checksums: 'verify' })!.packets).toHaveLength(2);
  });

  it('reads a recorded sequence', () => {
    const golden = join(import.meta.dirname, '../results/reference/golden-conntrack.json.gz');
    const { printed } = run('replay', golden, '--rules', rules);
    expect(printed.split('\n')[0]).toMatch(/^ +1 .* c0 .* (ACCEPT|DROP)/);
  });

  it('says what is wrong with a trace that is none', () => {
    expect(() => run('replay', rules, '--rules', rules)).toThrow(ScenarioError);
    expect(() => run('replay', trace, '--rules', rules, '--interface', 'nonsense')).toThrow(ScenarioError);
  });
});

describe('nseh import', () => {
  it('prints rules in another form and names what it left out with its line', () => {
    const { printed, noted } = run('import', 'nft', rules, '--to', 'iptables');
    expect(printed).toContain('-A FORWARD -p tcp -i ext0 -m multiport --dports 80');
    expect(noted).toContain('rules.nft:5');
    expect(noted).toContain('tables 1, chains 1, rules 2, left out 1');
    expect(() => run('import', 'nft', rules, '--strict')).toThrow(ScenarioError);
  });

  it('sums up a capture', () => {
    expect(run('import', 'pcap', trace).noted).toContain('records 2, packets 2, flows 2, left out 0');
    expect(() => run('import', 'pcap', rules)).toThrow(ScenarioError);
  });
});

function traced(
  packet: ReturnType<typeof makePacket>,
): Parameters<typeof writePcapng>[0] extends Iterable<infer T> ? T : never {
  return { timeNs: 0n, interface: '', packet, comment: '' };
}

function run(...args: string[]): { printed: string; noted: string } {
  const printed: string[] = [];
  const noted: string[] = [];
  const screen: Screen = {
    print: (text) => void printed.push(text),
    note: (text) => void noted.push(text),
    paint: (_style, text) => text,
    finishWith: () => undefined,
  };
  const program = new Command('nseh').exitOverride();
  registerImport(program, screen);
  registerReplay(program, screen);
  program.parse(args, { from: 'user' });
  return { printed: printed.join('\n'), noted: noted.join('\n') };
}
