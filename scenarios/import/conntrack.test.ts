import { describe, expect, it } from 'vitest';
import { ConnectionTracker } from '../../models/security/connection-tracker.ts';
import { Status } from '../../models/security/entry-layout.ts';
import { linuxDefaults } from '../../models/security/tracking-settings.ts';
import { importConntrack } from './conntrack.ts';

// Printed by conntrack 1.4.7 on Linux 6.18.44 of five entries: as a list, with -o extended, with -o save.
const listed = `conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown.
icmp     1 29 src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=55 [UNREPLIED] src=10.0.2.2 dst=10.0.1.2 type=0 code=0 id=55 mark=0 use=1
tcp      6 2999 ESTABLISHED src=10.0.1.9 dst=10.0.2.2 sport=40000 dport=80 src=10.0.2.2 dst=10.0.2.50 sport=80 dport=40000 [ASSURED] mark=0 use=1
udp      17 29 src=10.0.1.2 dst=10.0.2.2 sport=4000 dport=53 [UNREPLIED] src=10.0.2.2 dst=10.0.1.2 sport=53 dport=4000 mark=0 use=1
tcp      6 2999 ESTABLISHED src=10.0.1.2 dst=10.0.2.2 sport=40000 dport=80 src=10.0.2.2 dst=10.0.1.2 sport=80 dport=40000 [ASSURED] mark=0 use=1
tcp      6 29 SYN_SENT src=10.0.1.3 dst=10.0.2.2 sport=4000 dport=53 [UNREPLIED] src=10.0.2.2 dst=10.0.1.3 sport=53 dport=4000 mark=0 zone=7 use=1
`;
const extended = listed
  .replace(/^(icmp|tcp|udp)/gm, 'ipv4     2 $1')
  .replace(/use=1/g, 'use=1 id=3409979933');
const saved = `-A -t 29 -u UNSET -s 10.0.1.2 -d 10.0.2.2 -r 10.0.2.2 -q 10.0.1.2 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 55
-A -t 2999 -u SEEN_REPLY,ASSURED -s 10.0.1.9 -d 10.0.2.2 -r 10.0.2.2 -n 10.0.2.50 -p tcp --sport 40000 --dport 80 --reply-port-src 80 --reply-port-dst 40000 --state ESTABLISHED
-A -t 29 -u UNSET -s 10.0.1.2 -d 10.0.2.2 -r 10.0.2.2 -q 10.0.1.2 -p udp --sport 4000 --dport 53 --reply-port-src 53 --reply-port-dst 4000
-A -t 2999 -u SEEN_REPLY,ASSURED -s 10.0.1.2 -d 10.0.2.2 -r 10.0.2.2 -q 10.0.1.2 -p tcp --sport 40000 --dport 80 --reply-port-src 80 --reply-port-dst 40000 --state ESTABLISHED
-A -t 29 -u UNSET -w 7 -s 10.0.1.3 -d 10.0.2.2 -r 10.0.2.2 -q 10.0.1.3 -p tcp --sport 4000 --dport 53 --reply-port-src 53 --reply-port-dst 4000 --state SYN_SENT
conntrack v1.4.7 (conntrack-tools): 0 flow entries have been shown.
`;

describe('the reader of conntrack -L', () => {
  it('reads the same entries from all three forms', () => {
    const [first, ...others] = [listed, extended, saved].map((text) => importConntrack(text, 'entries', 5e9));
    expect(first!.problems).toEqual([]);
    expect(first!.entries).toHaveLength(5);
    for (const other of others) expect(other).toEqual(first);
  });

  it('reads what an entry says', () => {
    const { entries } = importConntrack(listed, 'entries', 0);
    expect(entries.map(({ tcpState }) => tcpState)).toEqual([
      null,
      'ESTABLISHED',
      null,
      'ESTABLISHED',
      'SYN_SENT',
    ]);
    expect(entries.map(({ timeoutNs }) => timeoutNs / 1e9)).toEqual([29, 2999, 29, 2999, 29]);
    expect(entries.map(({ assured }) => assured)).toEqual([false, true, false, true, false]);
    expect(entries[4]!.zone).toBe(7);
    expect(entries[0]!.original).toMatchObject({ icmpType: 8, icmpId: 55 });
    // 10.0.1.9 is masqueraded as 10.0.2.50.
    expect(entries.map(({ status }) => (status & Status.sourceNat) !== 0)).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  // Printed by conntrack 1.4.7 on Linux 6.18.44 of entries with a zone for one direction.
  it.each([
    [
      'original',
      'udp 17 99 src=10.0.0.1 dst=10.0.0.2 sport=6 dport=53 zone-orig=4 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=6 mark=0 use=1',
      '-A -t 99 -u UNSET --orig-zone 4 -s 10.0.0.1 -d 10.0.0.2 -r 10.0.0.2 -q 10.0.0.1 -p udp --sport 6 --dport 53 --reply-port-src 53 --reply-port-dst 6',
    ],
    [
      'reply',
      'udp 17 99 src=fd00::1 dst=fd00::2 sport=7 dport=53 [UNREPLIED] src=fd00::2 dst=fd00::1 sport=53 dport=7 zone-reply=4 mark=0 use=1',
      '-A -t 99 -u UNSET --reply-zone 4 -s fd00::1 -d fd00::2 -r fd00::2 -q fd00::1 -p udp --sport 7 --dport 53 --reply-port-src 53 --reply-port-dst 7',
    ],
  ])('reads a zone of the %s direction', (direction, list, save) => {
    for (const line of [list, save]) {
      const { entries, problems } = importConntrack(line, 'entries', 0);
      expect(problems).toEqual([]);
      expect(entries.map(({ zone, zoneDirection }) => [zone, zoneDirection])).toEqual([[4, direction]]);
    }
  });

  it('gives entries that can be loaded', () => {
    const { entries } = importConntrack(saved, 'entries', 0);
    const { entries: table } = new ConnectionTracker(linuxDefaults);
    expect(table.load(entries, 'save', 0)).toEqual([0, 0, 0, 0, 0]);
    expect(table.dump({ kind: 'all' }, 0)).toHaveLength(5);
  });

  it.each([
    'tcp 6 10 NEARLY src=1.1.1.1 dst=2.2.2.2 src=2.2.2.2 dst=1.1.1.1',
    'udp 17 x',
    '-A -t 5 --what 3',
    'hello',
    'udp 17 5 src=1.1.1.1 dst=2.2.2.2',
  ])('names a line that is no entry: %s', (line) => {
    const { entries, problems } = importConntrack(`\n${line}\n`, 'entries', 0);
    expect(entries).toEqual([]);
    expect(problems.map(({ place }) => place)).toEqual(['entries:2']);
  });
});
