import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noAdditions } from '../../scenarios/additions.ts';
import type { SecurityEngine } from '../../models/security/security-engine.ts';
import { milliseconds } from '../../sim/time.ts';
import { compareSchemes } from '../compare.ts';
import { handMadeScenario } from '../hand-made-scenario.fixture.ts';
import { asWritten } from '../choose-schemes.ts';
import { RunCaptures, captureName, checkPoints } from './run-captures.ts';
import { readCapture } from '../../scenarios/capture/read-capture.ts';
import { tapPoints } from '../../scenarios/packet-taps.ts';

const scenario = { ...handMadeScenario('com-rounds'), untilNs: milliseconds(4000) };

describe('captures of a run', () => {
  const files = capture(tapPoints(scenario));
  const packets = (point: string) =>
    readCapture(files.get(captureName(point))!, { checksums: 'verify' })!.packets;

  it('exist for every link, interface and engine of the scenario', () => {
    expect(tapPoints(scenario)).toEqual([
      ...['a', 'a/down', 'a/firewall', 'a/up', 'b', 'b/down', 'b/firewall', 'b/up'],
      ...['client', 'client/down', 'client/up', 'web'],
    ]);
    for (const point of tapPoints(scenario)) expect(packets(point).length, point).toBeGreaterThan(50);
  });

  it('have right checksums and whole headers', () => {
    for (const point of tapPoints(scenario)) {
      const { faults } = readCapture(files.get(captureName(point))!, { checksums: 'verify' })!;
      // Announcements are no IP packets.
      expect({ ...faults, 'not-ip': 0 }, point).toEqual({ 'not-ip': 0 });
      const wrong = packets(point).filter(({ packet }) => !packet.checksumValid);
      expect(wrong, point).toEqual([]);
    }
  });

  it('see at a machine’s interface what both directions of its cable carry', () => {
    // Nothing is lost on these links, and what is under way at the end is a packet or two.
    const whole = packets('client').length;
    const parts = packets('client/up').length + packets('client/down').length;
    expect(Math.abs(whole - parts)).toBeLessThan(5);
  });

  it('change nothing in the run', () => {
    const [watched, alone] = [summaryOf(['web', 'b/firewall']), summaryOf([])];
    expect(watched).toEqual(alone);
  });

  it('are refused at a point that does not exist, with the points that do', () => {
    expect(() => checkPoints(scenario, noAdditions, ['a/firewall', 'c/firewall'])).toThrow(
      /"c\/firewall" is no point/,
    );
  });

  it('may be asked for at an engine of a module, which stands on every host', () => {
    const additions = { ...noAdditions, engines: [() => ({ name: 'door' }) as SecurityEngine] };
    expect(() => checkPoints(scenario, additions, ['a/door', 'b/door'])).not.toThrow();
    expect(() => checkPoints(scenario, additions, ['client/door'])).toThrow(/is no point/);
  });
});

describe.skipIf(!runs('tshark'))('tshark (skipped where it is not installed)', () => {
  let folder = '';
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nseh-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads verdicts as comments and finds no wrong checksum and no broken packet', () => {
    const file = join(folder, 'a.pcapng');
    writeFileSync(file, capture(['a/firewall']).get('a-firewall.pcapng')!);
    const checks = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
    const wrong =
      'tcp.checksum.status==0 || udp.checksum.status==0 || ip.checksum.status==0 || _ws.malformed';
    expect(tshark([...checks, '-r', file, '-Y', wrong])).toBe('');
    const comments = tshark(['-r', file, '-T', 'fields', '-e', 'frame.comment']).split('\n');
    expect(comments.some((comment) => /^verdict=ACCEPT conntrack=NEW rules=\d+/.test(comment))).toBe(true);
    expect(comments.some((comment) => /^verdict=DROP cause=no-entry/.test(comment))).toBe(true);
  });

  it('follows the sequence numbers of a connection without a gap', () => {
    const file = join(folder, 'web.pcapng');
    writeFileSync(file, capture(['web']).get('web.pcapng')!);
    const gaps = 'tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment';
    // Attacks claim any number; connections of the workload come first and have the flows below 20.
    const listed = tshark(['-r', file, '-Y', gaps, '-T', 'fields', '-e', 'frame.comment']).split('\n');
    expect(listed.filter((comment) => comment.includes('intent=legitimate'))).toEqual([]);
  });
});

it.skipIf(!runs('tcpdump'))(
  'tcpdump lists as many packets as were seen (skipped where it is missing)',
  () => {
    const bytes = capture(['a/firewall']).get('a-firewall.pcapng')!;
    const listed = execFileSync('tcpdump', ['-n', '-r', '-'], {
      input: bytes,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    expect(listed.toString().trim().split('\n').length).toBe(
      readCapture(bytes, { checksums: 'trust' })!.records,
    );
  },
);

function capture(points: readonly string[]): Map<string, Uint8Array> {
  const captures = new RunCaptures(points);
  runWith(captures);
  return captures.files();
}

function summaryOf(points: readonly string[]) {
  return runWith(new RunCaptures(points)).schemes[0];
}

function runWith(captures: RunCaptures) {
  return compareSchemes({
    ...{ scenario, seed: 1, repetition: 0, replayCommand: () => '' },
    choices: [asWritten(scenario)],
    watch: {
      instruments: (name) => ({ taps: name === 'none' ? null : captures.taps, sampler: null }),
      finish: () => undefined,
    },
  });
}

function tshark(args: readonly string[]): string {
  return execFileSync('tshark', [...args], { stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .trim();
}

function runs(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}
