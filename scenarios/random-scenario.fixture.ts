import type { ListenSettings } from '../models/network/listen-queue.ts';
import { Chance } from '../sim/random.ts';
import { ms, s } from '../sim/time.ts';
import type { MemoryAccess } from '../models/compute/memory-access.ts';
import { cpuBound, pageBytes } from '../models/compute/memory-access.ts';
import { ipv4 } from '../models/network/address.ts';
import type { AttackKind } from '../models/network/packet.ts';
import type { Ruleset } from '../models/security/ruleset.ts';
import { randomHost } from './random-host.fixture.ts';
import type {
  FaultSpec,
  HostSpec,
  LinkSpec,
  MiddleboxSpec,
  MigrationSpec,
  PolicyUpdateSpec,
  Scenario,
  VirtualMachineSpec,
} from './scenario.ts';
import { Dice } from './dice.fixture.ts';
import { migrationAttempts } from './migration-attempts.ts';
import { schemePresets } from './presets/scheme-presets.ts';
import { randomScheme } from './random-scheme.fixture.ts';
import { usualTcp } from './tcp-settings-of.ts';
import { randomTraffic } from './random-traffic.fixture.ts';
import type { WorkloadSpec } from './workload-spec.ts';

/**
 * A small scenario drawn from a seed, for tests of what must always hold. Features are switched off altogether
 * with even odds, so that rare combinations of the others are met (swarm testing: Groce et al., ISSTA 2012).
 */
export function randomScenario(seed: number, policy: Ruleset, otherPolicy: Ruleset): Scenario {
  const dice = new Dice(new Chance(seed, 0).stream('scenario', 'swarm'));
  const features = new Set(allFeatures.filter(() => dice.coin()));
  const has = (feature: Feature): boolean => features.has(feature);
  const hosts = dice.between(2, 4);
  const guests = has('several-vms') ? dice.between(2, 4) : 1;
  const links = (): LinkSpec => ({
    rateBps: dice.pick([100e6, 1e9, 10e9]),
    delayNs: dice.between(1, 5 * ms),
    queueBytes: dice.pick([20_000, 1_000_000]),
    lossPerFrame: has('loss') ? dice.pick([0, 0.001, 0.02]) : 0,
    jitterNs: has('jitter') ? dice.between(1, 2 * ms) : 0,
    reorders: has('jitter') && dice.coin(),
    queueing: has('fair-queues') ? dice.pick(['drop-tail', 'fair'] as const) : 'drop-tail',
  });
  const table = has('shared-tables') ? dice.pick(['per-zone', 'marked', 'shared'] as const) : 'per-vm';
  const hostSpecs = range(hosts).map((index) => randomHost(`host-${index}`, table, links(), dice, has));
  const machines = range(guests).map((index) => machine(index, hosts, policy, dice, has));
  return {
    format: 1,
    modules: [],
    name: `random-${seed}`,
    description: `drawn from seed ${seed}: ${[...features].join(', ')}`,
    seed,
    repetitions: 1,
    startWindowNs: { from: 0, to: has('start-window') ? 500 * ms : 0 },
    untilNs: dice.between(5, 30) * s,
    hosts: hostSpecs.map((host) => ({
      ...host,
      memoryBytes: Math.max(host.memoryBytes, startBytes(host, machines)),
    })),
    peers: [
      { name: 'client', address: ipv4(0x0a00_0101), link: links(), returnLink: links() },
      { name: 'server', address: ipv4(0x0a00_0102), link: links(), returnLink: links() },
    ],
    switchLearnNs: has('slow-switch') ? dice.between(1, 300 * ms) : 0,
    sharingIntervalNs: 10 * ms,
    streamStart: 'slow-start',
    tcp: has('short-queues') ? { ...usualTcp, listen: randomListen(dice) } : usualTcp,
    overlay: has('overlay')
      ? { encapsulationBytes: 50, learn: { kind: 'exponential', meanNs: dice.between(1, 500 * ms) } }
      : 'none',
    middleboxes: has('middlebox') ? [middlebox(otherPolicy, dice, hostSpecs)] : [],
    virtualMachines: machines,
    workloads: [
      ...machines.flatMap((vm, index) => workloads(vm, index, dice, has)),
      ...machines.flatMap((vm, index) => randomTraffic(vm.name, index, dice, has)),
      ...(has('neighbours') ? machines.slice(1).map((vm, index) => neighbours(vm, index, dice)) : []),
    ],
    initialContext: has('initial-context') ? [{ vm: 'vm-0', entries: dice.between(1, 500), port: 80 }] : [],
    controller: has('policy-update') ? [update(hostSpecs, otherPolicy, dice)] : [],
    migrations: machines.flatMap((vm, index) => migrations(vm, index, hosts, dice, has)),
    faults: has('faults') ? machines.flatMap((_, index) => faults(index, hosts, dice)) : [],
    migrationsPerHostMax: dice.between(1, 2),
    schemes: [],
    derivedSchemes: [],
  };
}

const allFeatures = [
  'several-vms',
  'loss',
  'shared-tables',
  'start-window',
  'slow-switch',
  'initial-context',
  'policy-update',
  'separate-migration-link',
  'little-memory',
  'attacks',
  'probes',
  'moves-on',
  'gives-up',
  'odd-timers',
  'small-tables',
  'odd-schemes',
  'neighbours',
  'reconnects',
  'faults',
  'jitter',
  'fair-queues',
  'overlay',
  'middlebox',
  'short-cpus',
  'busy-guests',
  'engine-chains',
  'sessions',
  'file-transfers',
  'streams',
  'questions',
  'recorded',
  'aliases',
  'short-queues',
  'tries-again',
] as const;
type Feature = (typeof allFeatures)[number];
export type Has = (feature: Feature) => boolean;

function middlebox(policy: Ruleset, dice: Dice, hosts: readonly HostSpec[]): MiddleboxSpec {
  return {
    name: 'box',
    at: dice.pick(['client', 'host-0', 'host-1']),
    sees: dice.pick(['both', 'outgoing', 'incoming']),
    engine: hosts[0]!.engines.find((engine) => engine.kind === 'stateful-firewall')!,
    policy,
  };
}

function machine(index: number, hosts: number, policy: Ruleset, dice: Dice, has: Has): VirtualMachineSpec {
  const pages = dice.pick([1_000, 10_000, 50_000]);
  return {
    name: `vm-${index}`,
    host: `host-${index % hosts}`,
    address: ipv4(0x0a00_0202 + index),
    aliases: has('aliases') ? [ipv4(0x0a00_0302 + index)] : [],
    memoryBytes: pages * pageBytes,
    memory: memoryAccess(pages, dice),
    policy,
    timers: has('odd-timers') ? dice.pick(['catch-up', 'running'] as const) : 'frozen',
    vcpus: dice.between(1, 2),
    loadCpus: has('busy-guests') ? dice.pick([0.1, 1]) : 0,
    cpuWeight: dice.pick([128, 256]),
    byteNs: has('busy-guests') ? dice.pick([0, 10]) : 0,
    frameNs: has('busy-guests') ? dice.pick([0, 10_000, 1_000_000]) : 0,
  };
}

/** What the VMs need that the host starts with. */
function startBytes({ name }: HostSpec, machines: readonly VirtualMachineSpec[]): number {
  return machines.reduce((sum, { host, memoryBytes }) => sum + (host === name ? memoryBytes : 0), 0);
}

function memoryAccess(pages: number, dice: Dice): MemoryAccess {
  const schedule = { kind: 'constant' } as const;
  const growth = { kind: 'growth', pages, pagesInOneSecond: pages / 20, exponent: 0.4, schedule } as const;
  const still = { kind: 'unwritten', pages, content: 'data' } as const;
  return {
    detail: dice.pick(['expected', 'binomial'] as const),
    regions: [dice.pick([growth, still])],
    pacing: cpuBound,
  };
}

function workloads(vm: VirtualMachineSpec, index: number, dice: Dice, has: Has): WorkloadSpec[] {
  const common = { vm: vm.name, startNs: 100 * ms, stopNs: 4 * s };
  const rate = {
    think: { kind: 'exponential', meanNs: dice.between(20, 500) * ms },
    rampNs: 500 * ms,
  } as const;
  const conversation = (
    name: string,
    initiator: 'peer' | 'vm',
    asks: 'peer' | 'vm',
    port: number,
  ): WorkloadSpec => ({
    ...common,
    ...rate,
    kind: 'request-response',
    name: `${name}-${index}`,
    peer: initiator === 'peer' ? 'client' : 'server',
    initiator,
    asks,
    port: initiator === 'peer' ? port : port + index,
    connections: dice.between(1, 10),
    requestBytes: dice.between(1, 2_000),
    responseBytes: dice.pick([1, 1_000, 200_000]),
    reconnect: has('reconnects')
      ? { afterNs: dice.between(0, 500) * ms, unansweredNs: dice.pick([1 * s, Infinity]) }
      : { afterNs: Infinity, unansweredNs: Infinity },
  });
  const found: WorkloadSpec[] = [
    conversation('ask', 'peer', 'peer', 80),
    conversation('push', 'peer', 'vm', 443),
    conversation('fetch', 'vm', 'vm', 5432),
  ];
  if (has('attacks')) {
    const peer = dice.pick(['client', 'server']);
    const kinds = attackKinds.filter(() => dice.coin());
    const ports = { openPort: 80, closedPort: 9_999, periodNs: 50 * ms };
    found.push({ ...common, ...ports, kind: 'attack', name: `attack-${index}`, peer, kinds });
  }
  if (has('probes')) {
    const timing = { periodNs: 10 * ms, deadlineNs: 1 * s };
    found.push({ ...common, ...timing, kind: 'probe', name: `probe-${index}`, peer: 'client', port: 7 });
  }
  return found;
}

/** Every VM but the first asks the first one. */
function neighbours(vm: VirtualMachineSpec, index: number, dice: Dice): WorkloadSpec {
  return {
    kind: 'request-response',
    name: `neighbour-${index}`,
    vm: vm.name,
    peer: 'vm-0',
    initiator: 'vm',
    asks: dice.pick(['peer', 'vm'] as const),
    port: 6_000 + index,
    connections: dice.between(1, 5),
    requestBytes: 300,
    responseBytes: 3_000,
    reconnect: { afterNs: Infinity, unansweredNs: Infinity },
    think: { kind: 'constant', ns: 50 * ms },
    startNs: 100 * ms,
    rampNs: 100 * ms,
    stopNs: 4 * s,
  };
}

const attackKinds: readonly AttackKind[] = [
  'syn-closed-port',
  'udp-closed-port',
  'syn-ack-unsolicited',
  'rst-live-flow',
  'rst-live-flow-of-vm',
  'data-live-flow',
  'data-idle-flow',
  'closed-flow-tuple',
  'udp-live-flow',
  'syn-flood',
  'port-scan',
  'spoofed-source',
];

/** One move for each VM; with `moves-on`, a second one once the first has settled or while it goes on. */
function migrations(
  vm: VirtualMachineSpec,
  index: number,
  hosts: number,
  dice: Dice,
  has: Has,
): MigrationSpec[] {
  const preset = dice.pick(schemePresets).scheme;
  const scheme = has('odd-schemes') ? randomScheme(preset, dice) : preset;
  const hostAt = (offset: number): string => `host-${(index + offset) % hosts}`;
  const first: MigrationSpec = {
    name: `move-${index}`,
    move: `move-${index}`,
    attempt: 1,
    vm: vm.name,
    source: hostAt(0),
    destination: hostAt(1),
    scheme,
    trigger: { kind: 'time', atNs: dice.between(500, 2_000) * ms },
    giveUpNs: has('gives-up') ? dice.between(1, 3_000) * ms : Infinity,
  };
  const attempts = has('tries-again')
    ? migrationAttempts(first, dice.between(2, 3), dice.between(0, 2_000) * ms)
    : [first];
  if (!has('moves-on')) return attempts;
  const second: MigrationSpec = {
    ...first,
    name: `move-on-${index}`,
    move: `move-on-${index}`,
    source: hostAt(1),
    destination: hostAt(dice.pick([0, hosts - 1 > 1 ? 2 : 0])),
    trigger: {
      kind: 'phase',
      migrations: attempts.map(({ name }) => name),
      phase: 'learnt',
      delayNs: dice.between(0, 1_000) * ms,
    },
  };
  const elsewhere: MigrationSpec = {
    ...first,
    name: `elsewhere-${index}`,
    move: `elsewhere-${index}`,
    destination: hostAt(dice.pick([1, hosts > 2 ? 2 : 1])),
    trigger: { kind: 'phase', migrations: [attempts.at(-1)!.name], phase: 'failed', delayNs: 0 },
  };
  return [...attempts, second, elsewhere];
}

/** Something goes wrong at the source or the destination of the VM's first move, in some phase of it. */
function faults(index: number, hosts: number, dice: Dice): FaultSpec[] {
  const phase = dice.pick(['request', 'reserve', 'round', 'stop', 'commit', 'activate', 'learnt'] as const);
  const common = {
    host: `host-${(index + dice.between(0, 1)) % hosts}`,
    trigger: { kind: 'phase', migrations: [`move-${index}`], phase, delayNs: dice.between(0, 50) * ms },
    durationNs: dice.pick([300 * ms, 3 * s, Infinity]),
  } as const;
  const link = dice.pick(['vms', 'migrations'] as const);
  return [
    dice.pick<FaultSpec>([
      { kind: 'link-cut', link, ...common },
      { kind: 'link-loss', link, lossPerFrame: 0.1, ...common },
      { kind: 'host-crash', ...common },
      { kind: 'daemon-crash', ...common },
      { kind: 'refusal', ...common },
      { kind: 'slowness', factor: 1_000, ...common },
    ]),
  ];
}

function randomListen(dice: Dice): ListenSettings {
  return {
    backlog: dice.pick([1, 8, 64]),
    synCookies: dice.pick(['never', 'when-full', 'always'] as const),
    synBacklog: dice.pick([4, 256]),
    timestamps: dice.coin(),
    places: dice.pick(['backlog', 'buckets'] as const),
  };
}

const updateDelays: readonly PolicyUpdateSpec['delays'][number]['delay'][] = [
  { kind: 'constant', ns: 0 },
  { kind: 'constant', ns: 200 * ms },
  { kind: 'exponential', meanNs: 200 * ms },
  'never',
];

function update(hosts: readonly HostSpec[], policy: Ruleset, dice: Dice): PolicyUpdateSpec {
  const delays = hosts.map(({ name }) => ({ host: name, delay: dice.pick(updateDelays) }));
  return { vm: 'vm-0', atNs: dice.between(500, 3_000) * ms, policy, delays };
}

function range(count: number): number[] {
  return [...new Array<unknown>(count).keys()];
}
