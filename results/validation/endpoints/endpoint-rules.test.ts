import { describe, expect, it } from 'vitest';
import type { Act, EndName, EndpointCase } from './endpoint-case.ts';
import { replayEndpoints } from './endpoint-replay.ts';

// Expected values are measured: Linux 6.18.44, results/reference/tcp-endpoints.json.gz and tcp-closing.json.gz, the case that each test plays.

const warmUp: Act[] = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => [-1200 + 100 * index, 'c', 'send', 100]);
const silent = [1e9, 1] as const;

function play(name: EndName, rttMs: number, script: Act[], more: Partial<EndpointCase>): string[] {
  const rules = { answer: [100, 100], answerFromZero: silent } as const;
  const frame = { name: 'a rule', rttMs, leadMs: 1500, runMs: 9000, ...rules };
  const sent = replayEndpoints({ ...frame, script: [...warmUp, ...script], ...more });
  const wanted = sent.filter(([, end]) => end === name);
  return wanted.map(([atMs, , flags, number, bytes]) => {
    return `${Math.round(atMs)} ${flags.replace('P', '')} ${number}+${bytes}`;
  });
}

function timesMs(lines: readonly string[]): number[] {
  return lines.map((line) => Number(line.split(' ')[0]));
}

const what = (line: string): string => line.slice(line.indexOf(' ') + 1);
const cut = (endMs: number): Partial<EndpointCase> => ({ cuts: [['cs', -1, endMs]] });

describe('a sender of linux-6.x', () => {
  it('joins short segments when it sends them again (tcp_retrans_collapse)', () => {
    const hundred: Act = [0, 'c', 'send', 100];
    const sent = play('c', 4, [hundred, hundred, hundred], cut(1400));
    expect(sent.map(what).slice(3, 5)).toEqual(['A 1001+100', 'A 801+300']);
  });

  it('sends a FIN that was lost with the data before it', () => {
    const sent = play(
      'c',
      4,
      [
        [0, 'c', 'send', 100],
        [0, 'c', 'shutdown'],
      ],
      cut(1400),
    );
    expect(sent.map(what).slice(0, 4)).toEqual(['A 801+100', 'FA 901+0', 'FA 901+0', 'FA 801+100']);
  });

  it('probes with the last segment as it was sent, however short', () => {
    const sent = play('c', 4, [[0, 'c', 'send', 3000]], cut(1400));
    expect(sent.map(what).slice(2, 4)).toEqual(['A 3697+104', 'A 3697+104']);
  });

  it('counts its window in segments: ten of them, though short, fill the first one', () => {
    const script = Array.from({ length: 16 }, (): Act => [0, 'c', 'send', 100]);
    const sent = play('c', 30, script, {});
    expect(timesMs(sent).filter((atMs) => atMs < 20)).toHaveLength(10);
  });

  it('waits longer at 300 ms than the round trip and 200 ms: its variation falls by a quarter a round trip', () => {
    // Measured: 811 to 833 ms, the probe's two round trips and 200 ms.
    const [, probeMs] = timesMs(play('c', 300, [[0, 'c', 'send', 100]], cut(1200)));
    expect(probeMs).toBeGreaterThanOrEqual(800);
    expect(probeMs).toBeLessThan(840);
  });

  it('sends a lost segment again once, though segments of the same moment arrive before it', () => {
    // Recorded so by the same recorder. Acknowledgements that come at one moment let new segments and it leave together.
    const sent = play('c', 4, [[0, 'c', 'send', 43_440]], { drop: [['c', 2]] });
    expect(sent.map(what).filter((text) => text === 'A 2249+1448')).toHaveLength(2);
  });

  it('sends one segment again, not a window, where the path only held ten for 637 ms (RFC 3522)', () => {
    const script = Array.from({ length: 10 }, (): Act => [0, 'c', 'send', 1400]);
    const sent = play('c', 30, script, { holds: [['c', -1, 637]] });
    expect(sent.map(what).slice(10)).toEqual(['A 13401+1400', 'A 801+1400']);
  });
});

describe('a handshake of linux-6.x', () => {
  const open = { leadMs: 0, script: [[0, 'c', 'connect']] as Act[] };
  const later: Act[] = [
    [0, 'c', 'connect'],
    [4000, 'c', 'send', 100],
  ];

  it('gives up after two SYNs more with tcp_syn_retries = 1, three seconds after the first', () => {
    const few = { ...open, sysctls: { 'net.ipv4.tcp_syn_retries': 1 }, cuts: [['cs', 0, 1e9]] } as const;
    expect(play('c', 10, [], few)).toHaveLength(3);
  });

  it('knows the round trip after a lost SYN by its timestamp', () => {
    // Measured: 4204 to 4207 ms.
    const lost = { leadMs: 0, script: later, drop: [['c', 1]], cuts: [['cs', 3999, 7000]] } as const;
    const probeMs = timesMs(play('c', 0.2, [], lost))[3];
    expect(probeMs).toBeGreaterThanOrEqual(4200);
    expect(probeMs).toBeLessThan(4215);
  });

  it('takes the time until the second SYN/ACK for the round trip where the first was lost', () => {
    // Measured: 6,316 to 6,397 ms, two round trips of a second and 200 ms after the data.
    const lost = { leadMs: 0, script: later, drop: [['s', 1]], cuts: [['cs', 3999, 9000]] } as const;
    const probeMs = timesMs(play('c', 0.2, [], lost))[3];
    expect(probeMs).toBeGreaterThanOrEqual(6200);
    expect(probeMs).toBeLessThan(6500);
  });

  it('opens ten segments at once though a SYN was lost', () => {
    const script: Act[] = [...open.script, [0.1, 'c', 'send', 14_480]];
    const sent = play('c', 100, [], { leadMs: 0, script, drop: [['c', 1]] });
    const firstMs = timesMs(sent)[2]!;
    expect(timesMs(sent).filter((atMs) => atMs === firstMs)).toHaveLength(10);
  });
});

describe('an end of linux-6.x that is closed', () => {
  const saying: Act[] = [
    [104, 's', 'send', 3000],
    [404, 's', 'close'],
  ];

  it('answers data by RSTs, but takes them when it was only shut down', () => {
    const closed = play('c', 4, [[0, 'c', 'close'], ...saying], {});
    expect(closed.map(what)).toEqual(['FA 801+0', 'R 802+0', 'R 802+0', 'R 802+0']);
    const shut = play('c', 4, [[0, 'c', 'shutdown'], ...saying], {});
    expect(shut.map(what)).toEqual(['FA 801+0']);
  });

  it('sends its FIN for 81 s, not for a quarter of an hour, to a path that is cut', () => {
    const sent = timesMs(play('c', 100, [[0, 'c', 'close']], { ...cut(1e9), runMs: 1_000_000 }));
    // Measured: 0, 334, 654, 1294, 2542, 5038, 10158, 20142, 40366 and 81326 ms.
    expect(sent).toHaveLength(10);
    expect(sent[9]! / 1000).toBeCloseTo(81.3, -0.5);
    const shut = play('c', 100, [[0, 'c', 'shutdown']], { ...cut(1e9), runMs: 1_000_000 });
    expect(shut.length).toBeGreaterThan(14);
  });

  it("knows the other's FIN after 58 s and no more after 63 s", () => {
    const late = (atMs: number): string[] => {
      const script: Act[] = [
        [0, 'c', 'close'],
        [atMs, 's', 'close'],
      ];
      return play('c', 100, script, { runMs: 70_000 }).map(what);
    };
    expect(late(58_000)).toEqual(['FA 801+0']);
    expect(late(63_000)).toEqual(['FA 801+0', 'R 802+0']);
  });

  it('is reset by a RST of before its own end was heard', () => {
    // Both at once: the RSTs have the number of the FIN that the server has taken already.
    const sent = play(
      'c',
      4,
      [
        [0, 'c', 'close'],
        [0, 's', 'send', 3000],
      ],
      {},
    );
    expect(sent.map(what)).toEqual(['FA 801+0', 'R 801+0', 'R 801+0', 'R 801+0']);
  });

  it('sends no RST for what it gives up before anybody answered, or after both have closed', () => {
    const opening: Act[] = [
      [0, 'c', 'connect'],
      [300, 'c', 'abort'],
    ];
    const unanswered = replayEndpoints({
      ...{ name: 'abort of a SYN', rttMs: 4, leadMs: 0, runMs: 3000, script: opening },
      ...{ answer: [100, 100], answerFromZero: silent, cuts: [['cs', -1, 1500]] },
    });
    expect(unanswered.map(([, , flags]) => flags)).toEqual(['S']);
    const both: Act[] = [
      [0, 'c', 'shutdown'],
      [0, 's', 'shutdown'],
      [108, 'c', 'abort'],
    ];
    expect(play('c', 4, both, {}).map(what)).toEqual(['FA 801+0']);
  });
});
