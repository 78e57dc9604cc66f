import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAddress } from '../../models/network/address.ts';
import { announcementFrame, packetFrame } from '../../models/network/frame.ts';
import type { AnnouncementKind } from '../../models/network/frame.ts';
import { Protocol, makePacket } from '../../models/network/packet.ts';
import { buildCluster } from '../../scenarios/build-cluster.ts';
import { parseScenario } from '../../scenarios/load-scenario.ts';
import { encodeFrame } from './encode-frame.ts';
import { RunCaptures } from './run-captures.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the bytes of an announcement', () => {
  // Destination, source, type, then Ethernet, IPv4, 6 and 4 bytes of address, the operation, sender and target, padding to 60.
  it('are those of the reverse ARP request that QEMU sends', () => {
    const frame = announcementFrame('rarp', 0x1_02, parseAddress('10.0.0.10')!);
    const mac = '020000000102';
    expect(hex(encodeFrame(frame))).toBe(
      `ffffffffffff${mac}8035` + `0001080006040003${mac}00000000${mac}00000000` + '00'.repeat(18),
    );
  });

  it('are those of a gratuitous ARP reply, whose sender and target are one', () => {
    const frame = announcementFrame('gratuitous-arp', 4, parseAddress('10.0.0.10')!);
    const mac = '020000000004';
    expect(hex(encodeFrame(frame))).toBe(
      `ffffffffffff${mac}0806` + `0001080006040002${mac}0a00000a${mac}0a00000a` + '00'.repeat(18),
    );
  });

  it('are those of an unsolicited neighbour advertisement to all nodes', () => {
    const frame = announcementFrame('neighbour-advertisement', 4, parseAddress('2001:db8::10')!);
    const [mac, target] = ['020000000004', '20010db8' + '00'.repeat(11) + '10'];
    const allNodes = 'ff02' + '00'.repeat(13) + '01';
    // The sum of all words, with 0x3a for the protocol and 0x20 for the length before them, is 2 × (2001 + 0db8 + 0010)
    // + ff02 + 0001 + 003a + 0020 + 8800 + 2000 + 0201 + 0200 + 0000 + 0004 = 206f4; folded 06f6, and f909 is what is missing to ffff.
    expect(hex(encodeFrame(frame))).toBe(
      `333300000001${mac}86dd` +
        `6000000000203aff${target}${allNodes}` +
        `8800f90920000000${target}0201${mac}`,
    );
  });

  it('follow the family of the address, since ARP has no IPv6 and neighbour discovery no IPv4', () => {
    const written = (kind: AnnouncementKind, address: string) =>
      encodeFrame(announcementFrame(kind, 4, parseAddress(address)!));
    expect(written('gratuitous-arp', '2001:db8::10')).toEqual(
      written('neighbour-advertisement', '2001:db8::10'),
    );
    expect(written('neighbour-advertisement', '10.0.0.10')).toEqual(written('gratuitous-arp', '10.0.0.10'));
  });
});

it('a packet’s frame bears the addresses of its machines, and none where nobody has the address', () => {
  const between = { source: parseAddress('10.0.1.1')!, destination: parseAddress('10.0.0.10')! };
  const frame = packetFrame(makePacket({ ...between, protocol: Protocol.udp }), 0, 4);
  expect(hex(encodeFrame(frame)).slice(0, 30)).toBe(`020000000004${'00'.repeat(6)}080045`);
});

function scenarioText(announcement: string, [net, rest]: readonly [string, string]): string {
  return `
format: 1
until: 4 s
hosts: [{ name: a }, { name: b }]
peers: [{ name: client, address: '${net}1${rest}' }]
middleboxes: [{ name: box, at: b, policy: { rules: '' } }]
vms:
  - name: web
    host: a
    address: '${net}0${rest}'
    memory: 64 MiB
    memory_access: { kind: written, regions: [{ kind: unwritten, pages: rest }] }
    policy: { rules: '' }
workloads: []
schemes: [{ name: tried, based_on: com-rounds, cutover: { announcement: ${announcement}, announce: [0 s, 50 ms] } }]
migrations: [{ vm: web, destination: b, at: 1 s, scheme: tried }]
faults: [{ kind: link-cut, link: vms, host: b, after: { migration: web, phase: activate, delay: 40 ms }, for: 1 s }]
`;
}

const ipv4 = ['10.0.', '.10'] as const;
const ipv6 = ['2001:db8::', ':10'] as const;
const points = ['web', 'b', 'b/up', 'b/firewall', 'box/firewall', 'client', 'a/firewall'];

function capturesOf(announcement: string, family: typeof ipv4 | typeof ipv6): Map<string, Uint8Array> {
  const text = scenarioText(announcement, family);
  const { scenario } = parseScenario('announcements.yaml', text, []);
  const captures = new RunCaptures(points);
  const instruments = { taps: captures.taps, sampler: null };
  const given = { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '', instruments } as const;
  buildCluster(scenario, given).run();
  return captures.files();
}

const missing = ['tshark', 'tcpdump'].filter((name) => spawnSync(name, ['--version']).status !== 0);
const unable = missing.length === 0 ? '' : ` (skipped: needs ${missing.join(' and ')})`;

describe.skipIf(missing.length > 0)(`tshark and tcpdump${unable}`, () => {
  let folder = '';
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nseh-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const run = (program: string, ...args: string[]): string[] =>
    execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .split('\n')
      .filter((line) => line !== '');

  it('read a series of RARP requests at every point that it crosses, and where the second is lost', () => {
    const files = capturesOf('rarp', ipv4);
    const comments = (name: string): string[] =>
      run(
        'tshark',
        ...['-r', file(name, files.get(name)!), '-Y', 'arp.opcode==3'],
        ...['-T', 'fields', '-e', 'frame.comment'],
      );
    const rarp = 'announcement=rarp';
    expect(comments('web.pcapng')).toEqual([`host=b ${rarp}`, `host=b ${rarp}`]);
    expect(comments('b.pcapng')).toEqual([rarp, rarp]);
    expect(comments('b-firewall.pcapng')).toEqual([
      `verdict=NONE vm=web ${rarp}`,
      `verdict=NONE vm=web ${rarp}`,
    ]);
    expect(comments('b-up.pcapng')).toEqual([rarp, `verdict=DROP cause=loss place=b/up ${rarp}`]);
    expect(comments('box-firewall.pcapng')).toEqual([`verdict=NONE ${rarp}`]);
    expect(comments('client.pcapng')).toEqual([rarp]);
    expect(comments('a-firewall.pcapng')).toEqual([]);
  });

  it('call the announcements of IPv4 a RARP request and gratuitous ARP replies', () => {
    const web = file('web.pcapng', capturesOf('rarp', ipv4).get('web.pcapng')!);
    const listed = run('tcpdump', '-n', '-e', '-r', web);
    const ether = '02:00:00:00:00:04 > ff:ff:ff:ff:ff:ff, ethertype';
    // What the VM says where it starts, and what is said for it where it arrives.
    expect(listed[0]).toContain(`${ether} ARP (0x0806), length 60: Reply 10.0.0.10 is-at 02:00:00:00:00:04`);
    expect(listed[1]).toContain(
      `${ether} Reverse ARP (0x8035), length 60: Reverse Request who-is 02:00:00:00:00:04 tell 02:00:00:00:00:04`,
    );
    expect(run('tshark', '-r', web, '-Y', 'arp.isgratuitous').length).toBe(1);
  });

  it('find a neighbour advertisement whole and its checksum right', () => {
    const web = file('web.pcapng', capturesOf('neighbour-advertisement', ipv6).get('web.pcapng')!);
    const unsolicited =
      'icmpv6.type==136 && icmpv6.nd.na.flag.s==0 && icmpv6.nd.na.flag.o==1 && ipv6.dst==ff02::1 && ipv6.hlim==255';
    expect(run('tshark', '-r', web, '-Y', `${unsolicited} && icmpv6.checksum.status==1`).length).toBe(3);
    expect(run('tshark', '-r', web, '-Y', '_ws.malformed || _ws.expert.severity>=6291456')).toEqual([]);
    expect(run('tcpdump', '-n', '-v', '-r', web).join(' ')).toContain(
      'neighbor advertisement, length 32, tgt is 2001:db8::10, Flags [override]',
    );
  });
});
