import { describe, expect, it } from 'vitest';
import type { MemoryRound, Observations } from '../models/observations.ts';
import { ms, s, us } from '../sim/time.ts';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

// What each part of the network does to packets, from arithmetic on the wire: a frame takes its IP packet, 38 bytes
// of Ethernet and the outer headers of a tunnel at the rate of each link, and the delay of each.

const rules = `
table inet filter { chain forward { type filter hook forward priority filter; policy drop;
  ct state established,related accept
  ct state invalid drop
  tcp dport 80 tcp flags & (fin|syn|rst|ack) == syn ct state new accept
  udp dport { 7, 8 } ct state new accept
} }`;

/** Inspection takes no time, so that only the network does. */
const free = 'nse: [{ kind: stateful-firewall, packet_cost: 0 s, rule_cost: 0 s, new_entry_cost: 0 s }]';

interface World {
  /** Keys of the file beside the usual ones. */
  readonly top?: string;
  readonly hostA?: string;
  readonly hostB?: string;
  readonly client?: string;
  readonly cutover?: string;
  readonly workloads?: string;
  readonly faults?: string;
}

function text(world: World): string {
  return `
format: 1
until: 30 s
${world.top ?? ''}
hosts:
  - { name: a, ${free}, ${world.hostA ?? ''} }
  - { name: b, ${free}, ${world.hostB ?? ''} }
peers:
  - { name: client, address: 10.0.1.1, ${world.client ?? ''} }
  - { name: other, address: 10.0.1.2 }
vms:
  - name: web
    host: a
    address: 10.0.0.10
    memory: 64 MiB
    memory_access: { kind: written, regions: [{ kind: unwritten, pages: rest }] }
    policy: { rules: ${JSON.stringify(rules)} }
workloads:
${world.workloads ?? probes('client')}
faults: [${world.faults ?? ''}]
migration_defaults: { memory: xen-legacy }
schemes: [{ name: tried, based_on: com-rounds, cutover: { ${world.cutover ?? ''} } }]
migrations: [{ vm: web, destination: b, at: 5 s, scheme: tried }]
`;
}

function probes(...peers: string[]): string {
  return peers
    .map(
      (peer, index) =>
        `  - { name: ${peer}-probes, kind: probe, vm: web, peer: ${peer}, port: ${7 + index}, stop: 20 s }`,
    )
    .join('\n');
}

const requests = `  - { name: requests, kind: request-response, vm: web, peer: client, port: 80, connections: 5,
      think: exponential(100 ms), stop: 20 s }`;

interface Seen {
  readonly phaseNs: Readonly<Record<string, number>>;
  /** When packets reached the VM and the peer, ns. */
  readonly atVm: readonly number[];
  readonly atPeer: readonly number[];
  /** Probes that were lost, by workload. */
  readonly lost: Readonly<Record<string, number>>;
  readonly dropPlaces: Readonly<Record<string, number>>;
  readonly messages: readonly { readonly to: string; readonly timeNs: number }[];
  readonly rounds: readonly MemoryRound[];
}

function run(world: World): Seen {
  const { scenario } = parseScenario('network.yaml', text(world), []);
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' });
  const seen = watch(cluster.observations);
  const rounds: MemoryRound[] = [];
  cluster.observations.memoryRound.subscribe((round) => rounds.push(round));
  cluster.run();
  return { ...seen, rounds };
}

function watch(observations: Observations): Omit<Seen, 'rounds'> {
  const phaseNs: Record<string, number> = {};
  const lost: Record<string, number> = {};
  const dropPlaces: Record<string, number> = {};
  const atVm: number[] = [];
  const atPeer: number[] = [];
  const messages: { to: string; timeNs: number }[] = [];
  observations.migrationPhase.subscribe(({ phase, timeNs }) => (phaseNs[phase] ??= timeNs));
  observations.packetDelivered.subscribe(({ to, timeNs }) => (to === 'vm' ? atVm : atPeer).push(timeNs));
  observations.probeEnded.subscribe(({ workload, answered }) => {
    if (!answered) lost[workload] = (lost[workload] ?? 0) + 1;
  });
  observations.packetDropped.subscribe(({ place, cause }) => {
    const key = `${place}: ${cause}`;
    dropPlaces[key] = (dropPlaces[key] ?? 0) + 1;
  });
  observations.messageDelivered.subscribe(({ to, timeNs }) => messages.push({ to, timeNs }));
  return { phaseNs, atVm, atPeer, lost, dropPlaces, messages };
}

/** A link of 1 Gbit/s and 20 us, the default: ns for so many bytes on the wire. */
const hopNs = (bytes: number): number => bytes * 8 + 20 * us;

/** 64 bytes of payload, 28 of UDP and IP, 38 of Ethernet. */
const probeBytes = 130;

/** How long the probe sent after a second, when nothing else is on the wire, has been under way. */
const after1s = (times: readonly number[]): number => times.find((timeNs) => timeNs >= 1 * s)! - 1 * s;

describe('what announcements teach', () => {
  // The switch has learnt when the frame has crossed b's cable, a's bridge when it has crossed a's: 84 bytes each.
  const twoHopsNs = 2 * hopNs(84);

  it.each([
    ['one gratuitous ARP reply at the resume', 'announcement: gratuitous-arp, announce: [0 s]', twoHopsNs],
    ['a RARP of a series', 'announcement: rarp, announce: [0 s, 50 ms, 200 ms, 450 ms, 800 ms]', twoHopsNs],
    // 40 bytes of IPv6, 24 of ICMPv6 and 8 of the option, 38 of Ethernet.
    [
      'an unsolicited neighbour advertisement',
      'announcement: neighbour-advertisement, announce: [0 s]',
      2 * hopNs(110),
    ],
  ])('%s reaches every learner after its way over both cables', (_, cutover, expectedNs) => {
    const { phaseNs } = run({ cutover, workloads: probes('client').replace('20 s', '1 s') });
    expect(phaseNs['learnt']! - phaseNs['activate']!).toBe(expectedNs);
  });

  it('a switch that learns late floods until then; copies that find nobody are no packets that were lost', () => {
    // Probes end before the move.
    const workloads = probes('client').replace('20 s', '1 s');
    const late = run({ top: 'switch: { learn: 100 ms }', workloads });
    // The announcement at 0 s is learnt after 100 ms: until then probes go to every cable, and b's bridge, which has
    // heard it, knows the VM to be on the side from which they come.
    expect(Object.keys(late.dropPlaces)).toEqual(['b/bridge: duplicate']);
    expect(late.dropPlaces['b/bridge: duplicate']).toBeGreaterThan(0);
    expect(late.atVm.length).toBe(run({ workloads }).atVm.length);
  });

  it('a later one of the series does it where the cable is cut until then', () => {
    const { phaseNs } = run({
      cutover: 'announcement: rarp, announce: [0 s, 50 ms, 200 ms, 450 ms, 800 ms]',
      faults:
        '{ kind: link-cut, link: vms, host: b, after: { migration: web, phase: activate, delay: 0 s }, for: 300 ms }',
      hostA: 'migration_link: { rate: 1 Gbit/s }',
      hostB: 'migration_link: { rate: 1 Gbit/s }',
      workloads: probes('client').replace('20 s', '1 s'),
    });
    expect(phaseNs['learnt']! - phaseNs['activate']!).toBe(450 * ms + twoHopsNs);
  });
});

describe('a path', () => {
  it('is two links long each way', () => {
    const { atVm, atPeer } = run({});
    expect(after1s(atVm)).toBe(2 * hopNs(probeBytes));
    expect(after1s(atPeer)).toBe(4 * hopNs(probeBytes));
  });

  it('comes back by another link where one is given', () => {
    const { atVm, atPeer } = run({ client: 'return_link: { rate: 10 Mbit/s, delay: 7 ms }' });
    expect(after1s(atVm)).toBe(2 * hopNs(probeBytes));
    // 130 bytes at 10 Mbit/s are 104,000 ns.
    expect(after1s(atPeer)).toBe(3 * hopNs(probeBytes) + 104_000 + 7 * ms);
  });

  it('has jitter where the link has', () => {
    const { atVm } = run({ client: 'link: { jitter: 1 ms }' });
    const lateNs = atVm
      .slice(0, 400)
      .map((timeNs, index) => timeNs - index * 10 * ms - 2 * hopNs(probeBytes));
    expect(Math.min(...lateNs)).toBeGreaterThanOrEqual(0);
    // The largest of 400 uniform draws from 0 to 1 ms is below 0.95 ms with a chance of 0.95^400 = 1e-9.
    expect(Math.max(...lateNs)).toBeGreaterThan(0.95 * ms);
    expect(Math.max(...lateNs)).toBeLessThan(ms);
  });
});

describe('an overlay', () => {
  const overlay = (learn: string): string =>
    `overlay: { encapsulation: 58 B, mtu: 1600 B, learn: '${learn}' }`;

  it('puts its outer headers on every frame', () => {
    const { atVm, atPeer } = run({ top: overlay('0 s') });
    expect(after1s(atVm)).toBe(2 * hopNs(probeBytes + 58));
    expect(after1s(atPeer)).toBe(4 * hopNs(probeBytes + 58));
  });

  it('learns from the controller: as late as its updates come', () => {
    const { phaseNs } = run({ top: overlay('150 ms'), cutover: 'announce: [0 s]' });
    expect(phaseNs['learnt']! - phaseNs['activate']!).toBe(150 * ms);
  });

  it('leaves each peer cut off for a time of its own, drawn for it', () => {
    const seen = run({
      top: overlay('uniform(100 ms, 1 s)'),
      cutover: 'announce: [0 s]',
      workloads: probes('client', 'other'),
    });
    const downtimeNs = seen.phaseNs['activate']! - seen.phaseNs['stop']!;
    const delaysMs = ['client-probes', 'other-probes'].map((name) => seen.lost[name]! * 10 - downtimeNs / ms);
    for (const delayMs of delaysMs) {
      expect(delayMs).toBeGreaterThan(100 - 20);
      expect(delayMs).toBeLessThan(1000 + 20);
    }
    expect(Math.abs(delaysMs[0]! - delaysMs[1]!)).toBeGreaterThan(20);
  });

  it('loses nothing after the resume where the old host redirects until the last one has learnt', () => {
    const world: World = { top: overlay('500 ms'), workloads: probes('client', 'other') };
    const dropped = run({ ...world, cutover: 'announce: [0 s], redirect: false' });
    // 500 ms of probes every 10 ms, and those of the pause.
    expect(dropped.dropPlaces['a/web: gone']).toBeGreaterThanOrEqual(2 * 49);
    const redirected = run({ ...world, cutover: 'announce: [0 s], redirect: true' });
    expect(redirected.dropPlaces['a/web: gone']).toBeUndefined();
    const { phaseNs, atVm } = redirected;
    const first = atVm.find((timeNs) => timeNs > phaseNs['activate']! + 20 * ms)!;
    // By way of the old host: two hops more than straight on.
    expect(first % (10 * ms)).toBe(4 * hopNs(probeBytes + 58));
  });
});

describe('a middlebox', () => {
  const box = (at: string, sees: string): string => `
middleboxes:
  - name: box
    at: ${at}
    sees: ${sees}
    engine: { kind: stateful-firewall, packet_cost: 10 us, rule_cost: 0 s, new_entry_cost: 0 s }
    policy: { rules: ${JSON.stringify(rules)} }`;

  it('takes its time with each packet, both ways', () => {
    const { atVm, atPeer } = run({ top: box('client', 'both') });
    expect(after1s(atVm)).toBe(2 * hopNs(probeBytes) + 10 * us);
    expect(after1s(atPeer)).toBe(4 * hopNs(probeBytes) + 20 * us);
  });

  it('at the peer keeps its entries when the VM moves', () => {
    const { messages, phaseNs, dropPlaces } = run({ top: box('client', 'both'), workloads: requests });
    expect(messages.some(({ timeNs }) => timeNs > phaseNs['activate']! + 1 * s)).toBe(true);
    expect(dropPlaces['box: no-entry'] ?? 0).toBe(0);
  });

  it('at the new host has never seen the connections that move there', () => {
    const { messages, phaseNs, dropPlaces } = run({ top: box('b', 'both'), workloads: requests });
    expect(messages.some(({ timeNs }) => timeNs > phaseNs['activate']! + 1 * s)).toBe(false);
    expect(Object.keys(dropPlaces).some((place) => place.startsWith('box: '))).toBe(true);
  });

  it('that sees one direction only takes the third packet of a handshake for an invalid one', () => {
    // Linux: an ACK from the opener while the entry is in SYN_SENT, for which no SYN/ACK was seen, is INVALID
    // (net/netfilter/nf_conntrack_proto_tcp.c, tcp_conntracks, sSS × ACK = sIV).
    const { messages, dropPlaces } = run({ top: box('client', 'outgoing'), workloads: requests });
    expect(messages).toEqual([]);
    expect(Object.keys(dropPlaces).some((place) => place.startsWith('box: '))).toBe(true);
  });
});

describe('a migration network of its own', () => {
  const workload = probes('client');

  it('keeps migrations off the links of the VMs', () => {
    const slow = 'migration_link: { rate: 100 Mbit/s }';
    const shared = run({ workloads: workload });
    const apart = run({ hostA: slow, hostB: slow, workloads: workload });
    // 100 Mbit/s: 10 ns a bit; each of Xen's 16 batches of 1,024 pages waits for the delay of two links.
    const [first] = apart.rounds;
    expect(Math.abs(first!.endNs - first!.startNs - first!.bytes * 80 - 16 * 40 * us)).toBeLessThan(100);
    expect(shared.rounds[0]!.endNs - shared.rounds[0]!.startNs).toBeLessThan(first!.bytes * 80 * 0.2);
    // The probes of the VM do not meet it.
    const wayNs = (timeNs: number): number => timeNs % (10 * ms);
    const copied = apart.atVm.filter((timeNs) => timeNs > first!.startNs && timeNs < first!.endNs);
    expect(new Set(copied.map(wayNs))).toEqual(new Set([2 * hopNs(probeBytes)]));
  });
});
