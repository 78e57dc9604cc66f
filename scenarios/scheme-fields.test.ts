import { describe, expect, it } from 'vitest';
import type {
  ConnectionEnded,
  ContextCompared,
  ContextTask,
  PacketDropped,
  PhaseReached,
} from '../models/observations.ts';
import { ScenarioError } from '../sim/assert.ts';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';
import { schemePresets } from './presets/scheme-presets.ts';
import { schemeContradictions } from './scheme-contradictions.ts';

// Each field of a scheme changes what packets and entries show; here two values of it meet the same small world.

interface Seen {
  readonly phases: readonly PhaseReached[];
  readonly ended: readonly ConnectionEnded[];
  readonly tasks: readonly ContextTask[];
  readonly context: ContextCompared;
  /** What was dropped for the cause `not-activated`. */
  readonly early: readonly PacketDropped[];
}

interface World {
  readonly scheme: string;
  readonly table?: string;
  readonly destinationMax?: number;
  readonly initial?: string;
  readonly workloads?: string;
}

function scenarioText({ scheme, table = 'per-vm', destinationMax = 0, initial = '', workloads = '' }: World) {
  const engine = (max: number): string =>
    `[{ kind: stateful-firewall, name: firewall, table: ${table}, tracking: { max: ${max}, tcp_loose: false } }]`;
  const policy = `{ rules: 'table inet t { chain c { type filter hook forward priority 0; policy drop;
    ct state established accept; iifname "int0" accept; tcp dport { 80, 5000 } ct state new accept; }; }' }`;
  return `
format: 1
until: 20 s
hosts: [{ name: a, nse: ${engine(0)} }, { name: b, nse: ${engine(destinationMax)} }]
peers: [{ name: client, address: 10.0.1.1 }]
vms:
  - { name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: ${policy} }
  - { name: other, host: ${destinationMax === 0 ? 'a' : 'b'}, address: 10.0.0.11, memory: 64 MiB, policy: ${policy} }
initial_context: [${initial}]
workloads: [${workloads}]
schemes: [{ name: tried, based_on: ${scheme} }]
migration_defaults: { memory: stop-and-copy }
migrations: [{ vm: web, destination: b, at: 5 s, scheme: tried }]
`;
}

function run(world: World): Seen {
  const { scenario } = parseScenario('fields.yaml', scenarioText(world), []);
  const cluster = buildCluster(scenario, {
    seed: 1,
    repetition: 0,
    scheme: 'as-written',
    replayCommand: '',
  });
  const phases: PhaseReached[] = [];
  const ended: ConnectionEnded[] = [];
  const tasks: ContextTask[] = [];
  const compared: ContextCompared[] = [];
  cluster.observations.migrationPhase.subscribe((phase) => phases.push(phase));
  cluster.observations.connectionEnded.subscribe((end) => ended.push(end));
  cluster.observations.contextTask.subscribe((task) => tasks.push(task));
  cluster.observations.contextCompared.subscribe((context) => compared.push(context));
  const early: PacketDropped[] = [];
  cluster.observations.packetDropped.subscribe((drop) => drop.cause === 'not-activated' && early.push(drop));
  cluster.run();
  return { phases, ended, tasks, context: compared[0]!, early };
}

function reasonOf({ phases }: Seen): string | undefined {
  return phases.find(({ phase }) => phase === 'failed')?.reason;
}

const conversation = (more: string): string =>
  `{ kind: request-response, name: ask, vm: web, peer: client, port: 80, connections: 3, ${more} }`;

describe('session_reset', () => {
  const workloads = conversation('think: 200 ms, reconnect: { after: 1 s }');

  it('ends the moved VM’s connections at both ends, and their clients open new ones by their own timer', () => {
    const seen = run({ scheme: 'com-stop, cutover: { session_reset: true }', workloads });
    const activeNs = seen.phases.find(({ phase }) => phase === 'activate')!.timeNs;
    const times = (how: string, end: string): number[] =>
      seen.ended.filter((one) => one.how === how && one.end === end).map(({ timeNs }) => timeNs);
    expect(times('reset', 'vm')).toEqual([activeNs, activeNs, activeNs]);
    expect(times('reset', 'peer')).toHaveLength(3);
    // A second after the reset, plus a round trip on a network of some tens of microseconds.
    for (const timeNs of times('reconnected', 'peer')) {
      expect(timeNs - activeNs).toBeGreaterThan(1e9);
      expect(timeNs - activeNs).toBeLessThan(1.05e9);
    }
    expect(times('reconnected', 'peer')).toHaveLength(3);
  });

  it('leaves them alone otherwise', () => {
    expect(run({ scheme: 'com-stop', workloads }).ended).toEqual([]);
  });
});

describe('reconnect', () => {
  it('gives a connection up that a lost context has killed, when a request waits too long', () => {
    const workloads = conversation('think: 200 ms, reconnect: { after: 100 ms, unanswered: 3 s }');
    const { ended } = run({ scheme: 'rules-only, cutover: { announce: [0 s] }', workloads });
    expect(ended.filter(({ how, end }) => how === 'reconnected' && end === 'peer')).toHaveLength(3);
  });
});

describe('entries on demand', () => {
  it('are fetched for several connections at a time, each by a transfer of its own', () => {
    const plans = 'context: { entries: [on-demand] }, reconcile: { table_full: skip }';
    const { tasks, ended } = run({
      scheme: `com, ${plans}, cleanup: { when: after-resume, delay: 5 s }, transport: { bytes_per_entry: 10 MB }`,
      workloads: conversation('think: 10 ms'),
    });
    const fetched = tasks.filter(({ moment }) => moment === 'on-demand');
    expect(fetched.map(({ items }) => items)).toEqual([1, 1, 1]);
    // 10 MB take 8 ms at 10 Gbit/s, and clients that think for 10 ms ask within that.
    const [first, , last] = fetched;
    expect(last!.exportedNs).toBeLessThan(first!.arrivedNs);
    expect(ended).toEqual([]);
  });
});

describe('read_per_entry', () => {
  it('is paid for each entry of the table at each reading, however few have changed since the last one', () => {
    const free = 'export_fixed: 0 s, export_per_entry: 0 s, import_fixed: 0 s, import_per_entry: 0 s';
    const { tasks } = run({
      scheme: `com-early, transport: { channel: own-flow, read_per_entry: 1 ms, ${free} }`,
      initial: '{ vm: web, entries: 50, port: 80 }',
    });
    const [snapshot, difference] = tasks.filter(({ part }) => part === 'entries');
    expect([snapshot?.items, difference?.items]).toEqual([50, 0]);
    // 50 entries at 1 ms; 50 times 188 bytes take 8 us at 10 Gbit/s, as fluid with a delay of some tens of us.
    for (const task of [snapshot, difference]) {
      expect(task!.endNs - task!.startNs).toBeGreaterThanOrEqual(50e6);
      expect(task!.endNs - task!.startNs).toBeLessThan(51e6);
    }
  });
});

describe('timeouts', () => {
  const initial = '{ vm: web, entries: 50, port: 80 }';
  // Entries of 5 s of age: 432,000 s less 5 s are left. 4 s pass on the way: 50 entries in the 4 s that each load takes.
  const slow = 'transport: { import_fixed: 4 s }';

  it('keep the time on the way when they are absolute, and gain it when they are what remained', () => {
    const stale = (rule: string): number =>
      run({ scheme: `com-stop, ${slow}, reconcile: { timeouts: ${rule} }`, initial }).context.stale;
    expect(stale('remaining')).toBe(50);
    expect(stale('absolute')).toBe(0);
  });

  it('begin anew when they restart', () => {
    const stale = (rule: string): number =>
      run({ scheme: `com-stop, reconcile: { timeouts: ${rule} }`, initial }).context.stale;
    expect(stale('remaining')).toBe(0);
    expect(stale('restart')).toBe(50);
  });
});

describe('a full table', () => {
  const world = (tableFull: string): World => ({
    scheme: `com-stop, reconcile: { table_full: ${tableFull} }`,
    table: 'shared',
    destinationMax: 60,
    initial: '{ vm: web, entries: 40, port: 80 }, { vm: other, entries: 50, port: 5000 }',
  });

  it('fails the migration, and the VM stays', () => {
    const seen = run(world('fail'));
    expect(reasonOf(seen)).toBe('the destination’s table is full');
    expect(seen.phases.some(({ phase }) => phase === 'commit')).toBe(false);
  });

  it('refuses what finds no room, or makes room', () => {
    // 50 of 60 places are taken: 10 of 40 entries fit.
    expect(run(world('skip')).context.missing).toBe(30);
    expect(run(world('evict')).context.missing).toBe(0);
  });
});

describe('an entry whose other end stays', () => {
  const workloads = `{ kind: request-response, name: east-west, vm: web, peer: other, initiator: vm, port: 5000,
    connections: 4, think: 200 ms, stop: 4 s }`;
  const context = (rule: string): ContextCompared =>
    run({
      scheme: `com-stop, selection: { shared_entry: ${rule} }, cleanup: { when: at-commit, by: interface }`,
      table: 'shared',
      workloads,
    }).context;

  it('is copied, moved, or left and deleted', () => {
    expect(context('copy')).toMatchObject({ itemsAtFreeze: 4, missing: 0, leftBehind: 4 });
    expect(context('move')).toMatchObject({ itemsAtFreeze: 4, missing: 0, leftBehind: 0 });
    expect(context('delete')).toMatchObject({ itemsAtFreeze: 4, missing: 4, leftBehind: 0 });
  });
});

describe('continuous replication', () => {
  it('sends batches of the size that the scheme says', () => {
    const initial = '{ vm: web, entries: 30, port: 80 }';
    const sizes = (batch: number): number[] =>
      run({ scheme: `conntrackd-like, memory: xen-legacy, context: { batch_entries: ${batch} }`, initial })
        .tasks.filter(({ part, items }) => part === 'entries' && items > 0)
        .map(({ items }) => items);
    expect(sizes(12)).toEqual([12, 12, 6]);
    expect(sizes(100)).toEqual([30]);
  });
});

describe('a preset', () => {
  it.each(schemePresets.map(({ scheme }) => [scheme.name, scheme] as const))(
    'does not contradict itself: %s',
    (_, scheme) => {
      expect(schemeContradictions(scheme, { hosts: [], routes: [], ownEngines: false })).toEqual([]);
    },
  );
});

describe('activate_on', () => {
  const workloads = conversation('think: 20 ms, asks: vm');

  /** The times after the resume, in ms, at which packets were turned away since the destination was shut. */
  function turnedAwayMs(cutover: string, more = ''): number[] {
    const seen = run({ scheme: `com-stop, cutover: { ${cutover} }${more}`, workloads });
    const activeNs = seen.phases.find(({ phase }) => phase === 'activate')!.timeNs;
    return seen.early.map(({ timeNs }) => (timeNs - activeNs) / 1e6);
  }

  it('opens the destination at the resume, or keeps it shut until the VM is announced', () => {
    expect(turnedAwayMs('announce: [500 ms], activate_on: resume')).toEqual([]);
    const shut = turnedAwayMs('announce: [500 ms], activate_on: announcement');
    // The VM's requests and their resends, 200 and 400 ms later.
    expect(Math.max(...shut)).toBeGreaterThan(200);
    expect(Math.max(...shut)).toBeLessThan(500);
  });

  it('waits with announce_when for a context that comes after the resume', () => {
    // The load after the resume takes 2 s; the announcement is due 100 ms after the resume.
    const late =
      ', context: { entries: [after-resume], after_resume: 0 s }, transport: { import_fixed: 2 s }' +
      ', reconcile: { table_full: skip }, cleanup: { when: never }';
    const cutover = 'announce: [100 ms], activate_on: announcement';
    const resumed = turnedAwayMs(`${cutover}, announce_when: resumed`, late);
    const complete = turnedAwayMs(`${cutover}, announce_when: context-complete`, late);
    expect(Math.max(...resumed)).toBeLessThan(100);
    expect(Math.max(...complete)).toBeGreaterThan(1000);
    expect(Math.max(...complete)).toBeLessThan(2100);
  });
});

describe('a scheme that contradicts itself', () => {
  const problem = (scheme: string, table?: string): string[] => {
    try {
      parseScenario('fields.yaml', scenarioText(table === undefined ? { scheme } : { scheme, table }), []);
    } catch (error) {
      if (error instanceof ScenarioError) return error.problems.map(({ place }) => place.split(' ')[1]!);
      throw error;
    }
    return [];
  };

  it.each([
    ['stock-drop, context: { gate: { waits: true, timeout: never, then: resume } }', 'context.gate.waits'],
    ['stock-drop, context: { gate: { waits: false, timeout: 1 s, then: resume } }', 'context.gate.timeout'],
    ['rules-only, context: { cap: { bytes: 1 MiB, entries: unlimited, beyond: fail } }', 'context.cap'],
    ['conntrackd-like, context: { lag: 0 s }', 'context.lag'],
    ['achelous-tr-ss, reconcile: { table_full: fail }', 'reconcile.table_full'],
    ['com, in_flight: { packets: hold, hold_max: 0 B }', 'in_flight.hold_max'],
    ['com, cleanup: { delay: 1 s }', 'cleanup.delay'],
    ['com, context: { rules: [at-reservation, on-demand] }', 'context.rules'],
    ['com, context: { engines: [firewal] }', 'context.engines'],
    ['remote-state, context: { entries: [stop-phase] }', 'context.entries'],
    ['com, memory: post-copy, context: { entries: [each-round] }', 'context.entries'],
    ['com, memory: stop-and-copy, context: { rules: [each-round] }', 'context.rules'],
    ['com, context: { lookup: 1 ms }', 'context.lookup'],
    ['com, cutover: { drain_detour: 1 ms }', 'cutover.drain_detour'],
    ['drain-appliance, cleanup: { when: at-commit }', 'cleanup.when'],
    ['com, cleanup: { when: when-drained }', 'cleanup.when'],
    ['com, cutover: { announce: [], activate_on: announcement }', 'cutover.activate_on'],
    ['com, in_flight: { order: held-first }', 'in_flight.order'],
    ['com, selection: { address_limit: { addresses: 127 } }', 'selection.address_limit.addresses'],
    ['stock-drop, transport: { encryption: { protocol: tls-1.3 } }', 'transport.encryption.protocol'],
    ['stock-drop, transport: { acknowledgement: { by: destination } }', 'transport.acknowledgement.by'],
    ['rules-only, reconcile: { check_entries: true }', 'reconcile.check_entries'],
    ['com, context: { per_engine: [{ engine: guard }] }', 'context.per_engine[0].engine'],
    [
      'com, context: { per_engine: [{ engine: firewall }, { engine: firewall }] }',
      'context.per_engine[1].engine',
    ],
    [
      'com, context: { per_engine: [{ engine: firewall, rules: [on-demand] }] }',
      'context.per_engine[0].rules',
    ],
    [
      'com, context: { per_engine: [{ engine: firewall, entries: [], cap: { entries: 5 } }] }',
      'context.per_engine[0].cap',
    ],
    ['com, context: { per_engine: [{ engine: firewall, entries: [after-resume] }] }', 'reconcile.table_full'],
    ['com, context: { per_engine: [{ engine: firewall, entries: [continuously] }] }', 'context.lag'],
    [
      'stock-drop, context: { gate: { waits: true }, per_engine: [{ engine: firewall, rules: [stop-phase], gated: false }] }',
      'context.gate.waits',
    ],
    [
      'remote-state, context: { per_engine: [{ engine: firewall, entries: [stop-phase] }] }',
      'context.entries',
    ],
  ])('is refused before the run: %s', (scheme, field) => {
    expect(problem(scheme)).toEqual([`schemes[0].${field}`]);
  });

  it('is refused where it tells VMs apart by what the tables do not hold', () => {
    expect(problem('com, selection: { by: zone }', 'marked')).toEqual(['schemes[0].selection.by']);
    expect(problem('com, selection: { by: zone }', 'per-zone')).toEqual([]);
  });
});

describe('a migration of a VM that is moving', () => {
  it('is refused where the file says so, and fails where only the run can tell', () => {
    const text = scenarioText({ scheme: 'com-stop' });
    const twice = (second: string): (() => unknown) => {
      return () =>
        parseScenario('f.yaml', text.replace('scheme: tried }]', `scheme: tried }, ${second}]`), []);
    };
    expect(twice('{ vm: web, destination: a, at: 5 s }')).toThrow('web is moving already by then');
    const early = '{ vm: web, destination: a, after: { migration: web, phase: reserve } }]\nmax_at_once: 2';
    const { scenario } = parseScenario(
      'f.yaml',
      text.replace('scheme: tried }]', `scheme: tried }, ${early}`),
      [],
    );
    const cluster = buildCluster(scenario, {
      seed: 1,
      repetition: 0,
      scheme: 'as-written',
      replayCommand: '',
    });
    const failed: PhaseReached[] = [];
    cluster.observations.migrationPhase.subscribe((at) => at.phase === 'failed' && failed.push(at));
    cluster.run();
    expect(failed.map(({ migration, reason }) => `${migration}: ${reason}`)).toEqual([
      'web-2: the VM is moving already',
    ]);
  });
});
