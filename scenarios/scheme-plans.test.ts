import { describe, expect, it } from 'vitest';
import type { Cluster } from '../models/cluster.ts';
import type { ContextCompared, ContextTask, PhaseReached } from '../models/observations.ts';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

// What plans of the transport, of single engines, of address lists and of held packets do to one small world.

interface World {
  readonly scheme: string;
  readonly engines?: string;
  readonly aliases?: string;
  readonly link?: string;
  readonly initial?: string;
  readonly more?: string;
}

interface Seen {
  readonly phases: readonly PhaseReached[];
  readonly tasks: readonly ContextTask[];
  readonly contexts: readonly ContextCompared[];
  /** Numbers of the datagrams that reached the guest, in the order in which they did. */
  readonly numbers: readonly number[];
  readonly dropped: readonly string[];
}

const firewall = '{ kind: stateful-firewall, tracking: { tcp_loose: false } }';

function cluster({
  scheme,
  engines = firewall,
  aliases = '',
  link = '',
  initial,
  more = '',
}: World): Cluster {
  const rules = `table inet t { chain c { type filter hook forward priority 0; policy drop;
    ct state established accept; iifname "int0" accept; tcp dport 80 accept; udp dport 5004 accept; }; }`;
  const text = `
format: 1
until: 20 s
hosts:
  - { name: a, nse: [${engines}]${link} }
  - { name: b, nse: [${engines}]${link} }
peers: [{ name: client, address: 10.0.1.1 }]
vms: [{ name: web, host: a, address: 10.0.0.10, aliases: [${aliases}], memory: 1 MiB, policy: { rules: '${rules}' } }]
initial_context: [${initial ?? ''}]
schemes: [{ name: tried, based_on: ${scheme} }]
migration_defaults: { memory: stop-and-copy }
migrations: [{ vm: web, destination: b, at: 5 s, scheme: tried }]
${more}
`;
  const { scenario } = parseScenario('plans.yaml', text, []);
  return buildCluster(scenario, { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' });
}

function run(world: World): Seen {
  const moving = cluster(world);
  const { observations } = moving;
  const phases: PhaseReached[] = [];
  const tasks: ContextTask[] = [];
  const contexts: ContextCompared[] = [];
  const numbers: number[] = [];
  const dropped: string[] = [];
  observations.migrationPhase.subscribe((phase) => phases.push(phase));
  observations.contextTask.subscribe((task) => tasks.push(task));
  observations.contextCompared.subscribe((context) => contexts.push(context));
  observations.packetDelivered.subscribe(({ to, packet }) => to === 'vm' && numbers.push(packet.fragmentId));
  observations.packetDropped.subscribe(({ cause }) => dropped.push(cause));
  moving.run();
  return { phases, tasks, contexts, numbers, dropped };
}

function timeOf({ phases }: Seen, phase: PhaseReached['phase']): number {
  return phases.find((reached) => reached.phase === phase)!.timeNs;
}

const entries = '{ vm: web, entries: 1000, port: 80 }';
// 1000 entries of 1000 B take 0.8 ms at 10 Gbit/s, and nothing else costs anything.
const free =
  'read_per_entry: 0 s, export_fixed: 0 s, import_fixed: 0 s, import_per_entry: 0 s, bytes_per_entry: 1000 B';
// Two links of 10 ms each way between the hosts.
const far = ', link: { rate: 10 Gbit/s, delay: 10 ms }';

/** The one transfer of entries, when nothing else travels any more, in ns from its start. */
function transfer(transport: string): { lastsNs: number; exportNs: number; bytes: number } {
  const { tasks } = run({
    scheme: `com-stop, context: { entries: [after-resume], after_resume: 1 s }, cleanup: { when: never },
      reconcile: { table_full: skip }, transport: { channel: own-flow, ${free}, ${transport} }`,
    initial: entries,
    link: far,
  });
  const [task] = tasks.filter(({ part }) => part === 'entries');
  const { startNs, exportedNs, endNs, bytes } = task!;
  return { lastsNs: endNs - startNs, exportNs: exportedNs - startNs, bytes };
}

describe('a transport that is acknowledged', () => {
  const plain = transfer('encryption: { protocol: none }');

  it('takes a trip back, and the CPU time of its answers at both hosts', () => {
    // One answer for 300 entries: four of 100 B, 2 ms each at either host; 20 ms back. 400 B at 10 Gbit/s: 0.3 us.
    const answered = transfer(
      'acknowledgement: { by: destination, items_per_answer: 300, size: 100 B, per_answer: 2 ms }',
    );
    expect(answered.lastsNs - plain.lastsNs).toBeGreaterThanOrEqual(20e6 + 4 * 2e6 * 2);
    expect(answered.lastsNs - plain.lastsNs).toBeLessThan(20e6 + 4 * 2e6 * 2 + 0.01e6);
    expect(answered.bytes).toBe(plain.bytes);
  });
});

describe('a transport that is encrypted', () => {
  const plain = transfer('encryption: { protocol: none }');

  it('adds 22 bytes to each record of 16 KiB, and CPU time by the byte at both hosts', () => {
    const sealed = transfer('encryption: { protocol: tls-1.3, per_mebibyte: 100 ms, handshake: 0 s }');
    expect(plain.bytes).toBe(1_000_000);
    // 1,000,000 B fill 61 records and begin another.
    expect(sealed.bytes).toBe(1_000_000 + 62 * 22);
    const sealingNs = 100e6 * (1_000_000 / 2 ** 20);
    expect(sealed.exportNs - plain.exportNs).toBe(Math.ceil(sealingNs));
    // The bytes that are added take some 20 us more in slow start.
    expect((sealed.lastsNs - plain.lastsNs) / (2 * sealingNs)).toBeCloseTo(1, 3);
  });

  it('shakes hands at the reservation, for a round trip and CPU time of both', () => {
    const first = (protocol: string): number => {
      const seen = run({
        scheme: `com-early, transport: { channel: own-flow, ${free}, encryption: { protocol: ${protocol},
          per_mebibyte: 0 s, handshake: 5 ms } }`,
        link: far,
      });
      const [rules] = seen.tasks.filter(({ part }) => part === 'rules');
      return rules!.startNs - timeOf(seen, 'reserve');
    };
    expect(first('none')).toBe(0);
    expect(first('tls-1.3')).toBe(2 * 20e6 + 2 * 5e6);
  });

  it('shakes no hands of its own in the memory stream', () => {
    const { tasks } = run({
      scheme: 'com-stop, transport: { channel: after-pages, encryption: { protocol: tls-1.3 } }',
      link: far,
    });
    const [rules] = tasks.filter(({ part }) => part === 'rules');
    expect(rules!.startNs).toBe(5e9);
  });
});

describe('per_mebibyte', () => {
  it('is paid by both hosts for whatever travels, rules too', () => {
    const { tasks } = run({
      scheme: `com-stop, transport: { channel: own-flow, ${free}, bytes_per_rule: 1 MiB, install_fixed: 0 s,
        install_per_rule: 0 s, per_mebibyte: 3 ms }`,
      initial: entries,
    });
    const [rules] = tasks.filter(({ part }) => part === 'rules');
    // Four rules of 1 MiB each.
    expect(rules!.items).toBe(4);
    expect(rules!.exportedNs - rules!.startNs).toBe(4 * 3e6);
    expect(rules!.endNs - rules!.arrivedNs).toBe(4 * 3e6);
    const [snapshot] = tasks.filter(({ part }) => part === 'entries');
    expect(snapshot!.exportedNs - snapshot!.startNs).toBe(Math.ceil(3e6 * (1_000_000 / 2 ** 20)));
  });
});

describe('engines of one chain', () => {
  const engines = `${firewall}, { kind: source-guard, name: guard }`;
  const moved = (perEngine: string): Record<string, readonly string[]> => {
    const { tasks } = run({
      scheme: `com-rounds, context: { per_engine: [${perEngine}] }, reconcile: { table_full: skip }`,
      engines,
      initial: entries,
    });
    const moments = (engine: string, part: string): string[] =>
      tasks.filter((task) => task.engine === engine && task.part === part).map(({ moment }) => moment);
    return {
      firewall: moments('firewall', 'entries'),
      guard: moments('guard', 'entries'),
      'rules of the guard': moments('guard', 'rules'),
    };
  };

  it('move as the scheme says of all', () => {
    expect(moved('')).toEqual({
      firewall: ['at-reservation', 'stop-phase'],
      guard: ['at-reservation', 'stop-phase'],
      'rules of the guard': ['at-reservation'],
    });
  });

  it('move each at moments of its own, by name or by kind, and as the scheme says where a plan is silent', () => {
    const plan = 'entries: [after-resume], rules: [stop-phase]';
    for (const engine of ['guard', 'source-guard']) {
      expect(moved(`{ engine: ${engine}, ${plan} }`)).toEqual({
        firewall: ['at-reservation', 'stop-phase'],
        guard: ['after-resume'],
        'rules of the guard': ['stop-phase'],
      });
    }
    expect(moved('{ engine: guard, entries: [] }')).toMatchObject({
      guard: [],
      'rules of the guard': ['at-reservation'],
    });
  });

  it('hold the guest up only where the gate waits for them', () => {
    // The firewall's import in the stop phase takes 2 s; the guard's items cost nothing.
    const stopped = (gated: boolean): number => {
      const seen = run({
        scheme: `com-stop, transport: { channel: own-flow, import_fixed: 2 s },
          context: { per_engine: [{ engine: firewall, gated: ${gated} }] }`,
        engines,
        initial: entries,
      });
      return timeOf(seen, 'activate') - timeOf(seen, 'stop');
    };
    expect(stopped(true) - stopped(false)).toBeGreaterThan(1.9e9);
    expect(stopped(false)).toBeLessThan(0.1e9);
  });

  it('have fidelity and cap of their own', () => {
    const { contexts, phases } = run({
      scheme: `com-stop, context: { per_engine: [{ engine: stateful-firewall,
        cap: { bytes: unlimited, entries: 999, beyond: move-nothing } }] }`,
      engines,
      initial: entries,
    });
    expect(phases.some(({ phase }) => phase === 'failed')).toBe(false);
    const missing = Object.fromEntries(contexts.map((context) => [context.engine, context.missing]));
    expect(missing).toEqual({ firewall: 1000, guard: 0 });
  });
});

describe('a list of addresses', () => {
  // 1000 entries over four addresses of the VM: 250 each.
  const aliases = '10.0.0.11, 10.0.0.12, 10.0.0.13';
  const limited = (limit: string): Seen =>
    run({
      scheme: `com-early, selection: { by: address, address_limit: { ${limit} } }`,
      initial: entries,
      aliases,
    });

  it('finds the entries of all of them where it is long enough', () => {
    for (const limit of ['addresses: 4, beyond: fail', 'addresses: unlimited, beyond: move-nothing']) {
      const [context] = limited(limit).contexts;
      expect(context).toMatchObject({ itemsAtFreeze: 1000, missing: 0 });
    }
  });

  it('keeps the VM, its entries, or those of the addresses that it does not name', () => {
    expect(() => limited('addresses: 3, beyond: fail')).toThrow(
      'web has 4 addresses, and tried moves no VM with more than 3',
    );
    const [nothing] = limited('addresses: 3, beyond: move-nothing').contexts;
    expect(nothing).toMatchObject({ itemsAtFreeze: 1000, missing: 1000 });
    const [first] = limited('addresses: 3, beyond: first').contexts;
    expect(first).toMatchObject({ itemsAtFreeze: 1000, missing: 250 });
  });
});

describe('entries of older rules', () => {
  // The connections to port 80 travel at the reservation, but arrive after 2 s; meanwhile the destination's rules close it.
  const missing = (checked: boolean, delay: string): number => {
    const closed = 'table inet t { chain c { type filter hook forward priority 0; policy drop; }; }';
    const { contexts } = run({
      scheme: `com-stop, context: { entries: [at-reservation] }, reconcile: { check_policy: true,
        check_entries: ${checked} }, transport: { channel: own-flow, import_fixed: 2 s }`,
      initial: entries,
      more: `controller: [{ vm: web, at: 6 s, policy: { rules: '${closed}' }, delays: { a: ${delay}, b: 0 s } }]`,
    });
    return contexts[0]!.missing;
  };

  it('are all loaded, or only those whose connection the newer rules would let open', () => {
    expect(missing(false, 'never')).toBe(0);
    expect(missing(true, 'never')).toBe(1000);
  });
});

describe('held packets', () => {
  // Pages take 0.84 s at 10 Mbit/s. A datagram of 972 B, 1 kB with its headers, every two milliseconds: the 420 held take
  // 0.34 s at that rate, while later ones reach the destination by another link.
  const more = (every: string): string => `
workloads: [{ kind: media-stream, name: stream, vm: web, peer: client, initiator: peer, port: 5004, flows: 1, start: 1 s,
  by_peer: { every: ${every}, size: 972 B }, by_vm: { every: never, size: 1 B }, stop: 9 s }]`;
  const link = ', migration_link: { rate: 10 Mbit/s, delay: 20 us }';
  const order = (how: string, max = '10 MB', every = '2 ms'): Seen =>
    run({
      scheme: `com-stop, in_flight: { freeze: before-chain, packets: hold, hold_max: ${max}, order: ${how} },
        cutover: { announce: [0 s] }`,
      more: more(every),
      link,
    });
  const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

  it('come after what overtakes them on its way', () => {
    const { numbers, dropped } = order('as-they-come');
    expect(dropped).toEqual([]);
    expect(numbers).not.toEqual(sorted(numbers));
    expect(numbers).toHaveLength(4001);
  });

  it('come first where the destination waits for them, in the order of all', () => {
    const { numbers, dropped } = order('held-first');
    expect(dropped).toEqual([]);
    expect(numbers).toEqual(sorted(numbers));
    expect(numbers).toHaveLength(4001);
  });

  it('leave no more waiting behind them than the limit lets', () => {
    // 100 of 1 kB are held in the pause, and later ones dropped there. They take 80 ms, in which 160 come to the destination.
    const { numbers, dropped } = order('held-first', '100 kB', '500 us');
    expect(numbers).toEqual(sorted(numbers));
    const behind = dropped.filter((cause) => cause === 'queue').length;
    expect(Math.abs(behind - 60)).toBeLessThanOrEqual(2);
  });

  it('are waited for no longer when the daemon that had to bring them dies', () => {
    // The cable of migrations is cut for good as the guest resumes, so that nothing held ever arrives.
    const waiting = (faults: string): number => {
      const { numbers } = run({
        scheme: `com-stop, in_flight: { freeze: before-chain, packets: hold, hold_max: 10 MB, order: held-first },
          cutover: { announce: [0 s] }`,
        more: `${more('2 ms')}\nfaults: [{ kind: link-cut, host: a, link: migrations,
          after: { migration: web, phase: activate } }${faults}]`,
        link,
      });
      return numbers.length;
    };
    // 500 datagrams a second from 1 s to 9 s, none of them after some 5.8 s, or 6.8 s to 9 s again.
    const lost = waiting('');
    const crash = ', { kind: daemon-crash, host: a, after: { migration: web, phase: activate, delay: 1 s } }';
    expect(waiting(crash) - lost).toBeGreaterThan(1000);
    expect(lost).toBeLessThan(2100);
  });
});
